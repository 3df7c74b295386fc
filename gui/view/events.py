"""What happened, in plain words, with the meaning of a code and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from client.core import words
from client.core.status import LogEntry
from gui.view import phrases
from gui.view.model import EventLine, Translate


def lines(entries: Sequence[LogEntry], translate: Translate, zone: tzinfo | None) -> list[EventLine]:
    """The newest first; `zone`: where the person's clock is, None for that of this computer."""
    return [line(entry, translate, zone) for entry in reversed(entries)]


def line(entry: LogEntry, translate: Translate, zone: tzinfo | None) -> EventLine:
    """One of them."""
    family = "v6" if entry.parameters.get("family") == "ipv6" else "v4"
    number = entry.parameters.get("code", "")
    code = f"{family}:{number}" if number.isascii() and number.isdigit() else ""
    return EventLine(
        at=entry.at,
        when=phrases.local_time(entry.at, zone),
        text=_text(entry, code, translate),
        code=code,
        meaning=phrases.meaning(code, translate) if code else "",
        action=phrases.action(code, translate) if code else "",
    )


def _text(entry: LogEntry, code: str, translate: Translate) -> str:
    known = words.EVENTS.get(entry.id)
    if known is None:
        return " ".join([entry.id, *(f"{name}={value}" for name, value in entry.parameters.items())])
    values = dict(entry.parameters)
    for name, dictionary in (("place", words.PLACES), ("encapsulation", words.ENCAPSULATIONS)):
        if values.get(name) in dictionary:
            values[name] = translate(dictionary[values[name]])
    if "to" in values:
        values["to"] = phrases.attachment(values["to"], translate)
    if code:
        values["code"] = phrases.meaning(code, translate)
    text = translate(known)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return f"IPv6: {text}" if code.startswith("v6") or values.get("family") == "ipv6" else text
