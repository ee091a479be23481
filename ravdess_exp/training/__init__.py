"""Samples, batches, and the fit of a model."""
