"""MLflow: one run of ours is one run there. What is tracked is always on disk first."""
