"""Where the clip of a table's row is."""

import ntpath
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.corpus.listing import SOUND_SUFFIXES
from ravdess_exp.errors import CorpusError


class UnusableError(CorpusError):
    """Why a row cannot be used; its message is what `failures.csv` says."""


@dataclass(frozen=True)
class Places:
    """The folder that a table's paths begin in.

    Paths are texts here, since a hundred thousand `Path`s take seconds. folder: absolute; given: whether
    the user named it, so that every clip must lie in it. modality: of the model.
    """

    folder: str
    given: bool
    modality: str

    def find(self, text: str) -> tuple[str, Path]:
        """Id and absolute path of a clip; raises `UnusableError`.

        Backslashes divide folders where no file of the name itself is there, as Windows writes them.
        """
        path = self._absolute(text)
        if not os.path.lexists(path) and "\\" in text:
            if ntpath.splitdrive(text)[0]:
                raise UnusableError(
                    f"path {text!r}: a path of Windows, expected one that begins in {self.folder}"
                )
            path = self._absolute(text.replace("\\", "/"))
        path = path if path.isascii() else _as_there(path)
        inside = path.startswith(f"{self.folder}/".replace("//", "/"))
        if not inside and (self.given or not text.startswith("/")):
            raise UnusableError(
                f"path {text!r}: leads out of {self.folder}; set data.root to a folder that all clips "
                "are in"
            )
        if not Path(path).is_file():
            what = "a folder" if Path(path).is_dir() else "no such file"
            raise UnusableError(f"path {text!r}: {what}, expected a recording at {path}")
        if self.modality != "audio" and path.lower().endswith(SOUND_SUFFIXES):
            raise UnusableError(f"path {text!r}: sound alone; modality=audio uses it")
        name = path[len(self.folder) :].lstrip("/") if inside else path
        return name, Path(path)

    def _absolute(self, text: str) -> str:
        return os.path.normpath(text if text.startswith("/") else f"{self.folder}/{text}")


def _as_there(path: str) -> str:
    """The path with its accents as the file system has them: one character each, or two as on macOS."""
    forms = (path, *(unicodedata.normalize(form, path) for form in ("NFC", "NFD")))
    return next((form for form in forms if os.path.lexists(form)), path)
