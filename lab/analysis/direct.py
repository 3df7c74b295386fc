"""How packets went between the home address and one correspondent: by where they were seen, and by their headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address

from lab.analysis.frames import Frame
from lab.analysis.frames6 import TCP, UDP, Ip6, innermost6
from lab.analysis.mobility import Kind, MobilityMessage, messages
from lab.topology6 import HOME_ADDRESS6

_HOME = HOME_ADDRESS6.packed
_HOPS_AT_START = 64
"""The hop limit that Linux gives a packet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Packets of programs with one correspondent, by their form, as the correspondent's link showed them."""

    direct_out: tuple[int, ...] = ()  # times; from the laptop, with the home address option
    direct_in: tuple[int, ...] = ()  # to the laptop, with the type 2 routing header
    plain_out: tuple[int, ...] = ()  # from the home address itself: through the home agent
    plain_in: tuple[int, ...] = ()

    @property
    def direct_since(self) -> int | None:
        """When the first packet of both directions had gone without the home agent."""
        return max(self.direct_out[0], self.direct_in[0]) if self.direct_out and self.direct_in else None


def path(frames: Iterable[Frame], correspondent: IPv6Address) -> Path:
    """Sort the packets of a capture on the correspondent's card."""
    times: dict[str, list[int]] = {"direct_out": [], "direct_in": [], "plain_out": [], "plain_in": []}
    for frame in frames:
        if frame.ip6 and (kind := _kind(frame.ip6, correspondent.packed)):
            times[kind].append(frame.at)
    return Path(**{kind: tuple(found) for kind, found in times.items()})


def _kind(ip: Ip6, correspondent: bytes) -> str | None:
    if ip.protocol not in (TCP, UDP):
        return None
    if ip.destination == correspondent and ip.sender == _HOME:
        return "plain_out" if ip.home_address is None else "direct_out"
    if ip.source == correspondent and ip.receiver == _HOME:
        return "plain_in" if ip.routing is None else "direct_in"
    return None


def seen(frames: Iterable[Frame], correspondent: IPv6Address) -> int:
    """How many packets of programs between the two passed here, in whatever form."""
    count = 0
    for frame in frames:
        inner = innermost6(frame.ip6) if frame.ip6 else None
        if inner and inner.protocol in (TCP, UDP):
            count += {inner.sender, inner.receiver} == {_HOME, correspondent.packed}
    return count


def hops_direct(frames: Iterable[Frame], correspondent: IPv6Address) -> int | None:
    """Routers between laptop and correspondent, by the hop limit of what arrives there without the home agent."""
    limits = {
        frame.ip6.hop_limit for frame in frames if frame.ip6 and _kind(frame.ip6, correspondent.packed) == "direct_out"
    }
    return _HOPS_AT_START - min(limits) if limits else None


def hops_tunnelled(door: Iterable[Frame], frames: Iterable[Frame], correspondent: IPv6Address) -> int | None:
    """The same through the home agent: those before its `door`, and those behind, the home agent among them."""
    outer = {
        frame.ip6.hop_limit
        for frame in door
        if frame.ip6 and frame.ip6.inner and frame.ip6.inner.destination == correspondent.packed
    }
    inner = {
        frame.ip6.hop_limit for frame in frames if frame.ip6 and _kind(frame.ip6, correspondent.packed) == "plain_out"
    }
    return 2 * _HOPS_AT_START - min(outer) - min(inner) if outer and inner else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routability:
    """The tests of one correspondent after a move, in nanoseconds since 1970; None: it did not happen."""

    begun: int | None = None  # the first HoTI or CoTI
    home_tests: int = 0  # HoTI that were sent
    care_of_tests: int = 0
    tested: int | None = None  # the test that was the last to come back before the update
    update: int | None = None  # the Binding Update to the correspondent
    acknowledgement: int | None = None
    status: int | None = None
    updates: int = 0


def routability(frames: Sequence[Frame], correspondent: IPv6Address) -> Routability:
    """Find them in the capture on the laptop's cable."""
    peer = correspondent.packed
    ours = [one for one in messages(frames) if peer in (one.packet.source, one.packet.destination)]
    started = _of(ours, Kind.HOME_TEST_INIT, Kind.CARE_OF_TEST_INIT)
    updates = _of(ours, Kind.BINDING_UPDATE)
    answers = _of(ours, Kind.BINDING_ACKNOWLEDGEMENT)
    end = updates[0].at if updates else None
    tests = [one.at for one in _of(ours, Kind.HOME_TEST, Kind.CARE_OF_TEST) if end is None or one.at <= end]
    return Routability(
        begun=started[0].at if started else None,
        home_tests=len(_of(ours, Kind.HOME_TEST_INIT)),
        care_of_tests=len(_of(ours, Kind.CARE_OF_TEST_INIT)),
        tested=max(tests, default=None),
        update=end,
        acknowledgement=answers[0].at if answers else None,
        status=answers[-1].status if answers else None,
        updates=len({one.sequence for one in updates}),
    )


def _of(found: Iterable[MobilityMessage], *kinds: Kind) -> list[MobilityMessage]:
    return [one for one in found if one.kind in kinds]
