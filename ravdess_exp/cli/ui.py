"""Open MLflow's page on the runs, and serve it on this machine where no server does; Ctrl-C ends it."""

import argparse
import os
import signal
import sys
import webbrowser

from ravdess_exp.tracking.defaults import DEFAULT_EXPERIMENT, DEFAULT_PORT, DEFAULT_URI


def main(arguments: list[str]) -> int:
    """Print and open the address of the runs; serve a local store until it is interrupted."""
    options = _options(arguments)
    from ravdess_exp.tracking.backend import tracking_uri, without_password
    from ravdess_exp.tracking.page import experiment_with_runs, local_server, runs_address
    from ravdess_exp.tracking.server import free_port, local_server_of

    uri = tracking_uri(options.uri)
    experiment = experiment_with_runs(uri, options.experiment)
    if uri.startswith("http"):
        _show(runs_address(without_password(uri), experiment), browser=options.browser)
        return 0
    port = free_port(options.port)
    print(f"starting MLflow's server of {without_password(uri)} ...", flush=True)
    _heed_hangup()
    try:
        with local_server_of(uri, port) as wait:
            _show(runs_address(local_server(port), experiment), browser=options.browser)
            print("Ctrl-C ends it", flush=True)
            wait()
    except KeyboardInterrupt:
        print("\nended")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ravdess-exp ui", description=__doc__)
    parser.add_argument(
        "--uri",
        help=f"tracking store or server; default: MLFLOW_TRACKING_URI, else {DEFAULT_URI}",
    )
    parser.add_argument("--experiment", default=DEFAULT_EXPERIMENT, help="default: %(default)s")
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="0 or auto: any free one; default: %(default)s",
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    """0 to 65535, 0 for `auto`; raises ArgumentTypeError."""
    if text == "auto":
        return 0
    if not (text.isdecimal() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"expected 0 to 65535 or auto, found {text!r}")
    return int(text)


def _show(address: str, *, browser: bool) -> None:
    print(f"MLflow's page of the runs: {address}", flush=True)
    desktop = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if browser and desktop:  # elsewhere Python would open a browser in the terminal itself
        webbrowser.open(address)


def _heed_hangup() -> None:
    """A closed terminal ends the server as Ctrl-C does, unless `nohup` asked to outlive it."""
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
