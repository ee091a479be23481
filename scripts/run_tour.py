"""Run docs/tour.ipynb from top to bottom in an empty folder, and keep what its cells gave: `make tour`.

Nothing of this machine stays in it: no path, no time, no version of a kernel.
"""

import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "docs" / "tour.ipynb"
_PATIENCE = 900  # seconds for one cell: the first one trains
_KEPT = ("display_name", "language", "name")  # of the kernel


def executed(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """The notebook with its outputs, run in `folder`; raises nbclient's error where a cell fails."""
    client = NotebookClient(
        notebook,
        timeout=_PATIENCE,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when each cell ran
        if cell.cell_type == "code":  # what libraries say of this machine
            cell.outputs = [of for of in cell.outputs if of.get("name") != "stderr"]
    kernel = notebook.metadata.kernelspec
    notebook.metadata = {
        "kernelspec": {key: kernel[key] for key in _KEPT},
        "language_info": {"name": "python"},
    }
    return notebook


def main() -> None:
    """Run it and write it back."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = executed(nbformat.read(NOTEBOOK, as_version=4), Path(folder))
    nbformat.write(notebook, NOTEBOOK)
    print(NOTEBOOK)


if __name__ == "__main__":
    main()
