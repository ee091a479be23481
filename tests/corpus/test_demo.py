"""The demo corpus: legal, deterministic, resumable, and with sound and faces that are found."""

import hashlib
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import av
import numpy as np
import pytest

from ravdess_exp.corpus.demo import face, second, voice
from ravdess_exp.corpus.demo.writer import generate_demo, render, trials, write_clip
from ravdess_exp.corpus.manifest import expected_names, scan
from ravdess_exp.corpus.ravdess.labels import EMOTIONS, Classes
from ravdess_exp.corpus.split import SETS
from ravdess_exp.corpus.table import list_table
from ravdess_exp.corpus.table.pattern import Pattern, distinct, read_names
from ravdess_exp.errors import CorpusError
from ravdess_exp.media.decode import Recording
from ravdess_exp.media.silence import speech_interval
from tests.conftest import trial


def digests(root: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*.mp4")}


@pytest.fixture
def two_actors(monkeypatch):
    """Only the first clips of two actors are generated."""
    from ravdess_exp.corpus.demo import writer

    some = [t for t in trials(8) if t.actor in (1, 2)][:10]
    monkeypatch.setattr(writer, "trials", lambda count: some)
    return some


@pytest.mark.parametrize("count", [8, 20, 33, 60])
def test_names_are_ravdess_s_and_every_class_is_there(count):
    made = list(trials(count))
    names = [t.path.stem for t in made]
    assert len(set(names)) == len(names) == 24 * count
    assert set(names) <= set(expected_names())
    for actor in (1, 24):
        classes = Counter(Classes().index(t.emotion) for t in made if t.actor == actor)
        assert len(classes) == 7
        assert count == 60 or max(classes.values()) - min(classes.values()) <= 1


def test_sixty_clips_an_actor_are_the_whole_of_ravdess():
    assert {t.path.stem for t in trials(60)} == set(expected_names())


def test_the_default_split_works_on_it(tmp_path):
    from ravdess_exp.config.check import validate
    from ravdess_exp.config.compose import compose_config

    for made in trials(20):
        (tmp_path / made.path).parent.mkdir(exist_ok=True)
        (tmp_path / made.path).touch()
    split = validate(compose_config([])).split.build()(scan(tmp_path).clips)
    split.require_classes(Classes())
    assert [len(getattr(split, name)) for name in SETS] == [340, 100, 40]


def test_clips_are_h264_and_aac(clip_path):
    with av.open(str(clip_path)) as container:
        kinds = {stream.type: stream.codec_context.name for stream in container.streams}
        assert kinds == {"video": "h264", "audio": "aac"}
        assert container.streams.audio[0].rate == 48_000
    assert clip_path.stat().st_size < 100_000


def test_the_same_seed_gives_the_same_bytes(tmp_path, two_actors):
    for name, seed, jobs in (("one", 0, 1), ("two", 0, 2), ("other", 1, 1)):
        generate_demo(tmp_path / name, clips_per_actor=8, seed=seed, n_jobs=jobs, progress=False)
    one, two, other = (digests(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two and len(one) == 10
    assert not set(one.values()) & set(other.values())


def test_it_is_completed_not_made_again(tmp_path, two_actors):
    root = generate_demo(tmp_path / "demo", clips_per_actor=8, n_jobs=1, progress=False)
    first = digests(root)
    removed = sorted(root.rglob("*.mp4"))[:3]
    kept = {p: p.stat().st_mtime_ns for p in root.rglob("*.mp4") if p not in removed}
    for path in removed:
        path.unlink()
    marker = root / "demo.json"
    marker.write_text(
        json.dumps({k: v for k, v in json.loads(marker.read_text()).items() if k != "complete"})
    )  # as after a kill
    generate_demo(root, clips_per_actor=8, n_jobs=1, progress=False)
    assert digests(root) == first
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def test_a_finished_corpus_is_not_looked_at_again(tmp_path, two_actors, monkeypatch):
    root = generate_demo(tmp_path / "demo", clips_per_actor=8, n_jobs=1, progress=False)
    from ravdess_exp.corpus.demo import writer

    monkeypatch.setattr(writer, "trials", lambda count: pytest.fail("made again"))
    assert generate_demo(root, clips_per_actor=8) == root


def test_another_corpus_in_the_way_is_left_alone(tmp_path, two_actors):
    root = generate_demo(tmp_path / "demo", clips_per_actor=8, n_jobs=1, progress=False)
    with pytest.raises(CorpusError, match="holds a demo corpus made with"):
        generate_demo(root, clips_per_actor=20)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(CorpusError, match="not empty and not a demo corpus"):
        generate_demo(tmp_path / "mine")


def test_both_ends_are_silent(clip_path):
    with Recording(clip_path) as recording:
        sound = recording.sound(16_000)
    start, end = speech_interval(sound, sample_rate=16_000, top_db=30)
    assert start > 0.15 * 16_000 and len(sound) - end > 0.15 * 16_000
    peak = np.abs(sound).max()
    assert np.abs(sound[: int(0.1 * 16_000)]).max() < peak / 10**1.5
    assert 0.6 < (end - start) / 16_000 < 2.5


def test_emotions_sound_and_look_different(rng):
    """At full strength, before any noise: no two emotions are the same in either channel."""
    for table in (voice.EXPRESSIONS, face.EXPRESSIONS):
        vectors = np.array(list(table.values()))
        gaps = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
        assert gaps[~np.eye(len(vectors), dtype=bool)].min() > 0.2


def test_speakers_differ_in_face_and_voice():
    looks = [face.look_of(actor, 0) for actor in range(1, 25)]
    voices = [voice.voice_of(actor, 0) for actor in range(1, 25)]
    assert len({look.half_height for look in looks}) == 24
    men, women = ([v.pitch for v in voices[i::2]] for i in (0, 1))
    assert max(men) < min(women)


def test_the_expression_comes_and_goes():
    """Rest at both ends: the first and last frames are alike, the middle is not."""
    _, frames = render(trial(emotion=8), seed=0)
    first, middle, last = (frames[i].astype(int) for i in (0, len(frames) // 2, -1))
    assert frames.shape[1:] == (240, 320, 3)
    assert np.abs(first - middle).mean() > 1.0
    assert np.abs(first - last).mean() < 3 * np.abs(first - middle).mean()


def test_a_clip_does_not_depend_on_the_others(tmp_path):
    write_clip(trial(4), tmp_path / "alone", seed=0)
    for emotion in (3, 4, 5):
        write_clip(trial(emotion), tmp_path / "crowd", seed=0)
    alone = digests(tmp_path / "alone")
    assert alone.items() <= digests(tmp_path / "crowd").items()


STARTER = """
import sys, time
from pathlib import Path
from ravdess_exp.corpus.demo import generate_demo, writer
some = [t for t in writer.trials(8) if t.actor == 1][:2]
writer.trials = lambda count: some
at_once = Path.replace
def late(self, target):  # so that unfinished files lie there while the other one looks
    time.sleep(0.4)
    return at_once(self, target)
Path.replace = late
print("ready", flush=True)
sys.stdin.readline()
generate_demo(Path(sys.argv[1]), clips_per_actor=8, n_jobs=1, progress=False)
"""


@pytest.mark.slow
def test_two_starters_at_once_both_get_a_whole_corpus(tmp_path):
    command = [sys.executable, "-c", STARTER, str(tmp_path / "demo")]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    both = [subprocess.Popen(command, **pipes, text=True) for _ in range(2)]
    assert [starter.stdout.readline() for starter in both] == ["ready\n"] * 2
    for starter in both:
        starter.stdin.write("go\n")
        starter.stdin.flush()
        time.sleep(0.2)
    said = [starter.communicate(timeout=60)[1] for starter in both]
    assert [starter.returncode for starter in both] == [0, 0], said
    assert len(digests(tmp_path / "demo")) == 2 and not list(tmp_path.rglob("*.tmp"))
    assert json.loads((tmp_path / "demo" / "demo.json").read_text())["complete"]


def test_an_unfinished_marker_of_another_process_is_no_foreign_file(tmp_path, two_actors):
    """What the second of two starters sees while the first has the lock, or after it was killed."""
    root = tmp_path / "demo"
    root.mkdir()
    for name in (".lock", "demo.json.4711.tmp"):
        (root / name).touch()
    generate_demo(root, clips_per_actor=8, n_jobs=1, progress=False)
    assert len(digests(root)) == 10


def test_a_foreign_folder_gets_no_lock(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(CorpusError, match="nothing is written into it"):
        generate_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_second_corpus_has_other_people_other_classes_and_a_table(tmp_path, monkeypatch):
    wanted = list(second.second_trials(12))
    assert len({t.path for t in second.second_trials(60)}) == 600
    assert wanted[1].path.name == "boris_de_02_froh.mp4"
    shown = {t.shown for t in wanted}
    assert len(shown & set(EMOTIONS.values())) == 4 and shown - set(EMOTIONS.values())
    assert {t.language for t in wanted} == {"de", "fr", "pl"}
    monkeypatch.setattr(
        second, "second_trials", lambda count: [t for t in wanted[:13] if t.statement]
    )
    table = second.generate_second(tmp_path / "one", n_jobs=1, progress=False)
    manifest = list_table(table, fewest_speakers=1)
    assert len(manifest.clips) == 13 and {clip.actor for clip in manifest.clips} == {
        "boris",
        "anna",
    }
    assert {clip.sex for clip in manifest.clips if clip.actor == "anna"} == {"female"}
    named = read_names(table.parent, Pattern.of("{speaker}_{language}_{_}_{emotion}.mp4"))
    assert {"froh", "wut"} <= set(distinct(named, "emotion")), "a pattern reads the names too"
    before = digests(tmp_path / "one")
    second.generate_second(tmp_path / "two", n_jobs=1, progress=False)
    assert digests(tmp_path / "two") == before
    with pytest.raises(CorpusError, match="holds a demo corpus made with"):
        generate_demo(tmp_path / "one")
