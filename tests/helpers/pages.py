"""HTML of reports as tests look at it: valid or not, its elements, and what its colours are like."""

import re
from dataclasses import dataclass

import html5lib

_NAMESPACE = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Element:
    """tag, attributes and the text directly in it."""

    tag: str
    attributes: dict[str, str]
    text: str


def elements(text: str) -> list[Element]:
    """Every element, in order; raises html5lib's `ParseError` where the HTML is not valid."""
    tree = html5lib.HTMLParser(strict=True).parse(text)
    return [
        Element(node.tag.removeprefix(_NAMESPACE), dict(node.attrib), node.text or "")
        for node in tree.iter()
        if isinstance(node.tag, str)
    ]


def words(text: str) -> str:
    """All that a reader sees, without the style sheet."""
    tree = html5lib.HTMLParser(strict=True).parse(text)
    body = tree.find(f"{_NAMESPACE}body")
    return " ".join(" ".join(body.itertext()).split())


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.1's ratio of two colours (red, green, blue in 0..255), 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colour(text: str, over: tuple[float, ...] = (255, 255, 255)) -> tuple[float, ...]:
    """`#abc`, `#aabbcc` or `rgba(r, g, b, a)` laid over another colour."""
    if numbers := re.match(r"rgba\(([^)]*)\)", text):
        *rgb, alpha = map(float, numbers[1].split(","))
        return tuple(alpha * c + (1 - alpha) * o for c, o in zip(rgb, over, strict=True))
    digits = text.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(d * 2 for d in digits)
    return tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4))


def _luminance(rgb: tuple[float, ...]) -> float:
    shares = [c / 255 for c in rgb]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
