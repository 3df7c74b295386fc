"""The one thing worth doing about a status, if there is one: the id of a sentence in `words.ADVICE`."""

from __future__ import annotations

from client.core.status import State, Status


def advice(status: Status) -> str | None:
    """What would help most in this state and on this path. A refusal's own reason says what would."""
    if status.state is State.REFUSED:
        return status.reason
    if status.state is State.NO_ANSWER:
        return "check-home-agent" if status.v4 else "check-home-agent6"
    if status.state is State.STALLED:
        return _against_silence(status)
    return "one-way" if status.state is State.ONE_WAY else None


def _against_silence(status: Status) -> str:
    """What this tunnel has not tried yet: nobody is told to turn on what is on."""
    if status.v4 is None or status.v4.encapsulation == "udp":
        return "another-network"
    return "check-encapsulation" if status.v4.path == "reverse" else "check-tunnel"
