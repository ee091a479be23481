"""Archives that hold what they should not: refused by name, and nothing is written outside."""

import random
import stat
import struct
import zipfile

import pytest

from ravdess_exp.corpus.ravdess.download import unpack as unpack_module
from ravdess_exp.corpus.ravdess.download.fetch import DamagedError
from ravdess_exp.corpus.ravdess.download.unpack import unpack
from ravdess_exp.errors import DownloadError
from tests.helpers.archives import clip_bytes, clip_names, described, speech, zip_of

CLIP, SECOND = clip_names(1, 2)
NOISE = clip_bytes(CLIP)


@pytest.fixture
def open_archive(tmp_path):
    """Unpack an archive of the given bytes; whatever happens, nothing is written elsewhere."""

    def opener(content: bytes) -> dict[str, int]:
        base = tmp_path / "base"
        base.mkdir(exist_ok=True)
        path = base / "Video_Speech_Actor_01.zip"
        path.write_bytes(content)
        try:
            return unpack(described(content, ""), path, base / "new")
        finally:
            assert {p.name for p in tmp_path.iterdir()} == {"base"}
            assert {p.name for p in base.iterdir()} == {path.name, "new"}
            assert all(p.is_file() and not p.is_symlink() for p in (base / "new").iterdir())

    return opener


def test_clips_come_out_whole_without_their_folders(open_archive, tmp_path):
    names = clip_names(1, 4)
    assert open_archive(speech(1)) == dict.fromkeys(names, 3000)
    for name in names:
        assert (tmp_path / "base" / "new" / name).read_bytes() == clip_bytes(name)


def test_what_a_mac_adds_is_left_out(open_archive):
    litter = [(f"__MACOSX/Actor_01/._{CLIP}", b"x"), ("Actor_01/.DS_Store", b"x")]
    assert open_archive(zip_of([(f"Actor_01/{CLIP}", NOISE), *litter])) == {CLIP: 3000}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_both_usual_methods(open_archive, method):
    assert open_archive(zip_of([(CLIP, NOISE)], method=method)) == {CLIP: 3000}


@pytest.mark.parametrize(
    "name",
    [
        f"../{CLIP}",
        f"Actor_01/../../{CLIP}",
        "..",
        f"/{CLIP}",
        f"/etc/{CLIP}",
        f"..\\{CLIP}",
        f"\\\\server\\share\\{CLIP}",
        f"C:{CLIP}",
        f"C:/{CLIP}",
        f"{CLIP}:stream",
        f"Actor_01\n/{CLIP}",
        f"{CLIP}\x00.txt",
        "",
    ],
)
def test_a_name_that_leads_elsewhere(open_archive, name):
    with pytest.raises(DownloadError, match=r"leads out of its folder.*nothing of it was used"):
        open_archive(zip_of([(SECOND, NOISE), (name, NOISE)]))


@pytest.mark.parametrize(
    "name",
    [
        "readme.txt",
        "run.sh",
        "Actor_01/clip.mp4",
        CLIP.replace(".mp4", ".MP4"),
        CLIP.replace(".mp4", ".mp4.exe"),
        CLIP.replace(".mp4", ".avi"),
        CLIP.replace("-01.mp4", "-02.mp4"),  # of another actor
        CLIP.replace("01-01-", "01-02-", 1),  # a song
        CLIP.replace("01-01-", "01-01-09-", 1),
        CLIP.replace("1", "\u0661"),  # digits, to Python, but not of ASCII
        f".{CLIP}",
        f"{CLIP} ",
    ],
)
def test_a_file_that_is_no_clip_of_the_archive(open_archive, name):
    with pytest.raises(
        DownloadError, match=r"Video_Speech_Actor_01\.zip: .*not a.*nothing of it was"
    ):
        open_archive(zip_of([(SECOND, NOISE), (name, NOISE)]))


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK, stat.S_IFDIR]
)
def test_links_and_special_files(open_archive, kind):
    with pytest.raises(DownloadError, match="is a link or a special file"):
        open_archive(zip_of([(CLIP, b"/etc/passwd")], mode=kind | 0o777))


@pytest.mark.parametrize("other", [CLIP, f"Actor_01/{CLIP}"])
def test_the_same_clip_twice(open_archive, other):
    with pytest.raises(DownloadError, match=f"{CLIP} is in it twice"):
        open_archive(zip_of([(CLIP, NOISE), (other, NOISE)]))


def test_an_encrypted_entry(open_archive):
    content = bytearray(zip_of([(CLIP, NOISE)]))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DownloadError, match="is encrypted"):
        open_archive(bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 99])
def test_an_unusual_method(open_archive, method):
    content = bytearray(zip_of([(CLIP, NOISE)]))
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 10, method)
    with pytest.raises(DownloadError, match=f"is compressed by method {method}"):
        open_archive(bytes(content))


def test_a_bomb(open_archive):
    bomb = zip_of([(CLIP, bytes(20_000_000))], method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 30_000
    with pytest.raises(DownloadError, match="20,000,000 bytes when unpacked, expected at most"):
        open_archive(bomb)


def test_a_bomb_of_entries_that_share_their_bytes(open_archive):
    content = zip_of([(CLIP, NOISE)])
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[start:end]
    names = [name.encode() for name in clip_names(1, 60)]
    directory = b"".join(entry.replace(CLIP.encode(), name) for name in names)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60, 60, len(directory), start, 0)
    with pytest.raises(DownloadError, match=r"180,000 bytes when unpacked|sound zip"):
        open_archive(content[:start] + directory + tail)


def test_a_clip_of_absurd_size(open_archive):
    content = bytearray(zip_of([(CLIP, NOISE)]))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 4_000_000_000)
    with pytest.raises(DownloadError, match="has 4,000,000,000 bytes, expected at most 30,000,000"):
        open_archive(bytes(content))


def test_a_size_that_is_a_lie_is_not_written_beyond(open_archive, tmp_path):
    content = bytearray(zip_of([(CLIP, bytes(50_000))], method=zipfile.ZIP_DEFLATED))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 100)
    with pytest.raises(DamagedError, match=r"expected a sound zip file, found: Bad CRC-32"):
        open_archive(bytes(content))
    assert (tmp_path / "base" / "new" / CLIP).stat().st_size <= 100


def test_too_many_entries(open_archive):
    with pytest.raises(DownloadError, match="401 entries, expected at most 400"):
        open_archive(zip_of([(f"folder{n}/", b"") for n in range(401)]))


def test_a_list_of_entries_that_would_fill_memory(open_archive, monkeypatch):
    many = zip_of([(f"{n:0200d}/", b"") for n in range(10_000)])
    monkeypatch.setattr(unpack_module.zipfile, "ZipInfo", lambda *a: pytest.fail("it was read"))
    with pytest.raises(
        DownloadError, match=r"a list of entries of 2,470,000 bytes, expected at most"
    ):
        open_archive(many)


def test_nothing_in_it(open_archive):
    with pytest.raises(DownloadError, match="no clip in it"):
        open_archive(zip_of([("Actor_01/", b"")]))


@pytest.mark.parametrize("damage", ["cut", "no zip", "empty", "flipped", "shifted", "short"])
def test_a_damaged_archive_is_told_from_a_hostile_one(open_archive, damage):
    content = speech(1)
    flipped = bytearray(content)
    flipped[content.index(clip_bytes(CLIP)) + 100] ^= 1
    shifted = bytearray(zip_of([(CLIP, NOISE)]))  # its entry would begin before the file does
    end = shifted.index(b"PK\x05\x06") + 16
    struct.pack_into("<L", shifted, end, *(n + 10 for n in struct.unpack_from("<L", shifted, end)))
    short = bytearray(zip_of([(CLIP, NOISE)], method=zipfile.ZIP_DEFLATED))
    struct.pack_into("<L", short, short.index(b"PK\x01\x02") + 24, 5000)  # of 3000, by its CRC
    damaged = {
        "shifted": bytes(shifted),
        "short": bytes(short),
        "cut": content[: len(content) // 2],
        "no zip": b"<html>" * 100,
        "empty": b"",
        "flipped": bytes(flipped),
    }[damage]
    with pytest.raises(DamagedError, match="expected a sound zip file, found: .+"):
        open_archive(damaged)


def test_hundreds_of_random_faults_end_in_a_reason(tmp_path):
    rng, ends = random.Random(0), {"whole": 0, "reason": 0}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        sound = zip_of([(f"Actor_01/{n}", bytes(40)) for n in clip_names(1, 3)], method=method)
        for case in range(150):
            content = bytearray(sound)
            for _ in range(rng.randint(1, 4)):
                content[rng.randrange(len(content))] = rng.randrange(256)
            path = tmp_path / "archive.zip"
            path.write_bytes(content)
            try:
                clips = unpack(described(content, ""), path, tmp_path / f"{method}-{case}")
            except DownloadError as error:
                ends["reason"] += 1
                assert str(error).startswith(("Video_Speech_Actor_01.zip: ", "archive.zip: "))
            else:
                ends["whole"] += 1
                assert set(clips) <= {
                    *clip_names(1, 60),
                    *(n.replace("01", "02", 1) for n in clip_names(1, 60)),
                }
    assert ends["whole"] > 20 and ends["reason"] > 100, ends
    assert {p.name.split("-")[0] for p in tmp_path.iterdir()} == {"archive.zip", "0", "8"}
