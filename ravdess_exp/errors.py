"""What can go wrong, by name. Each message says what was expected, what was found and what to do."""

from collections.abc import Sequence
from pathlib import Path


class RavdessError(Exception):
    """Base of all errors that a user can mend; the command line ends with exit code 2."""


class ConfigError(RavdessError):
    """A configuration key or value that cannot be used."""


class CorpusError(RavdessError):
    """A folder of clips that is missing, empty or not a RAVDESS corpus."""


class DownloadError(RavdessError):
    """A record, archive or server that cannot be used; what came before is kept."""


class SplitError(RavdessError):
    """Train, validation and test that overlap, lack clips or lack a class."""


class PreparationError(RavdessError):
    """More clips failed than `data.max_failed` allows, or the prepared store cannot be used."""


class InstallationError(RavdessError):
    """What is installed does not work here, whatever the clip; no clip is at fault."""


class TooManyFailuresError(PreparationError):
    """More clips failed than `data.max_failed` allows; `failures` are the files with the reasons."""

    def __init__(self, message: str, failures: Sequence[tuple[Path, str]] = ()) -> None:
        super().__init__(message)
        self.failures = failures


class OutputError(RavdessError):
    """A folder or file that cannot be written."""


class TrainingError(RavdessError):
    """Training that went astray."""


class StudyError(RavdessError):
    """A study or a sweep of which some runs are missing; what is finished is kept and summarised."""


class ComparisonError(RavdessError):
    """Results that cannot be compared: of other clips, labels or classes."""


class TrackingError(RavdessError):
    """A tracking server that does not answer or refuses; the results are on disk all the same."""


class BundleError(RavdessError):
    """A trained model that is not there, is damaged, or is of another version."""


class PageError(RavdessError):
    """A page that cannot be served, such as at a port that is taken."""


class ExportError(RavdessError):
    """A network that another format cannot hold, or that says something else there."""


class ExplanationError(RavdessError):
    """A recording of which a model says nothing, so there is nothing to explain."""


class ClipError(RavdessError):
    """One clip that cannot become a sample. It is reported and counted; the run goes on.

    The message does not name the file: it is kept with the clip's content, which may be found again
    under another name. Whoever reports it puts the file in front.
    """


class DecodeError(ClipError):
    """Not a media file, cut off, or without a stream that is needed."""


class MissingStreamError(DecodeError):
    """A file without sound, or without picture; `missing` says which."""

    def __init__(self, missing: str, advice: str = "") -> None:
        super().__init__(f"no {missing} in the file{advice}")
        self.missing = missing


class TooLongError(DecodeError):
    """A recording that lasts longer than a clip may."""


class SilentError(ClipError):
    """No sound above the silence floor, so there is no speech interval."""


class FaceError(ClipError):
    """No face in any of the clip's chosen frames."""


class FeatureError(ClipError):
    """A clip of which an audio feature cannot be taken."""


def in_a_line(error: BaseException) -> str:
    """What an error says, as a reason within another sentence or a table."""
    return " ".join(str(error).split())
