"""Drawn faces: who it is, what the face does, and one frame of it. No photograph is involved."""

from dataclasses import dataclass

import cv2
import numpy as np

from ravdess_exp.corpus.ravdess.labels import sex_of

WIDTH, HEIGHT = 320, 240  # pixels
_SUBPIXEL = 4  # fractional bits of OpenCV's drawing coordinates

# How far a full expression moves each part, in the order of `PARTS`; 0 is the face at rest. After
# the action units that Ekman & Friesen's EMFACS gives for each emotion.
PARTS = (
    "brow_raise",  # up
    "brow_slope",  # inner ends up (grief) or down (anger)
    "eye_open",
    "mouth_curve",  # corners up or down
    "mouth_open",
    "mouth_width",
    "nose_wrinkle",
)
EXPRESSIONS = {
    "neutral": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "calm": (0.0, 0.1, -0.15, 0.15, 0.0, 0.05, 0.0),
    "happy": (0.15, 0.0, -0.3, 1.0, 0.35, 0.7, 0.1),
    "sad": (0.1, 0.9, -0.5, -0.9, 0.0, -0.15, 0.0),
    "angry": (-0.7, -1.0, 0.1, -0.5, 0.1, -0.1, 0.5),
    "fearful": (0.7, 0.7, 0.8, -0.3, 0.4, 0.6, 0.0),
    "disgust": (-0.6, -0.5, -0.6, -0.8, 0.2, 0.2, 1.0),
    "surprised": (1.0, 0.1, 0.9, 0.0, 1.0, -0.5, 0.0),
    "bored": (-0.1, 0.1, -0.8, -0.3, 0.0, -0.2, 0.0),  # of the second demo corpus
    "amused": (0.3, 0.1, -0.6, 0.8, 0.8, 0.4, 0.3),
}


@dataclass(frozen=True)
class Look:
    """One person: colours (RGB 0..255) and proportions (pixels)."""

    skin: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    lips: np.ndarray
    shirt: np.ndarray
    wall: np.ndarray
    half_width: float
    half_height: float
    eye_distance: float
    eye_size: float
    brow_height: float
    brow_thickness: float
    mouth_width: float
    mouth_height: float
    nose_length: float
    long_hair: bool


def look_of(actor: int, seed: int) -> Look:
    """The look of an actor, a man's or a woman's as the number says."""
    rng = np.random.default_rng((seed, actor, 1))
    tone = rng.uniform(0.45, 1.0)
    skin = np.array([236.0, 196.0, 168.0]) * tone + rng.uniform(-6, 6, 3)
    woman = sex_of(actor) == "female"
    return Look(
        skin=skin,
        hair=rng.uniform(15, 90) * np.array([1.0, rng.uniform(0.7, 0.9), rng.uniform(0.45, 0.7)]),
        iris=rng.uniform(20, 90, 3),
        lips=skin * (0.78, 0.52, 0.52) if woman else skin * (0.80, 0.62, 0.60),
        shirt=rng.uniform(20, 90, 3),
        wall=rng.uniform(150, 215) + rng.uniform(-12, 12, 3),
        half_width=rng.uniform(44, 52) - 3 * woman,
        half_height=rng.uniform(60, 67),
        eye_distance=rng.uniform(19.5, 23.5),
        eye_size=rng.uniform(8.6, 10.2) + 0.5 * woman,
        brow_height=rng.uniform(13.0, 16.5),
        brow_thickness=rng.uniform(3.2, 4.6) - 1.0 * woman,
        mouth_width=rng.uniform(16.5, 20.5),
        mouth_height=rng.uniform(33, 37),
        nose_length=rng.uniform(17, 22),
        long_hair=woman,
    )


class Painter:
    """Draws frames of one person; what never moves is painted once."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._centre = np.array([WIDTH / 2, HEIGHT / 2 - 2])
        self._still = self._paint_still()

    def frame(
        self, parts: np.ndarray, *, shift: np.ndarray, roll: float, light: float, noise: np.ndarray
    ) -> np.ndarray:
        """One picture, (HEIGHT, WIDTH, 3) uint8 RGB.

        parts: (7,) as `PARTS`; shift: (2,) pixels of the head; roll: radians; light: gain about 1;
        noise: (HEIGHT, WIDTH, 3) int16 grey levels.
        """
        canvas = self._still.copy()
        move = dict(zip(PARTS, parts, strict=True))
        self._nose(canvas, move)
        for side in (-1, 1):
            self._eye(canvas, move, side)
            self._brow(canvas, move, side)
        self._mouth(canvas, move)
        matrix = cv2.getRotationMatrix2D(tuple(self._centre), np.degrees(roll), 1.0)
        matrix[:, 2] += shift
        size = (WIDTH, HEIGHT)
        moved = cv2.warpAffine(canvas, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        moved = cv2.GaussianBlur(moved, (3, 3), 0.7)
        return cv2.add(cv2.convertScaleAbs(moved, alpha=light), noise, dtype=cv2.CV_8U)

    def _paint_still(self) -> np.ndarray:
        look = self.look
        ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
        canvas = (look.wall * (1.0 - 0.15 * ys[..., None] / HEIGHT)).astype(np.float32)
        cx, cy = self._centre
        w, h = look.half_width, look.half_height
        if look.long_hair:
            self._ellipse(canvas, (0, 14), (w * 1.32, h * 1.28), look.hair)
        self._ellipse(canvas, (0, h * 1.95), (w * 1.9, h * 0.95), look.shirt)
        self._ellipse(canvas, (0, h * 0.98), (w * 0.52, h * 0.45), look.skin * 0.72)
        self._ellipse(canvas, (0, -9), (w * 1.10, h * 1.06), look.hair)
        for side in (-1, 1):
            self._ellipse(canvas, (side * w, 2), (6, 12), look.skin * 0.82)
        face = np.zeros((HEIGHT, WIDTH), np.float32)
        self._ellipse(face, (0, 0), (w, h), 1.0)
        hairline = np.clip((ys - (cy - h * 0.66) + 0.004 * (xs - cx) ** 2) / 4, 0, 1)
        face = cv2.GaussianBlur(face * hairline, (0, 0), 1.2)
        round_ = ((xs - cx) / w) ** 2 + ((ys - cy) / h) ** 2
        shade = 1.06 - 0.30 * np.clip(round_, 0, 1.1) ** 1.5
        shade += 0.07 * _spot(xs, ys, (cx, cy - 34), 20)  # forehead
        for side in (-1, 1):
            eye = (cx + side * look.eye_distance, cy - 9)
            shade -= 0.24 * _spot(xs, ys, eye, 12)  # sockets
            shade += 0.08 * _spot(xs, ys, (cx + side * 24, cy + 14), 12)  # cheeks
            shade -= 0.12 * _spot(xs, ys, (cx + side * 10, cy + 6), 5)  # sides of the nose
            shade -= 0.14 * _spot(xs, ys, (cx + side * 15, cy + 22), 5)  # folds to the mouth
        shade += 0.12 * _spot(xs, ys, (cx, cy - 8), 5)  # bridge of the nose
        shade -= 0.16 * _spot(xs, ys, (cx, cy + look.nose_length - 2), 6)  # under the nose
        skin = look.skin * shade[..., None]
        painted = canvas * (1 - face[..., None]) + skin * face[..., None]
        return np.clip(painted, 0, 255).astype(np.uint8)

    def _eye(self, canvas: np.ndarray, move: dict, side: int) -> None:
        look = self.look
        opening = look.eye_size * 0.46 * np.clip(1 + 0.75 * move["eye_open"], 0.12, 2.0)
        at = np.array([side * look.eye_distance, -8.0])
        self._ellipse(canvas, at, (look.eye_size, opening), (238, 236, 232))
        iris = min(look.eye_size * 0.48, opening * 1.25)
        self._ellipse(canvas, at, (iris, min(iris, opening)), look.iris)
        self._ellipse(canvas, at, (iris * 0.5, min(iris * 0.5, opening)), (8, 8, 8))
        lid = np.linspace(-1, 1, 11)
        curve = np.stack([at[0] + lid * look.eye_size * 1.08, at[1] - opening * (1 - lid**2)], 1)
        self._line(canvas, curve, look.hair * 0.5, 2)
        curve[:, 1] = at[1] + opening * (1 - lid**2)
        self._line(canvas, curve, look.skin * 0.5, 1)

    def _brow(self, canvas: np.ndarray, move: dict, side: int) -> None:
        look = self.look
        along = np.linspace(0, 1, 9)  # from the nose outwards
        height = -8 - look.brow_height - 5.0 * move["brow_raise"]
        y = height - 7.0 * move["brow_slope"] * (0.75 - along) - 3.0 * np.sin(np.pi * along * 0.9)
        inner = look.eye_distance - look.eye_size * 1.15 - 2.0 * max(0.0, -move["brow_slope"])
        x = side * (inner + along * look.eye_size * 2.35)
        self._line(canvas, np.stack([x, y], 1), look.hair * 0.7, round(look.brow_thickness))

    def _nose(self, canvas: np.ndarray, move: dict) -> None:
        look = self.look
        wrinkle = max(0.0, move["nose_wrinkle"])
        tip = look.nose_length - 7 - 3.0 * wrinkle
        for side in (-1, 1):
            self._ellipse(canvas, (side * (4.5 + wrinkle), tip + 1.5), (2.4, 1.6), look.skin * 0.42)
            bridge = np.array([[side * 4.5, -4.0], [side * 5.5, tip - 3]])
            self._line(canvas, bridge, look.skin * 0.80, 1)
            if wrinkle > 0.2:
                fold = np.array([[side * 9.0, tip - 3.0], [side * 17.0, tip + 10]])
                self._line(canvas, fold, look.skin * (0.85 - 0.4 * wrinkle), 2)
                crease = np.array([[side * 2.0, -7.0], [side * 7.0, -11.0]])
                self._line(canvas, crease, look.skin * (0.8 - 0.35 * wrinkle), 2)
        self._ellipse(canvas, (0, tip - 2), (4.0, 3.0), np.minimum(look.skin * 1.10, 250))

    def _mouth(self, canvas: np.ndarray, move: dict) -> None:
        look = self.look
        half = look.mouth_width * (1 + 0.38 * move["mouth_width"])
        opening = 1.0 + 12.0 * max(0.0, move["mouth_open"])
        x = np.linspace(-1, 1, 17)
        bow = look.mouth_height - 10.0 * move["mouth_curve"] * (x**2 - 0.4)
        arch = 1 - x**2
        upper = np.stack([x * half, bow - opening * 0.45 * arch], 1)
        lower = np.stack([x * half, bow + opening * 0.55 * arch], 1)
        lift = 3.0 + 1.5 * max(0.0, move["nose_wrinkle"])
        outline_up = upper - np.stack([np.zeros(17), lift * arch**0.6], 1)
        outline_low = lower + np.stack([np.zeros(17), 4.2 * arch**0.6], 1)
        self._polygon(canvas, np.vstack([outline_up, outline_low[::-1]]), look.lips)
        self._polygon(canvas, np.vstack([upper, lower[::-1]]), (52, 18, 20))
        if opening > 4:
            teeth = upper + np.stack([np.zeros(17), opening * 0.28 * arch], 1)
            self._polygon(canvas, np.vstack([upper, teeth[::-1]]), (228, 224, 214))
        if opening < 3:
            self._line(canvas, upper, look.lips * 0.45, 2)

    def _ellipse(self, canvas: np.ndarray, at, axes, colour) -> None:
        at = np.asarray(at, np.float64) + self._centre
        colour = float(colour) if canvas.ndim == 2 else tuple(float(c) for c in colour)
        turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        points = np.stack([np.cos(turn), np.sin(turn)], 1) * np.asarray(axes, np.float64) + at
        cv2.fillPoly(canvas, [_fixed(points)], colour, cv2.LINE_8, _SUBPIXEL)

    def _polygon(self, canvas: np.ndarray, points: np.ndarray, colour) -> None:
        colour = tuple(float(c) for c in colour)
        cv2.fillPoly(canvas, [_fixed(points + self._centre)], colour, cv2.LINE_8, _SUBPIXEL)

    def _line(self, canvas: np.ndarray, points: np.ndarray, colour, thickness: int) -> None:
        colour = tuple(float(c) for c in colour)
        points = [_fixed(points + self._centre)]
        cv2.polylines(canvas, points, False, colour, thickness, cv2.LINE_8, _SUBPIXEL)


def _spot(xs: np.ndarray, ys: np.ndarray, at, radius: float) -> np.ndarray:
    return np.exp(-((xs - at[0]) ** 2 + (ys - at[1]) ** 2) / (2 * radius**2))


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round(points * 2**_SUBPIXEL).astype(np.int32)
