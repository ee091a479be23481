"""Limits that a configuration may change, apart from OpenCV, for which a mistake should not wait."""

LONGEST = 60.0  # seconds that a clip may last, where nothing else is asked for
SMALLEST_FACE = 0.08  # of the frame's shorter side: anything less is background, or no face
