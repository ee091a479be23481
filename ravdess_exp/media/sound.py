"""The sound of a recording: decoded packet by packet, its channels made one."""

import hashlib

import av
import numpy as np
import soxr

from ravdess_exp.errors import DecodeError
from ravdess_exp.media.channels import Channels
from ravdess_exp.media.container import require_short

_MAX_SAMPLE = 100.0  # full scales: more is no sound, and overflows where it is squared


class Sound:
    """Takes the packets of one stream; after `end`, holds its samples at the file's rate.

    zero: seconds on the file's clock at its start; longest: that it may last. start: seconds to the
    first sample.
    """

    def __init__(self, stream: av.AudioStream, *, zero: float, longest: float) -> None:
        self.stream = stream
        self.rate: int = stream.rate
        self.start: float | None = None
        self._zero = zero
        self._longest = longest
        self._channels = Channels()
        self._samples = 0
        # of 9 planes and more PyAV 18 reads past the end
        self._to_float = av.AudioResampler(format="flt")

    def add(self, packet: av.Packet) -> None:
        """Decode one packet. Raises `TooLongError` where the samples are more than a clip's."""
        for frame in packet.decode():
            self._keep(self._to_float.resample(frame))
            self._samples += frame.samples
            require_short(self._samples / self.rate, self._longest)

    def end(self, segment: tuple[float, float] | None) -> None:
        """No more packets. segment: keep only what lies between these seconds.

        Raises `DecodeError` where nothing is left.
        """
        if self.start is not None:
            self._keep(self._to_float.resample(None))
        self._mono = self._channels.mono()
        if self.start is not None and segment is not None:
            self._cut(*segment)
        if not len(self._mono):
            raise DecodeError("the sound stream is empty")

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self._mono) / self.rate

    def samples(self, sample_rate: int) -> np.ndarray:
        """At `sample_rate` Hz, (samples,) float32; raises `DecodeError` for what is no sound."""
        if not np.isfinite(self._mono).all():
            raise DecodeError("the sound has samples that are not numbers (NaN or infinite)")
        if (loudest := float(np.abs(self._mono).max(initial=0.0))) > _MAX_SAMPLE:
            raise DecodeError(f"the loudest sample is {loudest:.1e} times full scale: no sound")
        if sample_rate == self.rate:
            return self._mono
        return soxr.resample(self._mono, self.rate, sample_rate).astype(np.float32)

    def digest(self) -> str:
        """SHA-256 of the samples before any resampling: equal for copies under any name."""
        return hashlib.sha256((self._mono * 32767).round().astype("<i2").tobytes()).hexdigest()

    def _keep(self, frames: list[av.AudioFrame]) -> None:
        if frames and self.start is None:
            self.start = float(frames[0].time or 0.0) - self._zero
        for frame in frames:
            self._channels.add(frame.to_ndarray().reshape(frame.samples, -1))  # (n, channels)

    def _cut(self, first: float, last: float) -> None:
        before = max(0, round((first - self.start) * self.rate))
        self._mono = self._mono[before : max(before, round((last - self.start) * self.rate))].copy()
        self.start += before / self.rate
