"""What is RAVDESS's own: its codes, labels and download."""
