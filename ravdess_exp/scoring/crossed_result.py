"""What corpora say of each other: each trained on in turn, and scored by all the models."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ravdess_exp.scoring.other import OtherScores


@dataclass(frozen=True, kw_only=True)
class CrossedResult:
    """Scores by the corpus that trained and the corpus that is scored; mean over seeds.

    cells: by the former, then by the latter; of a corpus with itself those on the test set of its split.
    runs: how many there are to be; missing: why each that is not finished is not, by label; unscored:
    why a finished run has no score on a corpus, by the names of both.
    """

    command: str
    corpora: tuple[str, ...]
    cells: Mapping[str, Mapping[str, OtherScores]]
    runs: int
    missing: Mapping[str, str]
    unscored: Mapping[str, Mapping[str, str]]
    seconds: float = 0.0
    given_up: bool = False  # a search may give a study up, and there is none over corpora

    @property
    def complete(self) -> bool:
        """Whether every run is finished."""
        return not self.missing

    def why_incomplete(self) -> str:
        """How many runs are missing, and why, in a line."""
        reasons = "; ".join(f"{label}: {reason}" for label, reason in self.missing.items())
        return f"{len(self.missing)} of {self.runs} runs are missing ({reasons[:2000]})"

    def why_empty(self, trained: str, scored: str) -> str:
        """Why there is no score."""
        lost = next((r for label, r in self.missing.items() if f"corpus_{trained}-" in label), None)
        return self.unscored.get(trained, {}).get(scored) or lost or "not run to its end"

    def series(self) -> dict[str, dict[int, float]]:
        """UAR of each pair for MLflow, also where a run failed; all at step 0, since pairs have no order."""
        return {
            f"cross/{trained}/{scored}/uar": {0: of.uar.value}
            for trained, row in self.cells.items()
            for scored, of in row.items()
        }

    def metrics(self) -> dict[str, float]:
        """One flat dictionary for metrics.json and MLflow, such as `cross/A/B/uar`: on A, scored on B."""
        found = {"runs": float(self.runs), "runs_done": float(self.runs - len(self.missing))}
        for trained, row in self.cells.items():
            for scored, of in row.items():
                found |= of.metrics(f"cross/{trained}/{scored}")
        return found | {"seconds/total": self.seconds}

    def as_json(self) -> dict[str, Any]:
        """What summary.json holds."""
        content = asdict(self)
        return {"complete": self.complete, "runs_done": self.runs - len(self.missing)} | content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "CrossedResult":
        """What `as_json` wrote; raises KeyError and TypeError."""
        known = {name: content[name] for name in cls.__dataclass_fields__}
        known["corpora"] = tuple(known["corpora"])
        known["cells"] = {
            trained: {scored: OtherScores.from_json(of) for scored, of in row.items()}
            for trained, row in content["cells"].items()
        }
        return cls(**known)
