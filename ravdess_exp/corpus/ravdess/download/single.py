"""One zip file of clips at an address of somebody's, such as a course's: without a record of its sum."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ravdess_exp.corpus.ravdess.download.client import AttemptError, Client, RefusedError, check_url
from ravdess_exp.errors import DownloadError

_MOST = 64 << 30  # bytes; all of RAVDESS has 25 GB


@dataclass(frozen=True)
class Single:
    """A zip file by its address. size: in bytes, as the server says; md5: None, for nobody states it."""

    name: str  # without `.zip`
    size: int
    url: str
    md5: None = None

    @property
    def identity(self) -> str:
        """What a part of it that was fetched before must be of."""
        return f"{self.url} of {self.size} bytes"

    @property
    def urls(self) -> tuple[str, ...]:
        """As an archive of the record has them."""
        return (self.url,)


def ask_for(url: str, client: Client) -> Single:
    """What a server says of a file; raises `DownloadError` where there is none, or no size."""
    check_url(url, "--zip")
    patience = client.patience(url)
    while True:
        try:
            with client.get(url) as response:
                kind = response.headers.get("Content-Type", "")
                length = response.headers.get("Content-Length", "")
            break
        except RefusedError as error:
            raise DownloadError(str(error).replace("the record", "the file")) from None
        except AttemptError as failure:
            patience.wait(failure)
    if kind.startswith("text/html"):
        raise DownloadError(
            f"{url}: expected a zip file, the server answers with a page; fetch it with a browser, and "
            "give --zip the file"
        )
    if not (length.isdecimal() and 0 < int(length) <= _MOST):
        raise DownloadError(
            f"{url}: a file of {length or 'unknown'} bytes, expected 1 to {_MOST:,}; fetch it otherwise, "
            "and give --zip the file"
        )
    return Single(_name(url), int(length), url)


def _name(url: str) -> str:
    """Of the file that is kept meanwhile: letters and digits alone."""
    last = unquote(urlsplit(url).path).rpartition("/")[2].removesuffix(".zip")
    return re.sub(r"[^\w-]+", "_", last, flags=re.ASCII).strip("_")[:60] or "archive"
