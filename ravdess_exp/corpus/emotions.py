"""Names of emotions that several corpora share, in the order in which classes stand."""

USUAL = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
