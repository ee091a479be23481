"""The user's own browser, where there is a desktop to show it on."""

import os
import sys
import webbrowser


def open_in_browser(address: str) -> None:
    """Open an address; elsewhere do nothing, since Python would open a browser in the terminal itself."""
    if sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    ):
        webbrowser.open(address)
