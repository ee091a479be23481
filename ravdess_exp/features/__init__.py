"""Audio features, face crops and the store of what was prepared."""
