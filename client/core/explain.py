"""The dictionary: what the service says in ids and numbers, in words. Machines and daemons never speak prose."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from client.core import code_words, words
from client.core.checkup import Check
from client.core.errors import MobileIPError
from client.core.status import LogEntry

LATER = "The daemon tries another way or asks again later."
"""What is done about a code that nobody knows."""


class UnknownIdError(MobileIPError, ValueError):
    """Nothing is called that."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a code or id means, what to do, and whether the daemon does it by itself."""

    id: str
    meaning: str
    action: str = ""
    automatic: bool = False


def explain(identifier: str) -> Explanation:
    """Explain a code ("v4:131", "v6:144"), a state, a reason, a limit, or an event's id; else UnknownIdError."""
    family, colon, number = identifier.partition(":")
    if colon and family in ("v4", "v6") and number.isascii() and number.isdigit() and int(number) < 256:
        return _explain_code(family, int(number))
    for dictionary in (words.STATES, words.REASONS, words.LIMITS, words.ADVICE, words.EVENTS):
        if identifier in dictionary:
            return Explanation(id=identifier, meaning=dictionary[identifier], action=words.ADVICE.get(identifier, ""))
    raise UnknownIdError(f"nothing is called {identifier[:40]!r}; codes are written v4:131 or v6:144")


def _explain_code(family: str, code: int) -> Explanation:
    known = (code_words.V4 if family == "v4" else code_words.V6).get(code)
    if known:
        meaning, action, automatic = known
        return Explanation(id=f"{family}:{code}", meaning=meaning, action=action, automatic=automatic)
    if family == "v6" and code < 128:
        return Explanation(id=f"v6:{code}", meaning=f"accepted by the home agent, status {code}")
    agent = "foreign" if family == "v4" and 64 <= code < 128 else "home"
    later = LATER if family == "v4" else ""
    return Explanation(
        id=f"{family}:{code}", meaning=f"refused by the {agent} agent, code {code}", action=later, automatic=bool(later)
    )


def reason_words(reason: str | None) -> str:
    """Why a state is what it is, or a setting is not as asked for; unknown ids as they are, and "" for none."""
    if reason is None:
        return ""
    if reason.startswith(("v4:", "v6:")):
        try:
            return f"{explain(reason).meaning} (code {reason.partition(':')[2]})"
        except UnknownIdError:
            return reason
    return words.WHYS.get(reason) or words.REASONS.get(reason) or reason


def limit_words(identifier: str, detail: str) -> str:
    """What does not work as asked, with its detail."""
    text = words.LIMITS.get(identifier, identifier)
    return _fill(text, {"detail": reason_words(detail) if detail else "for an unknown reason"})


def check_words(check: Check) -> str:
    """What a check found."""
    text = words.FINDINGS.get(check.finding)
    if text is None:
        return reason_words(check.finding) or words.STATES.get(check.finding, check.finding)
    detail = words.CHECKS.get(check.detail, check.detail) if check.finding == "after-failure" else check.detail
    return _fill(text, {"detail": detail})


def event_words(entry: LogEntry) -> str:
    """What happened, as a sentence; an id of a newer daemon with its parameters as they are."""
    text = words.EVENTS.get(entry.id)
    if text is None:
        return " ".join([entry.id, *(f"{name}={value}" for name, value in entry.parameters.items())])
    values = dict(entry.parameters)
    if "place" in values:
        values["place"] = words.PLACES.get(values["place"], values["place"])
    if "encapsulation" in values:
        values["encapsulation"] = words.ENCAPSULATIONS.get(values["encapsulation"], values["encapsulation"])
    family = "IPv6: " if values.get("family") == "ipv6" else ""
    if values.get("code", "").isdigit():
        values["code"] = reason_words(f"{'v6' if family else 'v4'}:{values['code']}")
    return family + _fill(text, values)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return text.format_map(_Lenient(values))


class _Lenient(dict[str, str]):
    """A parameter that is not there leaves a question mark, not an exception."""

    def __missing__(self, name: str) -> str:
        return "?"
