"""Scores of numbers, such as arousal and valence, in the place of classes."""
