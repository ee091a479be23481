"""Tables of classes stay readable, however many there are and however long their names."""

from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.report.columns import matrix_lines
from ravdess_exp.report.predictions import PredictionTable
from ravdess_exp.terminal import short_names

MANY = tuple(f"surprised in the way of number {n}" for n in range(12))


def test_short_names_differ():
    assert short_names(["sad", "surprised_good", "surprised_bad"]) == [
        "sad",
        "surpris~1",
        "surpris~2",
    ]
    found = short_names(MANY)
    assert len(set(found)) == 12 and max(map(len, found)) <= 9


def test_two_classes_are_named_and_twelve_numbered():
    few = matrix_lines(["yes", "no"], [[3, 1], [0, 4]], ["0.75", "1.00"], "recall")
    assert few[0].split() == ["true", "/", "predicted", "yes", "no", "recall"]
    many = matrix_lines(MANY, [[n] * 12 for n in range(12)], ["0.50"] * 12, "recall")
    assert "12" in many[0] and "surprised" not in many[0]
    assert many[3].startswith("   3 surprised in the way of n...")
    assert max(map(len, many)) < 115


def test_of_many_classes_the_most_probable_are_shown():
    table = PredictionTable(MANY, ["a.mp4"], thresholds=True)
    made = Prediction(file="a.mp4", classes=MANY, probabilities=(*[0.05] * 11, 0.45), sure=True)
    assert "the most probable" in table.header()
    assert f"{MANY[11]} 0.450, {MANY[0]} 0.050" in table.row(made)
    assert len(table.row(made)) < 200


def test_numbers_are_columns_without_a_verdict():
    table = PredictionTable((), ["a.mp4"], numbers=("arousal", "valence"))
    made = Prediction(file="a.mp4", classes=(), numbers=("arousal", "valence"), values=(3.25, 1.0))
    assert table.header().split() == ["file", "arousal", "valence"]
    assert table.row(made).split() == ["a.mp4", "3.250", "1.000"]
    failed = Prediction(file="a.mp4", classes=(), numbers=("arousal",), reason="no sound")
    assert table.row(failed).endswith("-- no sound")
