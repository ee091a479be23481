"""The page as a person uses it: a real browser, a real server, a camera and a microphone that are files."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import av
import numpy as np
import pytest

from ravdess_exp.page.app import build_app
from ravdess_exp.page.limits import Limits
from ravdess_exp.run.clips import build_recipe
from tests.helpers.bundles import late_bundle_of
from tests.helpers.devtools import browser
from tests.helpers.fake_devices import options_for
from tests.helpers.page_server import served
from tests.page.test_app import MODEL, MadeUp, post

pytestmark = pytest.mark.slow

LABEL = "<b onclick=alert(2)>angry</b>"
STATUS = "document.getElementById('status').textContent"
CARDS = "document.getElementById('cards').innerText"
# (contrast, what) of each text that is seen against the colour behind it, the least first; WCAG 2.2, 1.4.3
CONTRASTS = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility() && !node.closest('svg'))
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((node) => {
      const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.outerHTML.slice(0, 80)];
    }).sort((one, other) => one[0] - other[0]);
})()"""
UNNAMED = """[...document.querySelectorAll('input, select, button, video, img, svg[role=img]')]
  .filter((node) => !(node.labels?.length || node.textContent.trim() || node.getAttribute('aria-label')
    || node.getAttribute('alt'))).map((node) => node.outerHTML)"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, corpus, store_root):
    """The command at work, on a model of two classes, one of which looks like HTML: address, folder."""
    from ravdess_exp.config.check import validate
    from ravdess_exp.config.compose import compose_config
    from tests.conftest import quick_overrides

    folder = tmp_path_factory.mktemp("page")
    recipe = build_recipe(validate(compose_config(quick_overrides(corpus, store_root))))
    late_bundle_of(recipe, ("calm", LABEL)).save(folder / "run" / "bundle")
    (folder / "temporary").mkdir()
    command = [sys.executable, "-m", "ravdess_exp", "page", str(folder / "run"), "--port", "auto"]
    process = subprocess.Popen(
        [*command, "--no-browser"],
        env={**os.environ, "TMPDIR": str(folder / "temporary")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines[-1].startswith("Page: http://127.0.0.1:"), process.communicate()
        yield lines[-1].removeprefix("Page: ").strip(), folder, process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def tab(tmp_path_factory, clip_path):
    folder = tmp_path_factory.mktemp("browser")
    with browser(folder, *options_for(clip_path, folder)) as page:
        yield page


@pytest.fixture
def page(tab, server):
    """A tab that shows the page afresh, on a wide screen."""
    tab.requests.clear()
    tab.errors.clear()
    tab.resize(1400)
    tab.open(server[0])
    yield tab
    assert tab.errors == [] and tab.dialogs == []
    own = ("data:", "blob:", server[0])
    assert [
        url for url in tab.requests if not url.startswith(own)
    ] == []  # nothing leaves the machine
    assert any(url.startswith(server[0]) for url in tab.requests)


def answered(page) -> str:
    """Wait for the answers to all files; the status then."""
    return page.wait(f"/(answered.*|not be used)\\.$/.test({STATUS}) && {STATUS}")


def test_a_video(page, clip_path):
    """Verdict, faces, sound, branches and numbers; readable and usable on both screens."""
    page.choose_files("#files", [clip_path])
    assert answered(page) == "The file is answered."
    text = page.run(CARDS)
    assert "calm" in text and "not sure" in text and "probability of 62%" in text
    assert (
        text.count("73%") == 1 and text.count("62%") == 3
    )  # sound alone; both, picture alone, words
    assert LABEL in text and page.run("document.querySelectorAll('#cards b').length") == 0
    sizes = page.run("[...document.querySelectorAll('.crops img')].map((i) => i.naturalWidth)")
    assert sizes == [64] * 7
    assert "the part from" in page.run("document.querySelector('svg.wave').ariaLabel")
    assert "right in 50% of the recordings" in page.run(
        "document.getElementById('score').innerText"
    )
    page.click(".looked button")
    page.wait("document.querySelector('img.explanation')?.naturalWidth > 500")
    assert "This is what the model went by" in page.run(CARDS)
    page.click("summary")
    assert "It does not detect what a person feels" in page.run("document.body.innerText")
    for width in (1400, 400):
        page.resize(width)
        assert page.run("document.documentElement.scrollWidth") <= width
        assert page.run(CONTRASTS)[0][0] >= 4.5, page.run(CONTRASTS)[0]
        assert page.run(UNNAMED) == []


def test_a_sound_file(page, server):
    voice = next(server[1].parent.rglob("microphone.wav"))
    page.choose_files("#files", [voice])
    answered(page)
    text = page.run(CARDS)
    assert "no picture in the file: predicted without it" in text and "73%" in text
    assert page.run("document.querySelectorAll('.crops img').length") == 0


def test_a_broken_file_is_a_sentence(page, tmp_path):
    """And its name is text, whatever it looks like."""
    name = "<img src=x onerror=alert(1)>.mp4"
    (tmp_path / name).write_text("no film")
    page.choose_files("#files", [tmp_path / name])
    assert answered(page) == "The file could not be used."
    text = page.run(CARDS)
    assert name in text and "Could not be used: not a readable media file" in text


def test_ten_at_once_give_a_table(page, corpus, tmp_path):
    """Which is saved as CSV, and no cell of it is a formula."""
    bad = tmp_path / "=HYPERLINK(1).mp4"
    bad.write_text("no film")
    files = [*sorted(corpus.rglob("*.mp4"))[:9], bad]
    page.choose_files("#files", files)
    assert answered(page) == "10 files answered, 1 could not be used."
    rows = page.run("document.querySelectorAll('.overview tbody tr').length")
    assert rows == 10 and page.run("document.documentElement.scrollWidth") <= 1400
    page.run("URL.createObjectURL = (blob) => { window.saved = blob; return 'data:,'; }; 0")
    page.run("HTMLAnchorElement.prototype.click = function () { window.as = this.download; }; 0")
    page.click("#overview p button")
    head, *lines = page.run("window.saved.text()").lstrip("\ufeff").splitlines()
    assert head.startswith(f'"file","prediction","calm","{LABEL}","sure"') and len(lines) == 10
    assert [line for line in lines if line.startswith('"\'=HYPERLINK(1).mp4",')]
    assert page.run("window.as") == "emotions.csv"
    page.click(".overview button")
    assert "What it saw" in page.run(CARDS)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1"])
def test_a_cell_is_no_formula(cell, page):
    row = json.dumps({"file": cell, "reason": cell, "remarks": [cell]})
    script = f"import('/static/table.js').then((t) => t.csvOf([{row}], {{classes: ['{'-a'}']}}))"
    assert page.run(script).count(f'"\'{cell}"') == 3
    assert '"\'-a"' in page.run(script)


def test_camera_and_microphone(page):
    page.run("document.getElementById('record-length').selectedIndex = 0; 0")  # 3 s
    page.click("#record-button")
    page.wait("document.getElementById('preview').videoWidth > 0")
    assert answered(page) == "The file is answered.", page.run(CARDS)
    assert "What it saw" in page.run(CARDS) and "What it heard" in page.run(CARDS)
    assert page.run("document.getElementById('preview').hidden")


def test_live(page):
    """Windows are answered one after the other, and a line is drawn."""
    page.run("document.getElementById('live-length').selectedIndex = 0; 0")
    page.click("#live-button")
    page.wait("document.querySelectorAll('#live-line .top.not-sure').length >= 2")
    page.wait("document.getElementById('live-now').textContent === 'calm (62%, not sure)'")
    page.click("#live-button")
    page.wait("document.getElementById('live-button').textContent === 'Start'")


def test_live_never_runs_behind(tab, tmp_path):
    """With a model that is slower than the windows come: one is asked, one waits, others are left out."""
    asked = []

    class Slow(MadeUp):
        async def __call__(self, path, name):
            asked.append(time.monotonic())
            made = await super().__call__(path, name)
            asked.append(None)
            return {**made, "probabilities": [0.9, 0.1]}

    model = {**MODEL, "modality": "audio", "needs_both": False, "longest": 60, "score": [], "sure": "",
             "cautions": [], "warnings": []}  # fmt: skip
    app = build_app(
        model=model,
        ask=Slow(seconds=0.7),
        explain=None,
        folder=tmp_path,
        limits=Limits(),
        names=[],
        live=True,
    )
    with served(app) as address:
        tab.open(address)
        assert tab.run("document.activeElement.id") == "live-button"
        assert tab.run("document.querySelector('#live + #give') !== null")
        tab.run("document.querySelector('#live-length option').value = '0.4'; 0")
        tab.run("document.getElementById('live-length').selectedIndex = 0; 0")
        tab.click("#live-button")
        tab.wait("/ [1-9]\\d* of/.test(document.getElementById('live-delay').textContent)")
        tab.click("#live-button")
    assert all(mark is None for mark in asked[1::2])  # never two at once


def test_what_is_no_clip_is_a_sentence_and_the_page_goes_on(server, clip_path, tmp_path):
    """A recording of an hour, a bomb of zeros, and names that are places: by the model's own process."""
    hour = tmp_path / "hour.flac"
    with av.open(str(hour), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=4000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 240_000), np.int16), "s16", "mono")
        frame.rate = 4000
        for minute in range(60):
            frame.pts = minute * 240_000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    bomb = tmp_path / "bomb.mp4"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("clip.mp4", bytes(10**8))
    reasons = {}
    for path in (hour, bomb):
        reasons[path.name] = post(server[0].rstrip("/"), path.read_bytes(), path.name).json()[
            "reason"
        ]
    assert reasons["hour.flac"].startswith("longer than 60 s, the most that one clip may last")
    assert reasons["bomb.mp4"].startswith("not a readable media file")
    good = post(server[0].rstrip("/"), clip_path.read_bytes(), "../../etc/clip.mp4").json()
    assert good["file"] == "clip.mp4" and good["prediction"] == "calm"


def test_the_last_thing_is_that_nothing_is_left(server, tab):
    """SIGTERM in the middle of an upload: the folder is private while it is there, and then gone."""

    address, folder, process = server
    host = urlsplit(address)
    connection = http.client.HTTPConnection(host.hostname, host.port)
    connection.putrequest("POST", "/api/answers")
    connection.putheader("Content-Length", "1000")
    connection.endheaders()
    connection.send(b"a little")
    deadline = time.monotonic() + 30
    while not (held := list(Path(folder, "temporary").glob("ravdess_page_*/*"))):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert held[0].parent.stat().st_mode & 0o777 == 0o700
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "nothing that was uploaded is kept" in out, err
    assert not list(Path(folder, "temporary").iterdir()) and err == ""
    connection.close()
