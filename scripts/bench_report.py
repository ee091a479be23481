"""One table and one picture from what the benchmarks left in outputs/bench; `make bench` ends with it."""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib.pyplot as plt
from turns import OUT

FASTEST = "yunet"
COLOURS = {"naive": "#999999", "plain": "#999999", "floor": "#d8b365"}
OURS = "#1b7837"

Row = tuple[str, str]


def preparation(measured: dict) -> Iterator[Row]:
    """How many times the naive way, and the floor."""
    for title in ("as they are", "heavy"):
        ways, clips = measured[title]["ways"], measured[title]["clips"]
        of = f"{clips} clips of {measured[title]['megabytes']:.1f} MB"
        for name in ("mtcnn", FASTEST):
            way = ways[name]
            yield (
                f"preparing {of}, {name}",
                f"naive way {way['naive_over']:.1f} times ours ({way['ms']:.0f} ms a clip), ours "
                f"{way['over_floor']:.2f} times decoding alone",
            )
    if "two processes" in measured:
        two = measured["two processes"]
        yield (
            f"two processes, {two['clips']} clips",
            f"{two['from the start']:.2f} times one, start-up included; {two['further clips']:.2f} "
            "times for each further clip",
        )


def training(measured: dict) -> Iterator[Row]:
    """Each model's step against the plain one and the floor."""
    for case, of_case in measured.items():
        if not isinstance(of_case, dict) or "ways" not in of_case:
            continue
        ways, text = of_case["ways"], []
        for name in ("ours", "bfloat16"):
            if name in ways:
                plain = ways[name].get("plain_over")
                gain = f"plain {plain[1]:.2f} times its processor time, " if plain else ""
                text.append(
                    f"{name}: {gain}{ways[name]['ms'][0]:.0f} ms, "
                    f"{ways[name]['over_floor'][0]:.2f} times the floor"
                )
        yield f"a step of {case} + BLSTM, batch {measured['batch']}", "; ".join(text)
    for case, sources in measured.get("pipeline", {}).items():
        over = sources["pipeline"]["over_cached"][0]
        text = f"{over - 1:.1%} of a step ({over:.3f} times one cached batch)"
        yield f"the input pipeline, {case}", text


def startup(measured: dict) -> Iterator[Row]:
    """Help, mistakes, and a whole run beside its work."""
    help_page = measured["commands"].pop("help")[0]
    slowest = max(wall for wall, _ in measured["commands"].values())
    yield "help; the slowest of the mistakes", f"{help_page:.2f} s; {slowest:.2f} s"
    first, *later = (run["beside"] for run in measured["runs"])
    ratio = statistics.median(run["ratio"] for run in measured["runs"][1:])
    yield (
        "a run beside preparation, training and evaluation",
        f"{first:.1f} s with a new MLflow database, {min(later):.1f} to {max(later):.1f} s later: "
        f"{ratio:.2f} times importing TensorFlow, Keras and MLflow",
    )


def study(measured: dict) -> Iterator[Row]:
    """A fold beside its training."""
    yield (
        "a fold of a study beside its training",
        f"{measured['beside_s']:.1f} s, {measured['share']:.1%} of the training",
    )


def growth(measured: dict) -> Iterator[Row]:
    """Time and memory by the number of clips."""
    sizes = measured["sizes"]
    per_clip = ", ".join(f"{1000 * s['first']['seconds'] / s['clips']:.0f}" for s in sizes)
    memory = ", ".join(f"{s['first']['memory_mb']:.0f}" for s in sizes)
    numbers = ", ".join(f"{s['clips']:,}" for s in sizes)
    yield f"preparing {numbers} clips", f"{per_clip} ms a clip; {memory} MB at most"


PARTS: dict[str, Callable[[dict], Iterator[Row]]] = {
    "prepare": preparation,
    "train": training,
    "startup": startup,
    "study": study,
    "growth": growth,
}


def picture(prepare: dict | None, train: dict | None, path: Path) -> None:
    """Bars of the ways side by side, each against its naive form and its floor."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    if prepare:
        ways = prepare["as they are"]["ways"]
        _bars(left, {_said(name): way["ms"] for name, way in ways.items()})
        left.set(title="Preparing a clip", xlabel="processor time, ms a clip")
    if train:
        case = train["vgg 32-64-128"]
        bars = {name: way["ms"][1] for name, way in case["ways"].items()}
        _bars(right, {"floor": case["floor_ms"][1], **bars})
        right.set(title=f"A training step, VGG 32-64-128 + BLSTM, batch {train['batch']}")
        right.set_xlabel("processor time, ms a step")
    figure.savefig(path, dpi=110)


def _said(name: str) -> str:
    return name if name in COLOURS else f"ours, {name}"


def _bars(axes: plt.Axes, values: dict[str, float]) -> None:
    names = sorted(values, key=values.get)
    colours = [COLOURS.get(name, "#bbbbbb" if name == "XLA" else OURS) for name in names]
    drawn = axes.barh(names, [values[name] for name in names], color=colours)
    axes.bar_label(drawn, fmt="{:.0f}", padding=3)
    axes.margins(x=0.1)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> int:
    """Print the table; write it and the picture beside the benchmarks' files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="default: %(default)s")
    out = parser.parse_args().out
    measured = {p.stem: json.loads(p.read_text()) for p in out.glob("*.json") if p.stem in PARTS}
    if not measured:
        print(f"{out}: no figures of a benchmark in it; `make bench` makes them", file=sys.stderr)
        return 2
    machines = {json.dumps(of_part.pop("machine")) for of_part in measured.values()}
    lines = [f"measured on: {', '.join(map(str, json.loads(m).values()))}" for m in machines]
    lines += ["", "| what | found |", "|---|---|"]
    for name, rows in PARTS.items():
        lines += [
            f"| {what} | {text} |"
            for what, text in (rows(measured[name]) if name in measured else ())
        ]
    print("\n".join(lines))
    (out / "performance.md").write_text("\n".join(lines) + "\n")
    picture(measured.get("prepare"), measured.get("train"), out / "performance.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
