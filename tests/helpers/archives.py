"""Small zip archives under RAVDESS's names, good and hostile."""

import io
import random
import stat
import warnings
import zipfile
from collections.abc import Iterable
from hashlib import md5

from ravdess_exp.corpus.manifest import expected_names
from ravdess_exp.corpus.ravdess.download.record import Archive, archive_name


def clip_names(actor: int, count: int = 4) -> list[str]:
    """The first so many names of an actor's speech clips."""
    names = sorted(name for name in expected_names() if name.endswith(f"-{actor:02d}"))
    return [f"{name}.mp4" for name in names[:count]]


def clip_bytes(name: str, size: int = 3000) -> bytes:
    """What stands for a clip: noise, which does not compress, different for each name."""
    return random.Random(name).randbytes(size)


def speech(actor: int, count: int = 4, size: int = 3000) -> bytes:
    """An archive as RAVDESS's are: a folder of an actor, and clips in it."""
    folder = f"Actor_{actor:02d}/"
    clips = [(folder + name, clip_bytes(name, size)) for name in clip_names(actor, count)]
    return zip_of([(folder, b""), *clips])


def zip_of(
    entries: Iterable[tuple[str, bytes]], *, method: int = zipfile.ZIP_STORED, mode: int = 0
) -> bytes:
    """A zip of (name, bytes), with names exactly as given; mode: Unix type and permissions of all."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as opened:
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name  # the constructor would mend it
            info.external_attr = (mode or stat.S_IFREG | 0o644) << 16
            if name.endswith("/"):
                info.external_attr = (stat.S_IFDIR | 0o755) << 16
            info.compress_type = method
            with warnings.catch_warnings(action="ignore"):  # of a name that is there already
                opened.writestr(info, content)
    return out.getvalue()


def described(content: bytes, url: str, actor: int = 1, channel: int = 1) -> Archive:
    """What a true record says of an archive."""
    digest = md5(content, usedforsecurity=False).hexdigest()
    return Archive(channel, actor, len(content), digest, (url,))


def zip_name(actor: int, channel: int = 1) -> str:
    """`Video_Speech_Actor_01.zip`."""
    return f"{archive_name(channel, actor)}.zip"
