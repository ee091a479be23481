"""A figure written to a file, with names in it that people chose: shown as they are, and without ado."""

import warnings
from pathlib import Path
from typing import IO

from matplotlib.figure import Figure
from matplotlib.text import Text


def save_figure(figure: Figure, target: Path | IO[bytes], *, dpi: int) -> None:
    """Write a figure as PNG. A dollar sign in a name begins no formula.

    A character that no font of this machine has is drawn as a box, and Matplotlib's warning of it,
    which names lines of this program, is kept from the user, who cannot do anything about it.
    """
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
        figure.savefig(target, format="png", dpi=dpi)
