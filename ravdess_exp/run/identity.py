"""What makes a run this run and no other: settings, versions and the contents of its clips."""

from importlib.metadata import version

from ravdess_exp import __version__
from ravdess_exp.run.build import Experiment
from ravdess_exp.training.checkpoint import VERSION_OF

_TRAINED_BY = (
    "tensorflow",
    "keras",
    "numpy",
    "scikit-learn",
)  # packages that the learned weights depend on


def training_facts(experiment: Experiment, precision: str) -> dict[str, object]:
    """Every setting and version that the learned weights may depend on."""
    versions = {name: version(name) for name in _TRAINED_BY} | {"ravdess_exp": __version__}
    return {
        **experiment.identity,
        **{f"{VERSION_OF}{name}": number for name, number in versions.items()},
        "the precision": precision,
    }


def preparation_facts(experiment: Experiment) -> dict[str, object]:
    """All that the prepared arrays depend on apart from the clips, versions of libraries included."""
    return experiment.recipe.settings()
