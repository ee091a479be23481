"""Open MLflow's page on the runs, and serve it on this machine where no server does; Ctrl-C ends it."""

import argparse

from ravdess_exp.cli.browser import open_in_browser
from ravdess_exp.cli.interruption import heed_hangup
from ravdess_exp.cli.ports import port
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
    free = free_port(options.port)
    print(f"starting MLflow's server of {without_password(uri)} ...", flush=True)
    heed_hangup()
    try:
        with local_server_of(uri, free) as wait:
            _show(runs_address(local_server(free), experiment), browser=options.browser)
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
        type=port,
        default=DEFAULT_PORT,
        help="0 or auto: any free one; default: %(default)s",
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )
    return parser.parse_args(arguments)


def _show(address: str, *, browser: bool) -> None:
    print(f"MLflow's page of the runs: {address}", flush=True)
    if browser:
        open_in_browser(address)
