"""A trained model as a thing: saved whole, loaded anywhere, pointed at any file."""
