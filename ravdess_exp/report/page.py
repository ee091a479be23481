"""A report: one HTML file that shows everything and fetches nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import jinja2

from ravdess_exp import __version__
from ravdess_exp.errors import ComparisonError
from ravdess_exp.files import whole
from ravdess_exp.report import inline
from ravdess_exp.report.card import dataset_name
from ravdess_exp.report.checks import Check, checks_of
from ravdess_exp.report.explanation_figure import explanation_figure
from ravdess_exp.report.explanation_text import explanation_lines
from ravdess_exp.report.numbers.findings import Findings as NumberFindings
from ravdess_exp.report.numbers.inline import NumbersPart, numbers_part
from ravdess_exp.report.other_text import other_lines
from ravdess_exp.report.protocol import course, of_validation
from ravdess_exp.report.reading import Finished, read_finished
from ravdess_exp.report.wrong_clips import WrongClip, wrong_clips
from ravdess_exp.scoring.comparison import Result, compare
from ravdess_exp.scoring.groups import each_group

_TEMPLATE = "report.html"
_PAIRS = 3  # confusions that are named


@dataclass(frozen=True)
class _Part:
    """One run or study, with all that the template shows of it."""

    anchor: str
    name: str
    finished: Finished
    dataset: str
    checks: list[Check]
    wrong: list[tuple[WrongClip, str | None]]
    wrong_note: str
    reliability: str | None
    curves: str | None
    groups: list
    other_lines: list[str]
    numbers: NumbersPart | None
    versions: dict[str, str]
    made_by: list[str]

    @property
    def findings(self):
        return self.finished.findings

    @property
    def course(self) -> str:
        return course(self.findings.settings)

    @property
    def of_validation(self) -> str:
        return of_validation(self.findings.settings)


def write_report(
    folders: Sequence[Path],
    path: Path,
    *,
    names: Sequence[str] | None = None,
    places: Mapping[Path, Path] | None = None,
    with_clips: bool = False,
) -> None:
    """Write the report of one or several runs and studies, the first compared with each other one.

    places: by a folder that is a copy, the one that the run was made in.
    with_clips: embed the clips that are most surely wrong, whatever the licence of their corpus.
    Raises `OutputError` where a folder holds nothing finished, or the file cannot be written.
    """
    places = places or {}
    finished = [read_finished(folder, places.get(folder)) for folder in folders]
    names = list(names or _told_apart(finished))
    parts = [
        _part(number, name, one, finished, with_clips=with_clips)
        for number, (name, one) in enumerate(zip(names, finished, strict=True))
    ]
    page = _template().render(
        parts=parts,
        comparison=_comparison(folders, names) if len(folders) > 1 else [],
        cautions=_cautions(parts),
        version=__version__,
        pairs=_PAIRS,
    )
    with whole(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8", errors="backslashreplace")


def _told_apart(finished: Sequence[Finished]) -> list[str]:
    """The folders' names, with a number behind those that are the same."""
    names = [one.name for one in finished]
    return [
        f"{name} ({names[: i + 1].count(name)})" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]


def _part(
    number: int, name: str, finished: Finished, named: Sequence[Finished], *, with_clips: bool
) -> _Part:
    numbers = numbers_part(finished) if isinstance(finished.findings, NumberFindings) else None
    clips, note = ([], "") if numbers else wrong_clips(finished, with_clips=with_clips)
    facts = finished.described.get("facts", {})
    reliability = finished.reliability
    return _Part(
        anchor=f"part{number}",
        name=name,
        finished=finished,
        dataset=dataset_name(finished.findings),
        checks=checks_of(finished, named),
        wrong=[(clip, inline.wrong_clip(clip)) for clip in clips],
        wrong_note=note,
        reliability=inline.reliability(reliability) if reliability else None,
        curves=inline.curves(finished.histories()),
        groups=[] if numbers else list(each_group(finished.findings.groups)),
        numbers=numbers,
        other_lines=[]
        if numbers
        else [line.strip() for line in other_lines(finished.findings.others)],
        versions=facts.get("versions", {}),
        made_by=_made_by(finished.made_by),
    )


def _made_by(told: Mapping[str, str]) -> list[str]:
    """Machine and code in words; what a later version writes besides stays as it is."""
    rest = dict(told)
    commit = rest.pop("mlflow.source.git.commit", "unknown")
    dirty = " with changes that are not in it" if rest.pop("git.dirty", "") == "True" else ""
    version = rest.pop("ravdess_exp.version", None)
    lines = [f"ravdess_exp {version}"] if version else []
    lines += [f"commit {commit}{dirty}"]
    return lines + [f"{name}: {value}" for name, value in rest.items()]


def _cautions(parts: Sequence[_Part]) -> list[str]:
    """What must stand beside a comparison: each sentence once, with the results that it is of."""
    of: dict[str, list[str]] = {}
    for part in parts:
        for sentence in part.findings.cautions():
            of.setdefault(sentence, []).append(part.name)
    return [
        sentence if len(names) == len(parts) else f"{', '.join(names)}: {sentence}"
        for sentence, names in of.items()
    ]


def _comparison(folders: Sequence[Path], names: Sequence[str]) -> list[str]:
    """A sentence a paired test, or why there is none."""
    try:
        results = [
            replace(Result.load(folder), name=name)
            for folder, name in zip(folders, names, strict=True)
        ]
        differences = compare(results)
    except ComparisonError as error:
        return [f"They cannot be compared: {error}."]
    return [of.sentence(len(differences)) for of in differences]


def _template() -> jinja2.Template:
    """Every value is shown as text: no name or label becomes HTML."""
    folder = resources.files("ravdess_exp.report")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawn"] = lambda found: inline.as_data(explanation_figure(found), dpi=75)
    environment.filters["told"] = lambda found: " ".join(explanation_lines(found))
    environment.filters["share"] = lambda count, row: count / max(1, sum(row))
    environment.filters["begun"] = lambda line: line[:1].upper() + line[1:]
    return environment.get_template(_TEMPLATE)
