"""What the process behind the page does in tests, in the place of a model; importable by that process."""

import os
import signal
import time


def begin(parent, bundle):
    """No model is loaded."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def answer(bundle, path, name):
    """Do what the recording's content says."""
    match path.read_bytes():
        case b"hang":
            time.sleep(600)
        case b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"slow":
            time.sleep(0.5)
    return {"file": name, "process": os.getpid()}
