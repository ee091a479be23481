"""Fetch RAVDESS's video clips from Zenodo: checked, resumed, unpacked; run it again to go on.

    ravdess-exp download DIR --zip ravdess.zip       # or the one file that a course hands out, here or at
    ravdess-exp download DIR --zip https://...       # an address: every clip in it, in any nesting

Exit codes: 0 all there; 1 some archives failed, the others are complete; 2 a mistake to mend before
anything is fetched; 130 interrupted.
"""

import argparse
import sys
from pathlib import Path

from ravdess_exp.command import assignment, our_command
from ravdess_exp.corpus.ravdess.labels import ACTORS
from ravdess_exp.places import at_home


def main(arguments: list[str]) -> int:
    """State the licence, download, report what is complete and what failed."""
    options = _options(arguments)
    if options.zip is not None:
        return _unpack(options)
    from ravdess_exp.corpus.ravdess.download.licence import accept
    from ravdess_exp.corpus.ravdess.download.record import WITHOUT_SONGS, ZENODO
    from ravdess_exp.corpus.ravdess.download.session import download

    try:
        accept(options.yes)
        if options.song and WITHOUT_SONGS in options.actors:
            print(f"RAVDESS has no songs of actor {WITHOUT_SONGS}; speech only for this one.")
        outcome = download(
            options.target,
            actors=options.actors,
            song=options.song,
            record=options.record or ZENODO,
            at_once=options.at_once,
            keep_archives=options.keep_archives,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt("what came is kept, and the same command continues") from None
    return _report(outcome, options.target)


def _unpack(options: argparse.Namespace) -> int:
    """One zip file, which is here or is fetched."""
    from ravdess_exp.corpus.ravdess.download.handed_out import unpack_handed_out
    from ravdess_exp.corpus.ravdess.download.licence import accept

    try:
        accept(options.yes)
        source = options.zip if "://" in options.zip else at_home(options.zip)
        outcome = unpack_handed_out(options.target, source, keep=options.keep_archives)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("what came is kept, and the same command continues") from None
    print(outcome.told(), flush=True)
    for _, reason in sorted(outcome.failed.items()):
        print(f"failed: {reason}", file=sys.stderr)
    if outcome.failed:
        print(f"{len(outcome.failed)} failed; the others are there", file=sys.stderr)
        return 1
    return _next(options.target)


def _report(outcome, target: Path) -> int:
    print(f"{len(outcome.complete)} archives complete in {target}")
    for name, reason in sorted(outcome.failed.items()):
        print(f"failed: {name}: {reason}", file=sys.stderr)
    if outcome.failed:
        print(f"{len(outcome.failed)} archives failed; run the same command again", file=sys.stderr)
        return 1
    return _next(target)


def _next(target: Path) -> int:
    root = assignment("data.root", str(target.absolute()))
    print(f"next: {our_command('data=ravdess', root)}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ravdess-exp download",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", type=Path, help="folder for the clips, such as /data/RAVDESS")
    parser.add_argument(
        "--actors",
        type=_actors,
        help="such as 1,2,5-8; default: all 24 (about 0.55 GB each)",
    )
    parser.add_argument("--song", action="store_true", help="songs too, not only speech")
    parser.add_argument(
        "--at-once", type=_at_once, default=3, help="archives; default: %(default)s"
    )
    parser.add_argument(
        "--keep-archives", action="store_true", help="in TARGET.download; default: remove them"
    )
    parser.add_argument("--yes", action="store_true", help="accept the licence without being asked")
    parser.add_argument("--record", help="address of the record's metadata; default: Zenodo's")
    parser.add_argument(
        "--zip", help="a zip file of clips, here or at an address, instead of Zenodo's archives"
    )
    options = parser.parse_args(arguments)
    if options.zip is not None and (options.actors or options.song or options.record):
        parser.error("--zip brings every clip of the file: without --actors, --song and --record")
    options.actors = options.actors or ACTORS
    return options


def _actors(text: str) -> tuple[int, ...]:
    """`1,2,5-8` as numbers in order; raises ArgumentTypeError."""
    actors: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            raise argparse.ArgumentTypeError(f"expected numbers such as 1,2,5-8, found {text!r}")
        chosen = range(int(first), int(last or first) + 1)
        if not chosen or not {chosen[0], chosen[-1]} <= set(ACTORS):
            raise argparse.ArgumentTypeError(f"expected actors 1 to 24, found {part.strip()!r}")
        actors.update(chosen)
    return tuple(sorted(actors))


def _at_once(text: str) -> int:
    """1 to 8: more would be rude, and Zenodo answers 429 to it."""
    if not (text.isdecimal() and 1 <= int(text) <= 8):
        raise argparse.ArgumentTypeError(f"expected 1 to 8, found {text!r}")
    return int(text)
