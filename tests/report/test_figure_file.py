"""Names that people chose are shown in a figure as they are."""

import io
import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure

from ravdess_exp.report import figures
from ravdess_exp.report.figure_file import save_figure


def written(text: str, save) -> bytes:
    """The PNG of a figure with this text as title, label of a tick and in a legend."""
    figure, content = Figure(figsize=(2, 2), layout="constrained"), io.BytesIO()
    axes = figure.subplots()
    axes.plot([0, 1], label=text)
    axes.set_title(text)
    axes.set_xticks([0], [text])
    axes.legend()
    save(figure, content)
    return content.getvalue()


def test_a_dollar_begins_no_formula():
    """Matplotlib alone refuses the first, and writes the second in another type."""
    with pytest.raises(ValueError, match="Expected"):
        written("$x^$", Figure.savefig)
    assert written("$x^$", lambda f, to: save_figure(f, to, dpi=50)).startswith(b"\x89PNG")
    plain = [written(text, lambda f, to: save_figure(f, to, dpi=50)) for text in ("$a$", r"\$a\$")]
    assert plain[0] != plain[1]


def test_letters_that_no_font_has_are_no_warning():
    with pytest.warns(UserWarning, match="Glyph"):
        written("\N{CJK UNIFIED IDEOGRAPH-65E5}", Figure.savefig)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        written("\N{CJK UNIFIED IDEOGRAPH-65E5}", lambda f, to: save_figure(f, to, dpi=50))


def test_classes_of_any_name_are_drawn(tmp_path):
    figures.confusion_matrix(np.eye(2), ["$x^$", "\\"], "", tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 0
