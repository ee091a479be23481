"""Frozen networks as features: a file of weights, read once, never trained here."""
