"""What the changes of training clips must agree with: the inputs that there are, and each other."""

from ravdess_exp.config.schema import Config
from ravdess_exp.errors import ConfigError


def check_augment(config: Config) -> None:
    """Raise `ConfigError` where a clip cannot be changed as it is asked for."""
    augment = config.augment
    if augment.modality_dropout and config.modality != "both":
        raise ConfigError(
            f"augment.modality_dropout={augment.modality_dropout}: expected 0 with "
            f"modality={config.modality}, which has only one input to lose"
        )
    if not augment.sound_variants or config.modality == "video":
        return
    sound = augment.sound
    if sound.snr and sound.snr[0] > sound.snr[1]:
        raise ConfigError(f"augment.sound.snr={sound.snr}: expected the lowest first")
    if not (sound.speed or sound.pitch or sound.gain or sound.snr or sound.reverberation):
        raise ConfigError(
            f"augment.sound_variants={augment.sound_variants}: expected 0 with nothing to vary; set "
            "augment.sound.pitch, for example"
        )
