"""`ravdess-exp page RUN`: a local page that says what a trained model hears and sees in recordings."""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ravdess_exp.cli.browser import open_in_browser
from ravdess_exp.cli.interruption import heed_hangup
from ravdess_exp.cli.ports import port
from ravdess_exp.errors import InstallationError
from ravdess_exp.predict.files import read_folder, refuse_numbers
from ravdess_exp.tracking.address import find_bundle

_DEFAULT_PORT = 7860
_NEEDS = ("starlette", "uvicorn")
_DESCRIPTION = """\
Open a page in the browser: drop recordings on it, or record with camera and microphone, and see what the
model says of them, how sure it is, and what it looked at.

RUN is the folder of a run or of a study (whose models predict together), a bundle's own folder, or an
address in MLflow: runs:/ID/model, models:/NAME/VERSION.

Only this machine can open it, unless --host says otherwise. Nothing is fetched from elsewhere and nothing
is sent elsewhere; each recording is deleted as soon as it is answered. Ctrl-C ends the page."""


def main(arguments: Sequence[str]) -> int:
    """Serve the page until it is interrupted; raises `RavdessError` where that cannot be done."""
    given = _parser().parse_args(list(arguments))
    if lacking := [name for name in _NEEDS if find_spec(name) is None]:
        raise InstallationError(
            f"the page needs {' and '.join(lacking)}: pip install 'ravdess_exp[page]'"
        )
    bundle = find_bundle(given.run, uri=given.uri).absolute()
    content = read_folder(bundle)  # damage is said at once, and not once TensorFlow is there
    refuse_numbers(content, given.run, "the page shows probabilities of classes")
    from ravdess_exp.page import server
    from ravdess_exp.page.limits import Limits

    heed_hangup()
    with server.bound(given.host, given.port) as listener:
        address = server.address(listener, given.host)
        if not server.is_local(given.host):
            print(
                "warning: whoever can reach this machine can use the page, without a password; browsers "
                "give it camera and microphone only over https or on this machine",
                file=sys.stderr,
            )
        print("loading the model ...", flush=True)
        try:
            server.serve(
                bundle,
                listener,
                host=given.host,
                live=given.live,
                limits=Limits(),
                ready=lambda: _show(address, browser=given.browser),
            )
        except KeyboardInterrupt:
            print("\nended; nothing that was uploaded is kept")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ravdess-exp page",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", help="where the model is")
    parser.add_argument(
        "--live", action="store_true", help="open the page on its live part: camera and microphone"
    )
    parser.add_argument(
        "--port", type=port, default=_DEFAULT_PORT, help="auto: any free one; default: %(default)s"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="an address of this machine; default: %(default)s"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )
    parser.add_argument("--uri", help="of MLflow, where RUN is an address in it")
    return parser


def _show(address: str, *, browser: bool) -> None:
    print(f"Page: {address}\nCtrl-C ends it", flush=True)
    if browser:
        open_in_browser(address)
