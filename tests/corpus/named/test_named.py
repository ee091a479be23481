"""Corpora by their names: files as people have them, what they mean, what is said to be missing."""

from pathlib import Path

import pytest

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.named import CREMA_D, EMODB, ENTERFACE, SAVEE, TERMS, TESS, list_named
from ravdess_exp.corpus.named.form import describe_form
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.corpus.split import OwnSplit
from ravdess_exp.corpus.table.row import Row
from ravdess_exp.errors import CorpusError, SplitError

SOUND, VIDEO = (Selection(modality=m, channel="all") for m in ("audio", "both"))
TESS_FOLDER = "TESS Toronto emotional speech set data"
FILES = {  # below the corpus's folder: id, speaker, emotion, sex, statement
    "crema_d": {
        "AudioWAV/1001_DFA_ANG_XX.wav": ("1001_DFA_ANG_XX", "1001", "angry", "female", "DFA"),
        "CREMA-D/CREMA-D/1002_IEO_FEA_LO.WAV": ("1002_IEO_FEA_LO", "1002", "fearful", None, "IEO"),
        "AudioWAV/1040_ITH_SAD_X.wav": ("1040_ITH_SAD_XX", "1040", "sad", None, "ITH"),
        "1091_wsi_hap_hi (1).wav": ("1091_WSI_HAP_HI", "1091", "happy", None, "WSI"),
    },
    "savee": {
        "AudioData/DC/a01.wav": ("DC_a01", "DC", "angry", "male", "a01"),
        "AudioData/AudioData/JE/su12.wav": ("JE_su12", "JE", "surprised", "male", "su12"),
        "ALL/JK_sa3.wav": ("JK_sa03", "JK", "sad", "male", "sa03"),
        "KL/n30.WAV": ("KL_n30", "KL", "neutral", "male", "n30"),
    },
    "emodb": {
        "wav/03a01Fa.wav": ("03a01Fa", "3", "happy", "male", "a01"),
        "16b10Lb.wav": ("16b10Lb", "16", "bored", "female", "b10"),
        "emodb/wav/08a02wc.wav": ("08a02Wc", "8", "angry", "female", "a02"),
    },
    "tess": {
        f"{TESS_FOLDER}/OAF_angry/OAF_back_angry.wav": (
            "OAF_back_angry", "OAF", "angry", "female", "back",
        ),
        f"{TESS_FOLDER}/OAF_neutral/OA_bite_neutral.wav": (
            "OAF_bite_neutral", "OAF", "neutral", "female", "bite",
        ),
        "YAF_dog_ps.wav": ("YAF_dog_ps", "YAF", "surprised", "female", "dog"),
    },
    "enterface": {
        "subject 1/anger/sentence 1/s1_an_1.avi": ("s1_an_1", "1", "angry", None, "an_1"),
        "enterface database/subject 3/sadness/sentence 2/s_3_sa_2.avi": (
            "s3_sa_2", "3", "sad", None, "sa_2",
        ),
        "subject-44/surprise/sentence 5/s43_su_5.AVI": ("s44_su_5", "44", "surprised", None, "su_5"),
        "subject 6/fear/s6_fe.avi": ("s6_fe", "6", "fearful", None, "fe"),
    },
}  # fmt: skip
CORPORA = (CREMA_D, SAVEE, EMODB, TESS, ENTERFACE)


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


@pytest.mark.parametrize("name", FILES)
def test_files_as_people_have_them(name, tmp_path):
    touch(tmp_path, *FILES[name])
    touch(tmp_path, "._1001_DFA_ANG_XX.wav", "AudioData/DC/._a01.wav", "__MACOSX/._s1_an_1.avi")
    (tmp_path / "VideoDemographics.csv").write_text("ActorID,Age,Sex,Race\n1001,51,Female,x\n")
    manifest = list_named(name, tmp_path, selection=SOUND)
    found = {
        clip.path.relative_to(tmp_path).as_posix(): (
            clip.id, clip.speaker, clip.emotion, clip.sex, clip.statement,
        )
        for clip in manifest.clips
    }  # fmt: skip
    assert found == FILES[name] and not manifest.rejected
    assert manifest.terms == TERMS[name] and TERMS[name].licence in manifest.summary()
    assert "not as published" in manifest.summary()


@pytest.mark.parametrize("name", TERMS)
def test_each_has_an_option_that_states_its_licence_and_its_size(name):
    config = validate(compose_config([f"data={name}", "data.root=/x", "modality=audio"]))
    assert config.data.source == name
    text = (Path(__file__).parents[3] / "conf" / "data" / f"{name}.yaml").read_text()
    assert TERMS[name].source in text.split("defaults:")[0].replace("\n# ", " ")


def test_a_recording_is_one_clip_in_however_many_files(tmp_path):
    """Sound alone is decoded faster; where a picture is asked for, it is of no use."""
    touch(tmp_path, *(f"AudioWAV/{speaker}_DFA_{code}_XX.wav" for speaker in range(1001, 1004)
                      for code in ("ANG", "SAD")))  # fmt: skip
    touch(tmp_path, "VideoFlash/1001_DFA_ANG_XX.flv", "AudioMP3/1001_DFA_ANG_XX.mp3")
    touch(tmp_path, "VideoFlash/1002_DFA_SAD_XX.flv")
    manifest = list_named("crema_d", tmp_path, selection=SOUND)
    assert len(manifest.clips) == 6 and {clip.path.suffix for clip in manifest.clips} == {".wav"}
    assert [path.suffix for path, _ in manifest.copies] == [".mp3", ".flv", ".flv"]
    manifest = list_named("crema_d", tmp_path, selection=VIDEO)
    assert {clip.path.suffix for clip in manifest.clips} == {".flv"} and not manifest.copies
    assert "modality=audio reads .wav, .mp3" in manifest.summary()


def test_a_copy_of_everything_in_a_folder_within_the_folder_is_used_once(tmp_path):
    names = [f"{who}_{word}_{e}.wav" for who in ("OAF", "YAF") for word in ("back", "dog")
             for e in ("angry", "sad")]  # fmt: skip
    once = list_named("tess", touch(tmp_path / "a", *names), selection=SOUND)
    twice = touch(tmp_path / "b", *(f"x/{n}" for n in names), *(f"x/x/{n}" for n in names))
    found = list_named("tess", twice, selection=SOUND)
    assert [c.id for c in found.clips] == [c.id for c in once.clips]
    assert len(found.copies) == 8 and {p.parent.name for p, _ in found.copies} == {"x"}
    assert all(clip.path.parent == twice / "x" for clip in found.clips)


def test_what_is_left_out_and_what_is_known_to_be_wrong(tmp_path):
    names = ["1064_IEO_DIS_MD", "1064_IEO_ANG_MD", "1076_MTI_SAD_XX", "1076_MTI_HAP_XX"]
    touch(tmp_path, *(f"{name}.wav" for name in names), "notes.wav")
    (tmp_path / "1001_DFA_ANG_XX.wav").write_text("version https://git-lfs.github.com/spec/v1\n")
    manifest = list_named(
        "crema_d", tmp_path, selection=SOUND, labels={"angry": "cross", "sad": "sad"}
    )
    assert {clip.emotion for clip in manifest.clips} == {"cross", "sad"}
    left_out = dict(manifest.left_out)
    assert "holds the sentence in every emotion" in left_out["1064_IEO_DIS_MD"]
    assert "not in data.labels" in left_out["1076_MTI_HAP_XX"]
    assert "known: 1076_MTI_SAD_XX: its sound is silent" in manifest.summary()
    told = {path.name: reason for path, reason in manifest.rejected}
    assert told["1001_DFA_ANG_XX.wav"].startswith("a pointer of Git LFS")
    assert told["notes.wav"].startswith(
        "notes.wav: not a file name of CREMA-D, expected one such as"
    )


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_the_whole_corpus_is_complete(corpus):
    """By counts alone, as its paper or its page has them."""
    rows, number = [], 0
    for emotion, count in corpus.expected.by_emotion.items():
        for _ in range(count):
            speaker = number % corpus.expected.speakers
            rows.append(
                Row(number, str(number), Path("x"), speaker, emotion, emotion, None, {}, None)
            )
            number += 1
    whole = (
        f"all of {corpus.terms.title}'s {len(rows):,} clips of {corpus.expected.speakers} speakers"
    )
    assert describe_form(corpus, rows) == (f"complete: {whole}",)
    last = rows[-1].emotion
    assert describe_form(corpus, rows[:-1], left_out=[last]) == (
        f"complete: {whole}; 1 of them left out",
    )
    count = corpus.expected.by_emotion[last]
    (told,) = describe_form(corpus, rows[:-1])
    assert (
        f"here are {len(rows) - 1:,} of" in told and f"({last} {count - 1:,} of {count:,})" in told
    )


def test_sizes_are_those_of_papers_and_pages():
    assert [corpus.expected.clips for corpus in CORPORA] == [7442, 480, 535, 2800, 1293]


@pytest.mark.parametrize("name", FILES)
def test_another_folder_is_told_from_the_corpus(name, tmp_path):
    touch(tmp_path, "Actor_01/03-01-01-01-01-01-01.wav", "readme.txt")
    with pytest.raises(
        CorpusError, match=r"no clip of .* 1 files that are none, such as 03-01.*such as"
    ):
        list_named(name, tmp_path, selection=SOUND)
    with pytest.raises(CorpusError, match="no such folder"):
        list_named(name, tmp_path / "gone", selection=SOUND)


def test_sound_alone_is_said_to_need_its_modality(tmp_path):
    touch(tmp_path, "03a01Fa.wav")
    with pytest.raises(CorpusError, match=r"1 \.wav\. EmoDB is sound alone: modality=audio"):
        list_named("emodb", tmp_path, selection=VIDEO)


def test_two_speakers_are_said_to_be_too_few(tmp_path):
    names = (f"{who}_back_{e}.wav" for who in ("OAF", "YAF") for e in ("angry", "sad"))
    manifest = list_named("tess", touch(tmp_path, *names), selection=SOUND)
    (told,) = (line for line in manifest.remarks if "only" in line)
    assert told.startswith(
        "only speakers OAF, YAF in all: too few for three sets; use such a corpus"
    )
    with pytest.raises(
        SplitError, match=r"each of train, validation, test needs one; use such a corpus"
    ):
        OwnSplit(validation_share=0.2, test_share=0.2, seed=0)(manifest.clips)
