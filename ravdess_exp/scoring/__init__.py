"""Predictions to scores, intervals and comparisons."""
