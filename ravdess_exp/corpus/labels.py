"""RAVDESS's vocabulary: the codes in its file names, and the classes of the task.

Source: Livingstone & Russo (2018), PLoS ONE 13(5): e0196391, "File naming convention".
"""

MODALITIES = {1: "full-av", 2: "video-only", 3: "audio-only"}
CHANNELS = {1: "speech", 2: "song"}
EMOTIONS = {
    1: "neutral",
    2: "calm",
    3: "happy",
    4: "sad",
    5: "angry",
    6: "fearful",
    7: "disgust",
    8: "surprised",
}
INTENSITIES = {1: "normal", 2: "strong"}
STATEMENTS = {1: "Kids are talking by the door", 2: "Dogs are sitting by the door"}
REPETITIONS = {1: "first", 2: "second"}
ACTORS = tuple(range(1, 25))  # odd numbers are male, even ones female

_MERGED = {"calm": "neutral"}  # the two differ too little for listeners; RAVDESS work merges them


def class_names(classes: int) -> list[str]:
    """Names in the order of their indices: 7 (neutral and calm merged) or 8 classes."""
    names = list(EMOTIONS.values())
    return [name for name in names if name not in _MERGED] if classes == 7 else names


def class_index(emotion: int, classes: int) -> int:
    """Index of an emotion code 1..8 among `class_names(classes)`."""
    name = EMOTIONS[emotion]
    return class_names(classes).index(_MERGED.get(name, name) if classes == 7 else name)
