"""Which runs a study is made of, and which of them are finished."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest
from omegaconf import OmegaConf, open_dict

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.manifest import expected_names
from ravdess_exp.corpus.split import SETS
from ravdess_exp.errors import ConfigError, OutputError, SplitError
from ravdess_exp.folder import IDENTITY, RunFolder
from ravdess_exp.prepare.store import ContentDigests, Store
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.run.output import write_split
from ravdess_exp.study.study import Member, Study, plan


@pytest.fixture
def names_only(tmp_path) -> Path:
    """Files with the names of six actors' clips; nothing here reads their content."""
    root = tmp_path / "corpus"
    for name in expected_names():
        if int(name[-2:]) <= 6:
            path = root / f"Actor_{name[-2:]}" / f"{name}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return root


def study(root: Path, folder: Path, *overrides: str) -> Study:
    told = ["data=ravdess", f"data.root={root}", "experiment=loso", *overrides]
    return plan(validate(compose_config(told)), told, folder, folder.parent)


def pretend(member: Member, study_: Study) -> None:
    """What a finished run leaves, as far as a study looks at it."""
    (member.folder / ".hydra").mkdir(parents=True)
    told = [o for o in member.overrides if not o.startswith("hydra.")]
    OmegaConf.save(compose_config(told), member.folder / ".hydra" / "config.yaml")
    (member.folder / "metrics.json").write_text(json.dumps({"val/uar": 0.5}))
    (member.folder / "predictions.csv").write_text("clip,actor\n")
    drawn = member.split(study_.manifest)
    write_split(drawn, drawn, RunFolder(member.folder))


def test_one_run_for_each_actor_there_is(names_only, tmp_path):
    found = study(names_only, tmp_path / "s")
    assert [member.label for member in found.members] == [
        f"actor_{a:02d}-seed_0" for a in range(1, 7)
    ]
    assert [member.config.split.test_actor for member in found.members] == list(range(1, 7))
    last = found.members[-1]
    assert last.folder == tmp_path / "s" / "actor_06-seed_0"
    assert {"split.test_actor=6", "seed=0", "hydra.sweep.subdir=s/actor_06-seed_0"} <= set(
        last.overrides
    )


def test_every_seed_and_some_folds(names_only, tmp_path):
    found = study(names_only, tmp_path / "s", "seeds=[3,5]", "folds=[6,2]")
    labels = [member.label for member in found.members]
    assert labels == ["actor_02-seed_3", "actor_06-seed_3", "actor_02-seed_5", "actor_06-seed_5"]
    assert [member.config.seed for member in found.members] == [3, 3, 5, 5]


def test_seeds_alone_repeat_a_fixed_split(names_only, tmp_path):
    sets = ["split=fixed", "split.train=[1,2]", "split.validation=[3]", "split.test=[4]"]
    found = study(names_only, tmp_path / "s", *sets, "folds=one", "seeds=[0,1]")
    assert [member.label for member in found.members] == ["seed_0", "seed_1"]


def test_actors_that_are_left_out_are_no_fold(names_only, tmp_path):
    found = study(
        names_only, tmp_path / "s", "data.without_actors=[2,5]", "split.validation_actors=1"
    )
    assert [member.fold for member in found.members] == [1, 3, 4, 6]
    for member in found.members:
        actors = member.split(found.manifest).actors()
        assert not {2, 5} & {actor for of in actors.values() for actor in of}
        assert len(actors["validation"]) == 1, "the rotation goes over those who are left"


def test_folds_of_whole_actors_without_some(names_only, tmp_path):
    told = ["split=grouped_kfold", "split.folds=4", "data.without_actors=[2,5]"]
    found = study(names_only, tmp_path / "s", *told)
    tested = [m.split(found.manifest).actors()["test"] for m in found.members]
    assert sorted(actor for actors in tested for actor in actors) == [1, 3, 4, 6]


def test_a_fold_that_is_not_there(names_only, tmp_path):
    with pytest.raises(ConfigError, match=r"folds=\[9\]: expected some of \[1, 2, 3, 4, 5, 6\]"):
        study(names_only, tmp_path / "s", "folds=[9]")


def test_too_few_actors_are_reported_before_any_run(names_only, tmp_path):
    expected = "split.validation_actors=5: the corpus has 6 actors, .* take at most 4"
    with pytest.raises(SplitError, match=expected):
        study(names_only, tmp_path / "s", "split.validation_actors=5")
    with pytest.raises(
        SplitError, match=r"split.folds=7: the corpus has 6 actors.* take at most 6"
    ):
        study(names_only, tmp_path / "s", "split=grouped_kfold", "split.folds=7")
    prepared = study(names_only, tmp_path / "s", "split.validation_actors=5", "task=prepare")
    assert len(prepared.members) == 6, "preparation divides nothing"


def without(names_only: Path, pattern: str) -> None:
    """Take clips out of the corpus."""
    for path in list(names_only.glob(f"*/{pattern}.mp4")):
        path.unlink()


def test_a_class_that_no_fold_has_is_reported_before_any_run(names_only, tmp_path):
    without(names_only, "??-??-05-??-??-??-0[2-6]")  # only actor 1 is angry
    with pytest.raises(
        SplitError, match="none of the 6 runs can divide the clips; the first one: "
    ):
        study(names_only, tmp_path / "s")


def test_one_fold_that_lacks_a_class_is_left_to_fail_alone(names_only, tmp_path):
    without(names_only, "??-??-05-??-??-??-04")
    found = study(names_only, tmp_path / "s", "split.validation_actors=2")
    reasons = [member.split_failure(found.manifest) for member in found.members]
    assert reasons[3] == (
        "split.test has no clip of: angry; actor 4 has none; in a study 'data.without_actors=[4]' "
        "goes on without; split.test_actor=1 scores another; 'data.without_emotions=[angry]' leaves "
        "it out of all sets"
    )
    assert reasons.count(None) == 5


def test_only_what_is_finished_is_left_out(names_only, tmp_path):
    found = study(names_only, tmp_path / "s")
    for member in found.members[:4]:
        pretend(member, found)
    assert found.unfinished() == list(found.members[4:])
    (found.members[0].folder / "metrics.json").unlink()
    (found.members[1].folder / "metrics.json").write_text('{"val/uar": 0.')
    (found.members[2].folder / "split.csv").unlink()
    (found.members[3].folder / "predictions.csv").write_text("")
    assert found.unfinished() == list(found.members), "damaged or cut off: done again"


def test_seeds_and_folds_can_be_added_later(names_only, tmp_path):
    first = study(names_only, tmp_path / "s", "folds=[1,2]")
    for member in first.members:
        pretend(member, first)
    later = study(names_only, tmp_path / "s", "seeds=[0,1]", "tracking.experiment=other")
    todo = [member.label for member in later.unfinished()]
    assert len(todo) == 10 and not {"actor_01-seed_0", "actor_02-seed_0"} & set(todo)


def test_a_study_of_other_settings_is_never_mixed_in(names_only, tmp_path):
    first = study(names_only, tmp_path / "s")
    pretend(first.members[2], first)
    other = study(names_only, tmp_path / "s", "training.epochs=3")
    with pytest.raises(
        ConfigError, match=r"actor_03-seed_0 holds a run with training.epochs=\d+, and"
    ):
        other.unfinished()


def test_an_older_run_is_told(names_only, tmp_path):
    found = study(names_only, tmp_path / "s")
    pretend(found.members[0], found)
    stored = found.members[0].folder / ".hydra" / "config.yaml"
    stored.write_text(stored.read_text().replace("modality:", "modalities:"))
    with pytest.raises(OutputError, match="holds an older run"):
        found.unfinished()


LATER = (  # settings of today that a run of 0.1 lacks, and what it did
    "frames.reference=onset",
    "training.calibrate=false",
    "audio_encoder.read_padding=true",
    "evaluation.sure_accuracy=null",
)


def test_a_study_of_an_earlier_version_goes_on(names_only, tmp_path):
    """With what was done then; and what was not is asked for by the words that go on."""
    plain = "training=early_stopping"
    first = study(names_only, tmp_path / "s", plain, *LATER)
    pretend(first.members[0], first)
    stored = first.members[0].folder / ".hydra" / "config.yaml"
    config = OmegaConf.load(stored)
    with open_dict(config):
        del config.frames.reference, config.frames.register, config.model
        for name in ("weight_decay", "mixup", "ema", "choose", "refit", "members", "calibrate"):
            del config.training[name]
        del config.evaluation.sure_accuracy, config.evaluation.baseline
        del config.audio.cut, config.audio.over_time, config.audio_encoder.read_padding
        del config.augment.sound, config.augment.sound_variants
    OmegaConf.save(config, stored)
    assert first.members[0] not in study(names_only, tmp_path / "s", plain, *LATER).unfinished()
    with pytest.raises(ConfigError) as refusal:
        study(names_only, tmp_path / "s", plain).unfinished()
    said = re.search(r"To go on with it, add (.*); or choose", str(refusal.value))
    words = shlex.split(said[1])
    assert sorted(word.replace('"', "") for word in words) == sorted(LATER)
    assert first.members[0] not in study(names_only, tmp_path / "s", plain, *words).unfinished()


def test_a_study_of_other_defaults_says_how_to_go_on(names_only, tmp_path):
    """Whole options of groups, and what was set besides: the words that it gives are taken."""
    chosen = {"audio": "mfcc", "audio_encoder": "blstm", "fusion": "concat"}
    told = [*(f"{group}={option}" for group, option in chosen.items()), "training.epochs=7"]
    first = study(names_only, tmp_path / "s", *told, "audio.n_mfcc=13")
    pretend(first.members[0], first)
    with pytest.raises(ConfigError, match=r"is asked for\. So choose another hydra\.sweep\.dir$"):
        study(names_only, tmp_path / "s").unfinished()
    record = {"hydra": {"runtime": {"choices": chosen}}}
    OmegaConf.save(record, first.members[0].folder / ".hydra" / "hydra.yaml")
    with pytest.raises(ConfigError) as refusal:
        study(names_only, tmp_path / "s").unfinished()
    words = shlex.split(re.search("To go on with it, add (.*); or", str(refusal.value))[1])
    assert {*told, "audio.n_mfcc=13"} == set(words)
    assert first.members[0] not in study(names_only, tmp_path / "s", *words).unfinished()


def test_a_corpus_that_grew_changes_every_fold(names_only, tmp_path):
    """Folds that were trained on fewer speakers may not be pooled with the new ones."""
    first = study(names_only, tmp_path / "s")
    for member in first.members:
        pretend(member, first)
    assert not first.unfinished()
    for path in list((names_only / "Actor_06").iterdir()):
        shutil.copy(path, path.with_name(f"{path.stem[:-2]}07.mp4"))
    assert len(study(names_only, tmp_path / "s").unfinished()) == 7


def test_another_recording_under_the_same_name_is_another_run(names_only, tmp_path):
    """Clips that were replaced, and clips that another version of a library prepared."""
    store = f"data.store={tmp_path}/store"
    first = study(names_only, tmp_path / "s", store)
    digests = ContentDigests(Store(tmp_path / "store"))
    for member in first.members:
        pretend(member, first)
        drawn = member.split(first.manifest)
        folder = RunFolder(member.folder)
        write_split(drawn, drawn, folder, {c.name: digests(c.path) for c in drawn.clips()})
        folder.write_json(IDENTITY, {"preparation": build_recipe(member.config).settings()})
    assert not study(names_only, tmp_path / "s", store).unfinished()
    replaced = names_only / "Actor_02" / "01-01-03-01-01-01-02.mp4"
    replaced.write_bytes(b"another recording")
    reasons = study(names_only, tmp_path / "s", store).reasons_to_run()
    assert len(reasons) == 6 and set(reasons.values()) == {
        f"the recording of {replaced.stem} is another one now"
    }
    replaced.write_bytes(b"")
    other = {"preparation": {"speech": {"computed_by": {"librosa": "0.1"}}}}
    RunFolder(first.members[0].folder).write_json(IDENTITY, other)
    reasons = study(names_only, tmp_path / "s", store).reasons_to_run()
    assert reasons == {
        "actor_01-seed_0": "its clips were prepared in another way, or by other versions of the "
        "libraries"
    }


def test_settings_that_change_no_result_may_differ(names_only, tmp_path):
    """What the refusal of a checkpoint advises must not be refused by the study."""
    first = study(names_only, tmp_path / "s")
    for member in first.members:
        pretend(member, first)
    free = ["training.resume=false", f"data.store={tmp_path}/elsewhere", "data.workers=1"]
    assert not study(names_only, tmp_path / "s", *free).unfinished()
    moved = shutil.copytree(names_only, tmp_path / "moved")
    assert not study(moved, tmp_path / "s").unfinished(), "the clips are the same elsewhere"


def test_split_csv_tells_every_clip_and_whether_it_was_used(names_only, tmp_path):
    found = study(names_only, tmp_path / "s")
    drawn = found.members[0].split(found.manifest)
    used = drawn.only({clip.name for clip in drawn.clips()} - {drawn.train[0].name})
    write_split(drawn, used, RunFolder(tmp_path))
    table = pd.read_csv(tmp_path / "split.csv")
    assert len(table) == 360 and set(table.set) == set(SETS)
    assert list(table[~table.used]["clip"]) == [drawn.train[0].name]
    speakers = table.groupby("set").actor.unique()
    assert not set(speakers["train"]) & set(speakers["test"])
