"""What a run or a study reports while it works and at its end, whoever keeps it."""

from collections.abc import Mapping


class Tracker:
    """What a run reports. This one reports nowhere (`tracking=none`)."""

    page: str | None = None  # where a person finds the run
    run_id: str | None = None

    def epoch(self, number: int, metrics: Mapping[str, float]) -> None:
        """Metrics of one epoch, counted from 1, under the names of history.csv's columns."""

    def datasets(self, name: str, source: str, fingerprints: Mapping[str, str]) -> None:
        """Fingerprint by set: the clips that were trained on, chosen by and scored."""

    def series(self, name: str, values: Mapping[int, float]) -> None:
        """One metric of a study by step: by the number of the actor or of the fold."""

    def describe(self, text: str) -> None:
        """What a person should read first of the run, in Markdown."""

    def results(self, metrics: Mapping[str, float]) -> None:
        """Final metrics, every file of the run's folder, and the bundle in it as a model."""

    def failed(self, error: BaseException) -> None:
        """The run ended early, by an error or by the user."""
