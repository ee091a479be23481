"""A camera, or a video file in its place, as windows of frames: always the newest, never a queue of them."""

import threading
import time
from collections import deque
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from ravdess_exp.errors import DecodeError
from ravdess_exp.media.crops import frame_times
from ravdess_exp.terminal import quiet_stderr

_SPACING = 0.08  # seconds between frames that are kept: more would only fill the memory
_SLACK = 0.5  # seconds that frames are kept behind a window
_PATIENCE = 10.0  # seconds without a frame, after which a camera is taken to be gone
_RATE = 25.0  # frames a second of a file that does not say


class Camera:
    """As a context, a thread keeps the frames of the last `seconds`; `window` picks what a model looks at.

    source: a number, counted from 0, or the path of a video, which then plays at its own pace. Raises
    `DecodeError` where there is nothing to be had from it.
    """

    def __init__(self, source: int | Path, *, seconds: float) -> None:
        self._seconds = seconds
        self._source = source
        self._capture = _opened(source)
        if not self._capture.isOpened():
            self._capture.release()
            raise DecodeError(f"{self.name}: {_advice(source)}")
        self._pause = 0.0 if isinstance(source, int) else 1 / _rate_of(self._capture)
        self._frames: deque[tuple[float, np.ndarray]] = deque()
        self._new = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Camera":
        """Time and frames begin now."""
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        self._thread.join(_PATIENCE)

    def window(
        self, after: float, *, frames: int, start_apart: bool
    ) -> tuple[tuple[float, float], np.ndarray] | None:
        """The newest window that begins at `after` seconds or later; None at the end of a file.

        Its two ends in seconds since the start, and its frames (K, height, width, 3) uint8 RGB: the
        first one apart where that is asked for, and `frames` of them spread over it. Waits until the
        window is over. Raises `DecodeError` where the camera gives no more frames.
        """
        with self._new:
            while not self._is_over(after):
                if self._ended:
                    return None
                if not self._new.wait(_PATIENCE):
                    raise DecodeError(
                        f"{self.name}: no frame for {_PATIENCE:g} s; is it still there?"
                    )
            kept = list(self._frames)
        last = kept[-1][0]
        kept = [(at, frame) for at, frame in kept if at >= last - self._seconds - _SPACING]
        times = np.array([at for at, _ in kept])
        wanted = frame_times((times[0], last), frames)
        chosen = [0] if start_apart else []
        chosen += [int(np.abs(times - at).argmin()) for at in wanted]
        return (float(times[0]), last), np.stack([kept[i][1][..., ::-1] for i in chosen])

    @property
    def name(self) -> str:
        """What to call it."""
        return f"camera {self._source}" if isinstance(self._source, int) else str(self._source)

    def _is_over(self, after: float) -> bool:
        """Whether frames of a whole window since `after` are there."""
        times = [at for at, _ in self._frames if at >= after]
        return bool(times) and times[-1] >= after + self._seconds

    def _read(self) -> None:
        while not self._ended:
            there, frame = self._capture.read()
            now = time.monotonic() - self._began
            with self._new:
                if not there:
                    self._ended = True
                elif not self._frames or now >= self._frames[-1][0] + _SPACING:
                    self._frames.append((now, frame))
                    while self._frames[0][0] < now - self._seconds - _SLACK:
                        self._frames.popleft()
                self._new.notify_all()
            time.sleep(self._pause)
        self._capture.release()


def _opened(source: int | Path) -> cv2.VideoCapture:
    """OpenCV's own lines about a camera that it does not get say less than ours."""
    with quiet_stderr():
        return cv2.VideoCapture(source if isinstance(source, int) else str(source))


def _rate_of(capture: cv2.VideoCapture) -> float:
    rate = capture.get(cv2.CAP_PROP_FPS)
    return rate if 1 <= rate <= 240 else _RATE


def _advice(source: int | Path) -> str:
    if isinstance(source, int):
        return "no such camera, or another program uses it; the first one is 0"
    return "not a video that can be read" if source.exists() else "no such file"
