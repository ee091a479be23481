"""MLflow's own server as a child of this process, for this machine alone."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import IO

import psutil

from ravdess_exp.errors import TrackingError
from ravdess_exp.tracking.page import HOST

_START_SECONDS = 180.0  # the first start on a slow machine compiles MLflow's modules
_END_SECONDS = 5.0
_POLL_SECONDS = 0.2


def free_port(wanted: int) -> int:
    """This port, or any free one for 0; raises `TrackingError` where it is taken."""
    with closing(socket.socket()) as probe:
        if os.name == "posix":  # a port whose last server has just ended is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as error:
            raise TrackingError(
                f"port {wanted} cannot be used ({error.strerror}); choose another one with --port, "
                "or --port auto"
            ) from error
        return probe.getsockname()[1]


@contextmanager
def local_server_of(uri: str, port: int) -> Iterator[Callable[[], None]]:
    """Serve a store on this port until the block ends; nothing of the server is left then.

    Gives a function that waits until the server ends by itself and raises `TrackingError` then, as this
    does where the server does not start.
    """
    command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port)]
    environment = {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # seven processes for language models
        **os.environ,
        "MLFLOW_BACKEND_STORE_URI": uri,  # not on the command line, where all can read a password
    }
    with tempfile.TemporaryFile() as output:
        server = subprocess.Popen(  # noqa: S603 - no shell
            [*command, "--workers", "1"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is ours alone; we end it
        )

        def wait() -> None:
            server.wait()
            raise _ended(output)

        try:
            _wait_for_answer(server, output, port)
            yield wait
        finally:
            _end(server.pid)


def _wait_for_answer(server: subprocess.Popen, output: IO[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise _ended(output)
        if _answers(port):
            return
        time.sleep(_POLL_SECONDS)
    raise TrackingError(f"MLflow's server did not answer within {_START_SECONDS:.0f} s")


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def _ended(output: IO[bytes]) -> TrackingError:
    """The reason is in the last line that the server wrote."""
    output.seek(0)
    lines = [line.strip() for line in output.read().decode(errors="replace").splitlines()]
    last = next((line for line in reversed(lines) if line), "it wrote nothing")
    return TrackingError(f"MLflow's server ended: {last[:500]}")


def _end(pid: int) -> None:
    """End a server and all that it started, also what does not heed the first signal."""
    family = _family(pid)
    try:
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.terminate()
        psutil.wait_procs(family, timeout=_END_SECONDS)
    finally:  # also when a second Ctrl-C does not want to wait
        family = _family(pid)  # with a worker that took the place of one that ended
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
    psutil.wait_procs(family, timeout=_END_SECONDS)  # a killed process may need a moment to be gone


def _family(pid: int) -> list[psutil.Process]:
    """What runs of a server that began a session of its own, also where the server itself has ended."""
    if os.name == "posix":
        return [process for process in psutil.process_iter() if _runs_in(process, pid)]
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _runs_in(process: psutil.Process, session: int) -> bool:
    try:
        return os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):  # it ended meanwhile, or is another user's
        return False
