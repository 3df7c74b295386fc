"""What the tray and the window draw: plain data, ready to be shown, in the person's language.

Nothing here knows Qt, a socket or a clock. `Translate` is given by who draws; every text is already translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from client.core.status import State


class Translate(Protocol):
    """The text in the person's language; `number` chooses the plural and stands for %n."""

    def __call__(self, text: str, number: int | None = None) -> str:
        """Translate an English source text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the control socket."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Local(Enum):
    """What the program does by itself."""

    OPEN_WINDOW = "open-window"
    COPY = "copy"  # `MenuItem.detail` holds the text
    IMPORT = "import"
    AT_LOGIN = "at-login"  # start the tray then, or no more
    QUIT = "quit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The state in words; `title` fits a menu's first line with `where`."""

    state: State
    icon: str  # the name of one of the icons: a State's value, "working-reverse" for a double link
    title: str  # "Working"
    place: str  # "Cafe-Guest, behind NAT"; "" if there is nothing to say
    where: str  # "Cafe-Guest, behind NAT, 4 s ago": the same with the proof's age, if there is one
    sentence: str  # a whole sentence: what is, and what is missing
    proof: str  # "checked 4 s ago, 38 ms"; "" without proof
    advice: str  # what a person can do; "" if nothing
    fix: MenuItem | None  # the one suggested action


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One line of the tray's menu, and its twin in the window. The `id` stays: a menu is edited, never rebuilt."""

    id: str
    label: str
    visible: bool = True
    enabled: bool = True
    checked: bool | None = None  # None: nothing to tick
    radio: bool = False
    action: Call | Local | None = None
    detail: str = ""
    children: tuple[MenuItem, ...] = ()
    separator_before: bool = False


class LineStyle(Enum):
    """How a leg of the path is drawn."""

    SOLID = "solid"  # proven
    DASHED = "dashed"  # not yet proven
    CUT = "cut"  # broken here
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box of the picture."""

    id: str  # laptop, access, foreign-agent, internet, home-agent, home-network, correspondent-N
    title: str
    lines: tuple[str, ...] = ()
    details: str = ""  # shown and copied when it is chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A line between two nodes; `tunnel` names the encapsulation of a double line."""

    origin: str
    target: str
    style: LineStyle
    tunnel: str = ""
    outwards: bool = True  # packets from the laptop go here
    inwards: bool = True  # packets to the laptop come here
    word: str = ""  # "reverse", "triangle", "direct", or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPicture:
    """The live picture of the path; `text` is its twin for a screen reader."""

    nodes: tuple[Node, ...]
    legs: tuple[Leg, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A handover: a bar of coloured phases."""

    at: str  # ISO 8601, UTC
    when: str  # local time
    title: str  # "office -> Cafe"
    phases: tuple[tuple[str, str, float], ...]  # id, word, ms
    total_ms: float
    summary: str  # "130 ms, slowest: address"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """Something that happened, in words, and what its code means."""

    at: str
    when: str
    text: str
    code: str = ""  # "v4:131", to be explained; "" if there is none
    meaning: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A notification. The same id replaces itself."""

    id: str
    title: str
    text: str
    action: MenuItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The notification with this id is not true any more."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Why there is no service to ask."""

    reason: str  # "not-running", "not-permitted", "silent", "not-ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check of the diagnosis."""

    id: str
    result: str
    sign: str  # one character
    title: str
    text: str
    spoken: str  # the result as a word
