"""Ages, times and reasons in the person's language: the pieces that sentences are made of."""

from __future__ import annotations

from datetime import datetime, tzinfo

from client.core import code_words, words
from client.core.explain import UnknownIdError, explain
from client.core.status import Limit, Proof, State
from gui.view.model import Translate

ERRORS = {
    "not-running": "The mobilenode service is not running.",
    "not-permitted": "Only root and the group mobilenode may do this.",
    "no-profile": "No profile is in use: import one first.",
    "no-such-method": "The mobilenode service is too old for this.",
    "too-long": "This is longer than the mobilenode service reads.",
    "busy": "Too many programs talk to the mobilenode service already.",
}
"""What the service refuses for the same reason each time; with others it says what is wrong with this very call."""


def age(milliseconds: float, translate: Translate) -> str:
    """How long ago."""
    seconds = int(milliseconds / 1000)
    if seconds < 1:
        return translate("just now")
    if seconds < 120:
        return translate("%n s ago", seconds)
    if seconds < 7200:
        return translate("%n min ago", seconds // 60)
    return translate("%n h ago", seconds // 3600)


def left(seconds: int) -> str:
    """How long still: "24:10", in every language."""
    hours, rest = divmod(max(seconds, 0), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def local_time(iso: str, zone: tzinfo | None, form: str = "%H:%M:%S") -> str:
    """The time of day where the person is (`zone`, None: where this computer is); the text itself if it is no time."""
    try:
        return datetime.fromisoformat(iso).astimezone(zone).strftime(form)
    except (ValueError, OverflowError):
        return iso


def error(identifier: str, message: str, translate: Translate) -> str:
    """Why the service refuses a call."""
    return translate(ERRORS[identifier]) if identifier in ERRORS else message


def reason(identifier: str | None, translate: Translate) -> str:
    """Why something is so: a code or an id of the service; an id that nobody knows stands for itself."""
    if not identifier:
        return ""
    if identifier.startswith(("v4:", "v6:")):
        return meaning(identifier, translate)
    known = words.WHYS.get(identifier) or words.REASONS.get(identifier)
    return translate(known) if known else identifier


def attachment(told: str, translate: Translate) -> str:
    """One end of a move: the service says a place and an interface."""
    place, _, interface = told.partition(" ")
    return f"{interface} {translate(words.PLACES[place])}".strip() if place in words.PLACES else told


def meaning(code: str, translate: Translate) -> str:
    """What a code means, and the code."""
    family, _, number = code.partition(":")
    table = code_words.V4 if family == "v4" else code_words.V6
    known = table.get(int(number)) if number.isascii() and number.isdigit() else None
    if known:
        return translate("{meaning} (code {code})").format(meaning=translate(known[0]), code=number)
    return translate("refused, code {code}").format(code=number)


def action(code: str, translate: Translate) -> str:
    """What to do about a code, or what the service does by itself; "" if nothing is known."""
    try:
        found = explain(code).action
    except UnknownIdError:
        return ""
    return translate(found) if found else ""


def limit(found: Limit, translate: Translate) -> str:
    """What does not work as asked."""
    known = words.LIMITS.get(found.id)
    if known is None:
        return f"{found.id}: {found.detail}" if found.detail else found.id
    detail = reason(found.detail, translate) or translate("for an unknown reason")
    return translate(known).replace("{detail}", detail)


def state_title(state: State, translate: Translate) -> str:
    """A state in one or two words."""
    return translate(words.HEADLINES[state.value])


def proof(found: Proof | None, age_ms: float, translate: Translate) -> str:
    """How old the last round trip is, and how long it took; "" without one."""
    if found is None:
        return ""
    checked = translate("checked {age}").format(age=age(found.age_ms + age_ms, translate))
    if found.rtt_ms is None:
        return checked
    return translate("{checked}, {ms} ms").format(checked=checked, ms=f"{found.rtt_ms:.0f}")
