"""The state in words: what is, where, how old the proof is, and what a person can do."""

from __future__ import annotations

from datetime import tzinfo

from client.core import words
from client.core.status import Place, State, Status
from gui.view import phrases
from gui.view.model import Call, Headline, Local, Lost, MenuItem, Translate

CARRIES = frozenset({State.WORKING, State.LIMITED, State.HOME})
"""The states in which the home address is known to work."""

_SAYS_WHERE = CARRIES | {State.CHECKING, State.CONNECTING, State.STALLED, State.ONE_WAY}

_ONE_CLICK = frozenset({State.ONE_WAY, State.PAUSED, State.NO_PROFILE})
"""The suggested action is the advice; how to type it is the command line's business."""


def headline(status: Status | Lost, age_ms: float, translate: Translate, zone: tzinfo | None = None) -> Headline:
    """What the first line, the icon and the top of the window say. `age_ms`: since the status came."""
    if isinstance(status, Lost):
        return _lost(status, translate)
    found = phrases.proof(status.proof, age_ms, translate) if status.state in CARRIES | {State.STALLED} else ""
    return Headline(
        state=status.state,
        icon=icon(status),
        title=phrases.state_title(status.state, translate),
        place=_line(status, translate, zone),
        where=_aged_line(status, age_ms, translate, zone),
        sentence=_sentence(status, translate, zone),
        proof=found,
        advice=_advice(status, translate),
        fix=_fix(status, translate),
    )


def icon(status: Status) -> str:
    """The icon's name: a double link says that packets leave by the reverse tunnel."""
    reverse = status.v4 is not None and status.v4.path == "reverse"
    return "working-reverse" if status.state is State.WORKING and reverse else status.state.value


def place(status: Status, translate: Translate) -> str:
    """The network, and how we are attached to it."""
    family = status.v4 or status.v6
    kind = family.place if family else None
    parts = [status.network.name or status.network.interface] if status.network else []
    if kind is Place.HOME:
        parts.append(translate("at home"))
    elif kind is Place.FOREIGN_AGENT:
        parts.append(translate("through a foreign agent"))
    elif kind is Place.CO_LOCATED:
        behind = status.network is not None and status.network.nat
        parts.append(translate("own address behind NAT") if behind else translate("own address"))
    return ", ".join(parts)


def _lost(lost: Lost, translate: Translate) -> Headline:
    sentences = {
        "not-running": translate("The mobilenode service is not running."),
        "not-permitted": translate("You may not talk to the mobilenode service: join the group mobilenode."),
        "silent": translate("The mobilenode service does not answer."),
        "not-ours": translate("What answers is not the mobilenode service."),
    }
    advice = {
        "not-running": translate("Start it: systemctl start mobilenoded"),
        "not-permitted": translate("As root: adduser YOUR-NAME mobilenode, then log in again"),
    }
    gone = lost.reason == "not-running"
    return Headline(
        state=State.NO_DAEMON,
        icon=State.NO_DAEMON.value,
        title=phrases.state_title(State.NO_DAEMON, translate) if gone else translate("No service"),
        place="",
        where="",
        sentence=sentences.get(lost.reason, sentences["not-running"]),
        proof="",
        advice=advice.get(lost.reason, ""),
        fix=None,
    )


def _line(status: Status, translate: Translate, zone: tzinfo | None) -> str:
    """What stands behind the title in one line."""
    return place(status, translate) if status.state in _SAYS_WHERE else _why(status, translate, zone)


def _aged_line(status: Status, age_ms: float, translate: Translate, zone: tzinfo | None) -> str:
    """The same with the age of its proof, where there is no second line for that."""
    line = _line(status, translate, zone)
    if status.state not in CARRIES or status.proof is None:
        return line
    return ", ".join(part for part in (line, phrases.age(status.proof.age_ms + age_ms, translate)) if part)


def _sentence(status: Status, translate: Translate, zone: tzinfo | None) -> str:
    whole = translate(words.STATES[status.state.value])
    why = _why(status, translate, zone)
    if status.state is State.LIMITED and status.limits:
        why = phrases.limit(status.limits[0], translate)
    return f"{whole} {why[:1].upper()}{why[1:]}." if why else whole


def _why(status: Status, translate: Translate, zone: tzinfo | None) -> str:
    if status.state is State.PAUSED:
        until = status.paused_until
        return translate("until {time}").format(time=phrases.local_time(until, zone, "%H:%M")) if until else ""
    if status.state is State.NO_ANSWER:
        asked = max((one for one in (status.v4, status.v6) if one), key=lambda one: one.tries, default=None)
        agent = asked.home_agent if asked else None
        if asked is None or agent is None:
            return ""
        return translate("{agent} said nothing to %n request(s)", asked.tries).format(agent=agent)
    return phrases.reason(status.reason, translate)


def _advice(status: Status, translate: Translate) -> str:
    if status.state in _ONE_CLICK:
        return ""
    for key in (status.advice, status.reason, status.state.value):
        if key and key in words.ADVICE:
            return translate(words.ADVICE[key])
    return phrases.action(status.reason, translate) if status.reason and status.state is State.REFUSED else ""


def _fix(status: Status, translate: Translate) -> MenuItem | None:
    """The one thing that is worth a click now."""
    if status.state is State.ONE_WAY:
        turn_on = Call(method="reverse_tunnel", params={"value": "on"})
        return MenuItem(id="fix", label=translate("Turn on reverse tunnel"), action=turn_on)
    if status.state in (State.STALLED, State.NO_ANSWER, State.REFUSED):
        return MenuItem(id="fix", label=translate("Try again now"), action=Call(method="check"))
    if status.state is State.NO_PROFILE:
        return MenuItem(id="fix", label=translate("Choose a profile file..."), action=Local.IMPORT)
    if status.state is State.PAUSED:
        return MenuItem(id="fix", label=translate("Resume"), action=Call(method="resume"))
    return None
