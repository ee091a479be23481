"""Fetch RAVDESS's video clips from Zenodo: checked, resumed, unpacked; run it again to go on.

Exit codes: 0 all there; 1 some archives failed, the others are complete; 2 a mistake to mend before
anything is fetched; 130 interrupted.
"""

import argparse
import sys
from pathlib import Path

from ravdess_exp.corpus.ravdess.download.licence import accept
from ravdess_exp.corpus.ravdess.download.record import WITHOUT_SONGS, ZENODO
from ravdess_exp.corpus.ravdess.download.session import Outcome, download
from ravdess_exp.corpus.ravdess.labels import ACTORS
from ravdess_exp.errors import RavdessError


def main() -> int:
    """State the licence, download, say what is there and what is not."""
    arguments = _arguments()
    try:
        accept(arguments.yes)
        if arguments.song and WITHOUT_SONGS in arguments.actors:
            print(f"RAVDESS has no songs of actor {WITHOUT_SONGS}; speech only for this one.")
        outcome = download(
            arguments.target,
            actors=arguments.actors,
            song=arguments.song,
            record=arguments.record,
            at_once=arguments.at_once,
            keep_archives=arguments.keep_archives,
        )
    except RavdessError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\ninterrupted: what came is kept, and the same command goes on with it",
            file=sys.stderr,
        )
        return 130
    return _report(outcome, arguments.target)


def _report(outcome: Outcome, target: Path) -> int:
    print(f"{len(outcome.complete)} archives complete in {target}")
    for name, reason in sorted(outcome.failed.items()):
        print(f"failed: {name}: {reason}", file=sys.stderr)
    if outcome.failed:
        print(f"{len(outcome.failed)} archives failed; run the same command again", file=sys.stderr)
        return 1
    print(f"next: ravdess-exp data=ravdess data.root={target}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", type=Path, help="folder for the clips, such as /data/RAVDESS")
    parser.add_argument(
        "--actors",
        type=_actors,
        default=ACTORS,
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
    parser.add_argument(
        "--record", default=ZENODO, help="address of the record's metadata; default: %(default)s"
    )
    return parser.parse_args()


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


if __name__ == "__main__":
    sys.exit(main())
