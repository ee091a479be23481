"""Whose work RAVDESS is and what one may do with it: said, and accepted, before a byte is fetched."""

import sys

from ravdess_exp.errors import DownloadError

LICENCE = """\
RAVDESS is not free of conditions.
  Authors:  Steven R. Livingstone, Frank A. Russo (2018), The Ryerson Audio-Visual Database of
            Emotional Speech and Song, PLoS ONE 13(5): e0196391
  Source:   https://doi.org/10.5281/zenodo.1188976
  Licence:  Creative Commons BY-NC-SA 4.0, https://creativecommons.org/licenses/by-nc-sa/4.0/
            Name the authors; no commercial use; what you make of it is shared under the same licence.
            Its authors sell licences for commercial use: ravdess@gmail.com"""


def accept(yes: bool) -> None:
    """State the licence and have it accepted, by `yes` or on the terminal.

    Raises `DownloadError` where it is declined, or where there is no terminal to ask on.
    """
    print(LICENCE, flush=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise DownloadError("no terminal to accept the licence on; give --yes if you accept it")
    try:
        answer = input("Do you accept it? (yes/no) ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise DownloadError("the licence was not accepted, so nothing was fetched")
