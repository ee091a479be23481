"""Many runs from one command: studies over folds and seeds, sweeps, searches."""
