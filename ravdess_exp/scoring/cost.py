"""What a run took, whatever it told of its clips."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class RunCost:
    """best_epoch: the one whose weights were kept; seconds: by stage; faces_found: share of the frames, None
    without picture."""

    best_epoch: int
    parameters: int
    clips_used: int
    clips_failed: int
    seconds: Mapping[str, float]
    memory_mb: float
    peak_memory_mb: float
    faces_found: float | None = None

    def cost_metrics(self) -> dict[str, float]:
        """Under the names of metrics.json and MLflow."""
        found = {} if self.faces_found is None else {"faces/found": self.faces_found}
        return found | {
            "best_epoch": self.best_epoch,
            "parameters": self.parameters,
            "clips/used": self.clips_used,
            "clips/failed": self.clips_failed,
            **{f"seconds/{stage}": value for stage, value in self.seconds.items()},
            "memory/now_mb": self.memory_mb,
            "memory/peak_mb": self.peak_memory_mb,
        }

    def cost(self) -> dict[str, Any]:
        """These fields alone, for another result of the same run."""
        return {field.name: getattr(self, field.name) for field in fields(RunCost)}


def cost_from_metrics(metrics: Mapping[str, float]) -> dict[str, Any]:
    """The fields of a `RunCost`, as `cost_metrics` wrote them; raises KeyError."""
    return {
        "best_epoch": int(metrics["best_epoch"]),
        "parameters": int(metrics["parameters"]),
        "clips_used": int(metrics["clips/used"]),
        "clips_failed": int(metrics["clips/failed"]),
        "seconds": {
            k.removeprefix("seconds/"): v for k, v in metrics.items() if k.startswith("seconds/")
        },
        "memory_mb": metrics["memory/now_mb"],
        "peak_memory_mb": metrics["memory/peak_mb"],
        "faces_found": metrics.get("faces/found"),
    }
