"""The only users of codecs and face detectors."""
