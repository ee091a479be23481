"""A port as the command line names it."""

import argparse


def port(text: str) -> int:
    """0 to 65535, 0 for `auto`; raises ArgumentTypeError."""
    if text == "auto":
        return 0
    if not (text.isdecimal() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"expected 0 to 65535 or auto, found {text!r}")
    return int(text)
