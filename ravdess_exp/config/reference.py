"""What `frames.reference` allows: crops are held against a crop that has to be there."""

from ravdess_exp.config.schema import Config
from ravdess_exp.config.schema.base import Component
from ravdess_exp.config.schema.picture import PictureFeature
from ravdess_exp.errors import ConfigError


def check_reference(config: Config) -> None:
    """Raise `ConfigError` where there is nothing to take out, or nothing would be left."""
    frames, visual = config.frames, config.visual
    is_feature = isinstance(visual, PictureFeature)
    if frames.reference == "none":
        if frames.register_:
            raise ConfigError(
                "frames.register=True: expected frames.reference=start or onset, whose crop the "
                "others are moved onto"
            )
        if _needs_reference(visual):
            raise ConfigError(
                "frames.reference=none: expected start or onset, since this option of visual says "
                "what changed since then"
            )
        if not is_feature and visual.reference != "none":
            raise ConfigError(
                f"visual.reference={visual.reference}: expected none with frames.reference=none, "
                "which leaves nothing to take out"
            )
    if frames.reference == "onset" and frames.count == 1:
        if is_feature:
            raise ConfigError(
                "frames.count=1: less itself a single frame is empty; take frames.reference=start"
            )
        if visual.reference in ("first", "features"):
            instead = "" if _needs_reference(visual) else "visual.reference=none or "
            raise ConfigError(
                f"visual.reference={visual.reference}: a clip of frames.count=1 less its first "
                f"frame is empty; take {instead}frames.reference=start"
            )


def _needs_reference(visual: Component) -> bool:
    """Whether this option says what changed since the reference, and nothing else."""
    return getattr(visual, "needs_reference", False)
