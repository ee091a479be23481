"""How a backbone takes out what is the person's and not the expression's.

`reference=none` leaves it in; `first` standardises each clip and takes its first frame, near rest, from
all of them; `both` stacks those differences on the standardised frames, as further channels;
`features` takes the first frame's features from those of all frames, after the last linear layer.

`starts_apart` says that the first crop is the reference alone, from the start of the clip
(`frames.reference=start`): once taken out of the others it is dropped, so K = F + 1, else K = F.
"""

from keras import layers

from ravdess_exp.models.layers import LessFirstFrame, StandardiseClip, WithoutFirstFrame


def relative_faces(faces, *, reference: str, starts_apart: bool = False):
    """What a backbone looks at: (B, K, H, W, C) -> (B, F, H, W, C), `both` with 2*C.

    With `features` the reference is kept, since it is taken out at the end: (B, K, H, W, C).
    """
    x = _relative(faces, reference)
    return WithoutFirstFrame(dtype="float32")(x) if starts_apart and reference != "features" else x


def _relative(faces, reference: str):
    """(B, K, H, W, C) -> the same, `both` with 2*C."""
    if reference == "none":
        return faces
    # small differences of large numbers: in float32 whatever the rest computes in
    standard = StandardiseClip(dtype="float32")(faces)
    match reference:
        case "first":
            return LessFirstFrame(dtype="float32")(standard)
        case "both":
            less = LessFirstFrame(dtype="float32")(standard)
            return layers.Concatenate(dtype="float32")([standard, less])
    return standard
