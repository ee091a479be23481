"""A limit that a configuration may change, apart from OpenCV, for which a mistake should not wait."""

SMALLEST_FACE = 0.08  # of the frame's shorter side: anything less is background, or no face
