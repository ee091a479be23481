"""An explanation in sentences, for a terminal and for who cannot see the picture."""

import numpy as np

from ravdess_exp.explain.explanation import Explanation

INPUTS = {"audio": "sound", "video": "picture"}  # as a reader calls them
METHODS = {  # of `Explanation.methods`, in words
    "occlusion": "hiding it and asking again",
    "grad_cam": "Grad-CAM",
    "weights": "weights times values",
}
_THIRDS = (("upper", "middle", "lower"), ("left", "middle", "right"))
_WARNING = (
    "This is what the model went by, and not why somebody feels something: it may go by what has "
    "nothing to do with emotion."
)


def explanation_lines(of: Explanation) -> list[str]:
    """One sentence a finding, the class first and a caution last."""
    said = of.prediction.prediction
    other = "" if said == of.explained else f" (the model says {said})"
    lines = [f"{of.prediction.place}: {of.explained}, probability {of.probability:.2f}{other}."]
    lines += [f"{remark[:1].upper()}{remark[1:]}." for remark in of.prediction.remarks]
    if len(of.shares) > 1:
        parts = ", ".join(f"{INPUTS[what]} {share:.0%}" for what, share in of.shares.items())
        against = [INPUTS[what] for what, evidence in of.evidence.items() if evidence < 0]
        lines.append(f"What decided: {parts}{_against(against)}.")
    if of.frame_importance is not None:
        lines.append(_of_frames(of))
    if of.heat is not None:
        lines.append(_of_face(of))
    if of.times is not None:
        lines.append(_of_sound(of))
    return [*lines, _WARNING]


def _against(names: list[str]) -> str:
    return f" ({' and '.join(names)} against this class)" if names else ""


def _of_frames(of: Explanation) -> str:
    if not np.any(of.frame_importance > 0):
        return "No frame spoke for this class."
    best = int(np.argmax(of.frame_importance))
    return f"Frame that counted most: {best + 1} of {len(of.frame_importance)}."


def _of_face(of: Explanation) -> str:
    """In words: the third, both ways, that the strongest place lies in."""
    total = of.heat.sum(axis=0)
    how = METHODS[of.methods["face"]]
    if not np.any(total > 0):
        return f"No part of the face spoke for this class (by {how})."
    place = np.unravel_index(np.argmax(total), total.shape)
    names = [
        words[3 * at // size] for words, at, size in zip(_THIRDS, place, total.shape, strict=True)
    ]
    where = "the middle" if len(set(names)) == 1 else f"the {' '.join(names)}"
    return f"Part of the face that counted most: {where} of the crop (by {how})."


def _of_sound(of: Explanation) -> str:
    parts = []
    if np.any(of.time_importance > 0):
        start, end = of.times[np.argmax(of.time_importance)]
        parts.append(f"{start:.2f} to {end:.2f} s")
    if np.any(of.band_importance > 0):
        low, high = of.bands[np.argmax(of.band_importance)]
        parts.append(f"{low:,.0f} to {high:,.0f} Hz")
    if not parts:
        return "No stretch and no band of the sound spoke for this class."
    return f"Sound that counted most: {', '.join(parts)}."
