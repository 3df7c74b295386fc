"""Draws the icons: a laptop's dot, a house, the link between them, and a badge whose shape says what is wrong.

`python -m gui.icons.draw` writes all files anew. Colour only repeats what shapes say: an icon in grey says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BLUE, ORANGE, VERMILION, GREY = "#0072B2", "#E69F00", "#D55E00", "#8A8A8A"
HERE = Path(__file__).parent

NO_LINK, DASHED, SINGLE, DOUBLE = "none", "dashed", "single", "double"


@dataclass(frozen=True, slots=True)
class Picture:
    """What an icon shows: a filled house is a home that has accepted us."""

    filled: bool
    link: str
    badge: str = ""
    sign: str = ""
    colour: str = GREY
    big: bool = False


PICTURES: Mapping[str, Picture] = {
    "no-daemon": Picture(False, NO_LINK, "cross", "", GREY),
    "no-profile": Picture(False, NO_LINK, "circle", "plus", ORANGE),
    "paused": Picture(False, NO_LINK, "circle", "pause", GREY),
    "no-network": Picture(False, NO_LINK, "slash", "", GREY),
    "portal": Picture(False, NO_LINK, "square", "door", ORANGE),
    "refused": Picture(False, NO_LINK, "circle", "cross", VERMILION),
    "no-answer": Picture(False, NO_LINK, "circle", "question", VERMILION),
    "connecting": Picture(False, DASHED, "circle", "dots", BLUE),
    "checking": Picture(True, DASHED, "circle", "dots", BLUE),
    "stalled": Picture(True, NO_LINK, "diamond", "minus", VERMILION),
    "one-way": Picture(True, SINGLE, "square", "arrow", ORANGE),
    "home": Picture(True, NO_LINK, big=True),
    "limited": Picture(True, SINGLE, "triangle", "exclamation", ORANGE),
    "working": Picture(True, SINGLE),
    "working-reverse": Picture(True, DOUBLE),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One colouring: of the strokes, of a halo that sets them off from any panel, and whether badges have colours."""

    stroke: str
    halo: str
    coloured: bool


VARIANTS: Mapping[str, Variant] = {
    "colour": Variant("#FFFFFF", "#1E1E1E", True),
    "white": Variant("#FFFFFF", "none", False),
    "dark": Variant("#202020", "none", False),
}

_HOUSE = "M35 26 L47 14 L59 26 L59 41 L35 41 Z"
_BIG_HOUSE = "M10 32 L32 10 L54 32 L54 56 L10 56 Z"
_SHAPES = {
    "circle": '<circle cx="48" cy="48" r="15"{}/>',
    "square": '<rect x="34" y="34" width="28" height="28" rx="3"{}/>',
    "diamond": '<path d="M48 31 L65 48 L48 65 L31 48 Z" transform="translate(-1.5 -1.5)"{}/>',
    "triangle": '<path d="M47 31 L63 62 L31 62 Z"{}/>',
}
_SIGNS = {
    "plus": "M48 40 V56 M40 48 H56",
    "pause": "M43.5 41 V55 M52.5 41 V55",
    "cross": "M42 42 L54 54 M54 42 L42 54",
    "minus": "M40 46.5 H53",
    "dots": "M41 48 h0.1 M48 48 h0.1 M55 48 h0.1",
    "question": "M43.5 44 A4.5 4.5 0 1 1 48 48.6 V50.5 M48 55.5 h0.1",
    "exclamation": "M47 42 V52 M47 57.5 h0.1",
    "arrow": "M40 48 H56 M50 42 L56 48 L50 54",
    "door": "M41 40 V56 M45 48 H57 M52 43 L57 48 L52 53",
}


def svg(name: str, variant: str) -> str:
    """The text of one file."""
    picture, colours = PICTURES[name], VARIANTS[variant]
    body = "\n".join(f"  {line}" for line in _lines(picture, colours))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">\n{body}\n</svg>\n'


def _lines(picture: Picture, variant: Variant) -> Iterator[str]:
    if variant.halo != "none":
        yield from _body(picture, variant.halo, 6)
    yield from _body(picture, variant.stroke, 0)
    if picture.badge in ("slash", "cross"):
        ends = "M8 8 L56 56" if picture.badge == "slash" else "M8 8 L56 56 M56 8 L8 56"
        if variant.halo != "none":
            yield _path(ends, variant.halo, 12)
        yield _path(ends, picture.colour if variant.coloured else variant.stroke, 6)
    elif picture.badge:
        yield from _badge(picture, variant)


def _body(picture: Picture, colour: str, more: int) -> Iterator[str]:
    """Dot, link and house; `more`: wider by so much, for the halo behind them."""
    if picture.big:
        yield _path(_BIG_HOUSE, colour, 6 + more, fill=colour)
        return
    yield f'<circle cx="13" cy="50" r="{8 + more / 2:g}" fill="{colour}"/>'
    if picture.link == DOUBLE:
        yield _path("M15 39 L31 22 M24 48 L40 31", colour, 5 + more)
    elif picture.link != NO_LINK:
        yield _path("M20 43 L34 28", colour, 6 + more, dashes="1 10" if picture.link == DASHED else "")
    yield _path(_HOUSE, colour, 5 + more, fill=colour if picture.filled else "none")


def _badge(picture: Picture, variant: Variant) -> Iterator[str]:
    """A shape with a sign in it; without colours the sign is cut out of the shape."""
    shape = _SHAPES[picture.badge]
    if variant.coloured:
        yield shape.format(f' fill="{picture.colour}" stroke="#FFFFFF" stroke-width="3" stroke-linejoin="round"')
        yield _path(_SIGNS[picture.sign], "#FFFFFF", 4.5)
        return
    name = f"{picture.badge}-{picture.sign}"
    sign = _path(_SIGNS[picture.sign], "#000", 4.5)
    yield f'<mask id="{name}"><rect width="64" height="64" fill="#fff"/>{sign}</mask>'
    behind = "#202020" if variant.stroke == "#FFFFFF" else "#FFFFFF"
    yield shape.format(f' fill="{behind}" stroke="{behind}" stroke-width="5" stroke-linejoin="round"')
    yield shape.format(f' fill="{variant.stroke}" mask="url(#{name})"')


def _path(data: str, colour: str, width: float, *, fill: str = "none", dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="{data}" fill="{fill}" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linecap="round" stroke-linejoin="round"{dashed}/>'
    )


def main() -> None:
    """Write all files."""
    for variant in VARIANTS:
        (HERE / variant).mkdir(exist_ok=True)
        for name in PICTURES:
            (HERE / variant / f"{name}.svg").write_text(svg(name, variant))


if __name__ == "__main__":
    main()
