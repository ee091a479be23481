"""Where the YAML files are."""

from pathlib import Path


def conf_dir() -> Path:
    """Folder of the YAML files: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parents[1]
    beside = package.parent / "conf"
    return beside if (beside / "config.yaml").exists() else package / "conf"
