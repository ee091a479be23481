"""One run: from a checked configuration to a folder of results."""
