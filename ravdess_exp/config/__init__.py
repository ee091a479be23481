"""Overrides to a checked configuration. Nothing heavy is imported."""
