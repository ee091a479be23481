"""HTTP as a good guest: time limits, waits that the server asks for, redirects to safe places only."""

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from urllib3.util.retry import Retry

from ravdess_exp.errors import DownloadError

_REDIRECTS = 5
_AGAIN = {408, 425, 429, 500, 502, 503, 504}  # statuses of faults that pass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long and how often. All times in seconds."""

    connect: float = 15.0
    read: float = 60.0  # without a byte
    attempts: int = 6  # in a row that bring nothing
    pause: float = 1.0  # after the first of them; doubled after each
    longest_pause: float = 60.0
    waits: int = 20  # in a row that the server asks for (Retry-After)
    longest_wait: float = 900.0  # that is obeyed: where more is asked for, the program gives up


class AttemptError(Exception):
    """A request that did not bring everything and may be made again.

    asked: seconds that the server wants to be left alone, if it said so.
    """

    def __init__(self, reason: str, asked: float | None = None) -> None:
        super().__init__(reason)
        self.asked = asked


class RefusedError(DownloadError):
    """An answer that will not become another by asking again; perhaps elsewhere."""


class StoppedError(Exception):
    """Ctrl-C, as a thread learns of it."""


class Patience:
    """Waits between attempts, and the end of them."""

    def __init__(self, what: str, limits: Limits, stop: Event) -> None:
        self._what, self._limits, self._stop = what, limits, stop
        self.renew()

    def renew(self) -> None:
        """Forget the attempts so far: the last one brought something."""
        self._attempts = self._waits = 0

    def wait(self, failure: AttemptError) -> None:
        """Sleep until the next attempt; raises `DownloadError` where there shall be none."""
        limits = self._limits
        if failure.asked is None:
            self._attempts += 1
            over = self._attempts >= limits.attempts
            seconds = min(limits.pause * 2 ** (self._attempts - 1), limits.longest_pause)
        else:
            self._waits += 1
            over = self._waits > limits.waits or failure.asked > limits.longest_wait
            seconds = max(failure.asked, limits.pause)
        if over:
            count = self._attempts + self._waits
            raise DownloadError(
                f"{self._what}: {failure} ({count} {'attempt' if count == 1 else 'attempts'} "
                "without progress); run the same command later, which goes on from here"
            ) from failure
        if self._stop.wait(seconds):
            raise StoppedError


class Client:
    """GET requests within limits. One for each thread, since `requests` promises no more."""

    def __init__(self, limits: Limits, stop: Event) -> None:
        self.limits, self.stop = limits, stop
        self._session = requests.Session()
        # ranges and sizes are of the file's own bytes, so it must not come compressed
        self._session.headers["Accept-Encoding"] = "identity"

    def patience(self, what: str) -> Patience:
        """Fresh patience for fetching one thing, which messages name."""
        return Patience(what, self.limits, self.stop)

    @contextmanager
    def get(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[requests.Response]:
        """An answer of status 200, 206 or 416, with its body still to be read.

        Raises `AttemptError` for what may pass, also while the body is read within the block, and
        `RefusedError` for what will not.
        """
        try:
            with self._follow(url, headers) as response:
                _check_status(response)
                yield response
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise AttemptError(self._reason(error)) from error

    def _follow(self, url: str, headers: Mapping[str, str] | None) -> requests.Response:
        """By hand, since `requests` reads the whole body of a redirect, however long it is."""
        timeout = (self.limits.connect, self.limits.read)
        for _ in range(_REDIRECTS + 1):
            response = self._session.get(
                url, headers=headers, timeout=timeout, stream=True, allow_redirects=False
            )
            if not response.is_redirect:
                return response
            response.close()
            target = urljoin(url, response.headers["location"])
            _check_redirect(url, target)
            url = target
        raise DownloadError(f"{url}: more than {_REDIRECTS} redirects")

    def _reason(self, error: Exception) -> str:
        if isinstance(error, requests.ConnectTimeout):
            return f"no connection within {self.limits.connect:g} s"
        if isinstance(error, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError):
            return f"no byte for {self.limits.read:g} s"
        innermost: BaseException = error  # the libraries wrap what the system said three times
        while innermost.__context__ is not None:
            innermost = innermost.__context__
        refused = isinstance(error, requests.RequestException)
        return f"{'no connection' if refused else 'the connection broke off'} ({innermost})"


def check_url(url: str, of: str) -> None:
    """Raises `DownloadError` for an address that is not http or https; `of`: whose it is."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound:
        raise DownloadError(f"{of}: expected an address http://... or https://..., found {url!r}")


def _check_redirect(origin: str, target: str) -> None:
    check_url(target, f"redirect of {origin}")
    if urlsplit(target).scheme == "https":
        return
    if not (urlsplit(origin).scheme == "http" and _is_loopback(origin) and _is_loopback(target)):
        raise DownloadError(f"{origin}: redirects to {target!r}, expected https")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status in (200, 206, 416):
        return
    phrase = f" ({HTTPStatus(status).phrase})" if status in set(HTTPStatus) else ""
    reason = f"the server answers {status}{phrase}"
    if status not in _AGAIN:
        raise RefusedError(
            f"{response.url}: {reason}; see whether the record is still at its address (--record)"
        )
    asked = _retry_after(response) if status in (429, 503) else None
    raise AttemptError(
        reason + ("" if asked is None else f" and asks to wait {asked:.0f} s"), asked
    )


def _retry_after(response: requests.Response) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date."""
    header = response.headers.get("Retry-After")
    try:
        return None if header is None else float(Retry().parse_retry_after(header))
    except (urllib3.exceptions.InvalidHeader, OverflowError):
        return None
