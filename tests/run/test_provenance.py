"""The tags of a run say what is wrong with it on purpose, all of it."""

from ravdess_exp.run.provenance import run_tags


def test_a_result_that_means_nothing_keeps_every_reason(configure, tmp_path):
    leaky, shuffled = ["split=leaky", "folds=[0,1]"], ["data.shuffle_labels=true"]

    def sanity(overrides: list[str]) -> str | None:
        return run_tags(configure(*overrides), folder=tmp_path, overrides=overrides).get("sanity")

    assert sanity([]) is None
    assert sanity(leaky) == "leaky: speakers are in training and in test"
    assert sanity(shuffled) == "labels shuffled over all clips"
    assert sanity([*leaky, *shuffled]) == f"{sanity(leaky)}; {sanity(shuffled)}"
