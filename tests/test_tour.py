"""docs/tour.ipynb runs from top to bottom, and holds nothing of the machine that ran it."""

import re
from pathlib import Path

import nbformat
import pytest
from run_tour import NOTEBOOK, executed

from tests.helpers.quoted import ROOT


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def outputs_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_it_was_run_in_order_without_an_error(notebook):
    """What a reader sees is of one run."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for output in outputs_of(notebook)}
    assert len(code) > 8 and kinds <= {"execute_result", "stream", "display_data"}


def test_nothing_of_a_machine_is_in_it():
    """No place of the system that ran it: RAVDESS's folder in an example is the only one."""
    text = NOTEBOOK.read_text()
    places = re.findall(r"(?<![\w.:/<*])/\w[\w.-]*/[\w./-]+", text)
    assert set(places) <= {"/data/RAVDESS"} and str(Path.home()) not in text
    assert '"execution"' not in text


@pytest.mark.slow
def test_it_runs_in_an_empty_folder(notebook, corpus, monkeypatch, tmp_path):
    """One fold of four speakers of the demo, which other tests use too; as it stands it makes 24."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (cell,) = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    assert re.search(r"data=demo", cell.source)
    own = f'CORPUS = ["data=ravdess", "data.root={corpus}"]\nCLIPS = "{corpus}"'
    cell.source = f'{own}\nSIZE = ["folds=[0]", "training.epochs=1"]'
    ran = executed(notebook, tmp_path)
    text = "\n".join(str(output) for output in outputs_of(ran))
    assert "Score(value=" in text and "95% interval" in text and "report.html" in text
    assert (tmp_path / "outputs" / "tour" / "report.html").stat().st_size > 50_000
