"""What is known of a trained model: who trained it, how well it does, what is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ravdess_exp import __version__
from ravdess_exp.corpus.known import facts_of
from ravdess_exp.corpus.terms import Terms
from ravdess_exp.errors import BundleError
from ravdess_exp.features.encoders import EncoderFacts, OnnxFace
from ravdess_exp.media.faces import Dlib, Mtcnn, Yunet
from ravdess_exp.predict.carried import encoders_of
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.scoring.sureness import Threshold

PACKAGES = (  # what turns a file into probabilities, by the names they are installed by
    "tensorflow", "tensorflow-cpu", "keras", "numpy", "librosa", "soxr", "av",
    "opencv-python-headless", "opencv-python",
)  # fmt: skip
_OF_DETECTOR = {Mtcnn: "mtcnn", Dlib: "dlib-bin"}
_YUNET = "MIT (YuNet, OpenCV Zoo)"
_LANDMARKS = (
    "that of dlib's shape predictor (5 points: CC0; 68 points: trained on iBUG 300-W, no commercial "
    "use without its authors)"
)


@dataclass(frozen=True, order=True)
class UsedClip:
    """A clip by name and speaker, and the SHA-256 of its file, by which it is found again.

    file: of a clip that is a part of a file, the SHA-256 of all of it; `sha256` is of the part then.
    """

    clip: str
    speaker: str
    sha256: str
    file: str = ""


@dataclass(frozen=True)
class Score:
    """A measure, and its 95% interval where one was computed; see `scoring.intervals.interval`."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a bundle says of itself.

    train, validation, test: the clips that it learned from, was chosen by and was scored on.
    scores: by name, such as `test/uar`. missing_inputs: whether it was trained with sound or picture
    missing now and then, so that it can do without one of them. versions: of what computed it, by
    package. licences: of what is in it, by part. created: date and time in UTC. sure: which of its
    predictions are sure; None where no threshold was asked for, or by a version without.
    """

    name: str
    command: str
    created: str
    train: tuple[UsedClip, ...]
    validation: tuple[UsedClip, ...]
    test: tuple[UsedClip, ...]
    scores: Mapping[str, Score]
    missing_inputs: bool
    versions: Mapping[str, str]
    licences: Mapping[str, str]
    sure: Threshold | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Facts":
        """What `as_dict` wrote; raises `BundleError` where a fact lacks or is of another type."""
        try:
            return TypeAdapter(cls).validate_python(plain)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise BundleError(f"facts.{where}: {first['msg']}") from error

    @property
    def speakers(self) -> dict[str, tuple[str, ...]]:
        """The speakers of each set, sorted."""
        sets = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: tuple(sorted({c.speaker for c in clips})) for name, clips in sets.items()}

    def set_of(self, sha256: str) -> str | None:
        """Where a file with these bytes was met: `train`, `validation` or `test`; None: nowhere."""
        for name in ("train", "validation", "test"):
            if any(clip.sha256 == sha256 for clip in getattr(self, name)):
                return name
        return None

    def part_in(self, sha256: str) -> str | None:
        """Where a part of a file with these bytes was met, as `set_of` says it of a whole one."""
        for name in ("train", "validation", "test"):
            if any(clip.file == sha256 for clip in getattr(self, name)):
                return name
        return None


def pooled(
    members: Sequence[Facts],
    *,
    name: str,
    command: str,
    scores: Mapping,
    sure: Threshold | None = None,
) -> Facts:
    """The facts of models that predict together; scores and `sure` are the study's, not theirs."""
    sets = {
        of: tuple(sorted({clip for facts in members for clip in getattr(facts, of)}))
        for of in ("train", "validation", "test")
    }
    return Facts(
        name=name,
        command=command,
        created=now(),
        **sets,
        scores=dict(scores),
        missing_inputs=all(facts.missing_inputs for facts in members),
        versions=members[0].versions,
        licences=members[0].licences,
        sure=sure,
    )


def scores_of(metrics: Mapping[str, float]) -> dict[str, Score]:
    """The scores among a run's metrics, such as `test/uar` with `_low` and `_high`."""
    told = [
        key.rpartition("/")[0] for key in metrics if key.endswith("/pearson")
    ]  # numbers, if any
    numbers = [f"{of}/{measure}" for of in told for measure in ("ccc", "rmse", "pearson")]
    overall = ("ccc",) if told else ("uar", "accuracy", "macro_f1")
    names = [*(f"{of}/{measure}" for of in ("val", "test") for measure in overall), *numbers]
    return {
        name: Score(metrics[name], metrics.get(f"{name}_low"), metrics.get(f"{name}_high"))
        for name in names
        if name in metrics
    }


def versions_of(recipe: Recipe) -> dict[str, str]:
    """Our version and those of the packages that this recipe and a model need, where installed."""
    wanted = [*PACKAGES, *recipe.feature.computed_by]
    if recipe.picture is not None:
        wanted.extend(recipe.picture.computed_by)
    if type(recipe.detector) in _OF_DETECTOR:
        wanted.append(_OF_DETECTOR[type(recipe.detector)])
    found = {"ravdess_exp": __version__}
    for package in wanted:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # such as tensorflow-cpu, where it is tensorflow
            continue
    return found


def licences_of(
    corpora: Sequence[str], recipe: Recipe, modality: str, terms: Terms | None = None
) -> dict[str, str]:
    """Of the weights, which the corpora decide, and of each network's file that travels along.

    terms: those of the one corpus, where it says them.
    """
    of_each = (
        f"that of the corpus {corpus}: {terms.told()}" if terms else facts_of(corpus).weights
        for corpus in corpora
    )
    weights = "; ".join(dict.fromkeys(of_each))
    detector = {"detector": _YUNET} if isinstance(recipe.detector, Yunet) else {}
    if isinstance(recipe.detector, Dlib) and recipe.detector.align:
        detector = {"key points": _LANDMARKS}
    others: dict[str, str] = {}
    for encoder in encoders_of(recipe, modality):
        part = "picture encoder" if isinstance(encoder, OnnxFace) else "sound encoder"
        before = f"{others[part]}; " if part in others else ""
        others[part] = before + _of_encoder(encoder.facts())
    return {"weights": weights, **detector, **others, "code": "MIT (ravdess_exp)"}


def _of_encoder(facts: EncoderFacts) -> str:
    seen = "; it saw RAVDESS, so scores there say nothing" if facts.saw_ravdess else ""
    return f"{facts.licence} ({facts.name}, trained on {facts.trained_on}{seen})"


def now() -> str:
    """This second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
