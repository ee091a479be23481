"""What is printed of further corpora."""

from ravdess_exp.corpus.split.sets import listed
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.other import Others, OtherScores


def other_lines(others: Others) -> list[str]:
    """A few lines for each further corpus: scores, and what of it could not be scored."""
    lines = []
    for name, of in others.scores.items():
        lines += [*_scores(name, of), *_lost(of)]
    lines += [f"{name} is not scored: {reason}" for name, reason in others.failures.items()]
    return lines


def _scores(name: str, of: OtherScores) -> list[str]:
    models = "this model" if of.models == 1 else f"{of.models} models, mean over them,"
    return [
        f"Scored there: {name}, {of.clips} clips of {of.speakers} speakers, by {models} "
        "which had none of it in training",
        f"  UAR       {of.uar.value:.3f}   95% interval {of.uar.low:.3f} to {of.uar.high:.3f}   "
        f"(chance {of.chance:.3f})",
        f"            {scope(of.speakers)}; over the classes that both have: {', '.join(of.classes)}",
        f"  accuracy  {of.accuracy.value:.3f}   macro F1  {of.macro_f1.value:.3f}",
    ]


def _lost(of: OtherScores) -> list[str]:
    lines = []
    if of.unknown:
        each = ", ".join(f"{count} of {emotion}" for emotion, count in of.unknown.items())
        lines.append(f"  left out, since the model knows no such class: {each}")
    if of.lacking:
        lines.append(f"  the model knows, and no clip there shows: {', '.join(of.lacking)}")
    if of.known:
        lines.append(f"  left out, since the model learned from their speakers: {of.known} clips")
    if of.failed:
        lines.append(f"  not usable: {of.failed} files or rows")
    return lines


def prepared_line(name: str, clips: int, actors: set) -> str:
    """What is going to be scored, before the training."""
    return f"scored beside: {name}, {clips} clips of {len(actors)} speakers ({listed(actors)})"
