"""What a person types: one small module a subcommand. A run itself starts in `ravdess_exp.__main__`."""
