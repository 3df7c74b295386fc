"""A status as lines of text: where, what, what to do."""

from __future__ import annotations

from collections.abc import Iterator

import click

from client.cli.clock import age, clock_time, left
from client.cli.picture6 import rows
from client.core import words
from client.core.explain import limit_words, reason_words
from client.core.status import IPv4Status, IPv6Status, Place, Proof, State, Status

_COLOURS = {
    "green": (State.WORKING, State.HOME),
    "yellow": (State.LIMITED, State.PORTAL, State.ONE_WAY, State.NO_PROFILE),
    "blue": (State.CONNECTING, State.CHECKING),
    "red": (State.REFUSED, State.NO_ANSWER, State.STALLED, State.NO_DAEMON),
}


def picture(status: Status) -> str:
    """The whole picture, several lines."""
    colour = next((colour for colour, states in _COLOURS.items() if status.state in states), None)
    title, *rest = _first_lines(status)
    lines = [click.style(title, fg=colour, bold=True), *rest]
    if status.v4:
        lines += _facts(status, status.v4)
    if status.v6:
        lines += _facts6(status, status.v6)
    lines += [_row("Limit", limit_words(limit.id, limit.detail)) for limit in status.limits]
    lines += [_row("Next", words.ADVICE[key]) for key in [_advice(status)] if key]
    return "\n".join(lines)


def headline(status: Status) -> str:
    """One line: the state, and where we are or why."""
    where = _where(status) if status.state in _SAYS_WHERE else _why(status)
    return f"{words.HEADLINES[status.state.value]} - {where}" if where else words.STATES[status.state.value]


_SAYS_WHERE = frozenset(
    {State.WORKING, State.LIMITED, State.HOME, State.CHECKING, State.CONNECTING, State.STALLED, State.ONE_WAY}
)


def _first_lines(status: Status) -> Iterator[str]:
    yield headline(status)
    if status.proof and status.state in (State.WORKING, State.LIMITED, State.HOME, State.STALLED):
        yield f"  {_proof(status.proof, status.state)}"
    elif status.state in (State.CHECKING, State.CONNECTING, State.REFUSED, State.NO_ANSWER, State.ONE_WAY):
        yield f"  {_why(status) or words.STATES[status.state.value]}"


def _proof(proof: Proof, state: State) -> str:
    last = "nothing has come back since the last check, " if state is State.STALLED else "checked "
    round_trip = f", {proof.rtt_ms:.0f} ms" if proof.rtt_ms is not None else ""
    return f"{last}{age(proof.age_ms)}{round_trip}"


def _where(status: Status) -> str:
    place = status.v4.place if status.v4 else status.v6.place if status.v6 else None
    parts = []
    if status.network:
        parts.append(status.network.name or status.network.interface)
    if place is Place.HOME:
        parts.append("at home, no tunnel needed" if status.state is State.HOME else "perhaps at home")
    elif place is Place.FOREIGN_AGENT:
        parts.append("through a foreign agent")
    elif place is Place.CO_LOCATED:
        parts.append("own address behind NAT" if status.network and status.network.nat else "own address")
    return ", ".join(parts)


def _why(status: Status) -> str:
    if status.state is State.PAUSED:
        until = f"until {clock_time(status.paused_until)}" if status.paused_until else "until you resume"
        return f"{until}; your home address is not reachable"
    if status.state is State.NO_ANSWER:
        return _silence(status)
    return reason_words(status.reason)


def _silence(status: Status) -> str:
    """Who does not answer: where both families are in use, the one that waits longer."""
    asked = max((one for one in (status.v4, status.v6) if one), key=lambda one: one.tries, default=None)
    return f"{asked.home_agent or 'your home agent'} said nothing to {asked.tries} requests" if asked else ""


def _facts6(status: Status, v6: IPv6Status) -> Iterator[str]:
    """The same for IPv6; a state of its own is said where IPv4 has another."""
    if status.v4 and v6.state and v6.state is not status.state:
        reason = f": {reason_words(v6.reason)}" if v6.reason else ""
        yield _row("IPv6", f"{words.HEADLINES[v6.state.value]}{reason}")
    for name, text in rows(v6, status.settings.get("direct_paths"), status.dataplane):
        yield _row(f"{name}6" if status.v4 else name, text)


def _facts(status: Status, v4: IPv4Status) -> Iterator[str]:
    yield _row("Home", _home(v4))
    if v4.care_of_address:
        agent = f" of the foreign agent {v4.foreign_agent}" if v4.foreign_agent else ""
        yield _row("Care-of", f"{v4.care_of_address}{agent}")
    if v4.path:
        yield _row("Path", words.PATHS.get(v4.path, v4.path) + _difference(status))
    if v4.encapsulation:
        mtu = f", MTU {v4.mtu}" if v4.mtu else ""
        plane = f", by {status.dataplane}" if status.dataplane else ""
        if v4.place is Place.FOREIGN_AGENT:
            plane = ", opened by the foreign agent"
        yield _row("Tunnel", f"{words.ENCAPSULATIONS.get(v4.encapsulation, v4.encapsulation)}{mtu}{plane}")
    yield from _choices(status)


def _choices(status: Status) -> Iterator[str]:
    """What differs from what most people have."""
    prefixes, broadcasts = status.settings.get("prefixes"), status.settings.get("broadcasts")
    if prefixes and prefixes.applied != "all":
        yield _row("Prefixes", f"only {', '.join(prefixes.applied.split())}; all else goes without the home address")
    if broadcasts and broadcasts.applied == "on":
        yield _row("Also", "what is sent to all of the home network")


def _home(v4: IPv4Status) -> str:
    address = v4.home_address or "an address that the home agent gives"
    agent = f" at {v4.home_agent}" if v4.home_agent else ""
    lifetime = f", {left(v4.expires_s)} left" if v4.expires_s is not None else ""
    return f"{address}{agent}{lifetime}"


def _difference(status: Status) -> str:
    """A switch that is not as it was asked for says so where the path is told."""
    setting = status.settings.get("reverse_tunnel")
    if setting is None or setting.wanted in ("auto", setting.applied) or setting.why in (None, "home"):
        return ""
    return f"; reverse tunnel {setting.wanted} was asked for: {reason_words(setting.why)}"


def _advice(status: Status) -> str | None:
    return next((key for key in (status.advice, status.reason, status.state.value) if key in words.ADVICE), None)


def _row(name: str, text: str) -> str:
    return f"{name:<8} {text}"
