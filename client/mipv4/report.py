"""The status of a mobile node: the first state that is true, and the facts beside it."""

from __future__ import annotations

from collections.abc import Mapping

from client.core.asking import Settled
from client.core.choice import Switch
from client.core.history import iso
from client.core.machine import NEVER
from client.core.plan import Anchor
from client.core.status import IPv4Status, Limit, Network, Proof, State, Status
from client.mipv4.codes import Code
from client.mipv4.mobile_node import MobileNode
from client.mipv4.movement import Nowhere
from client.mipv4.registration_state import Binding
from client.mipv4.report_settings import binding_in_force, settings, why_not

SHORT_LIFETIME = 60
LEAST_MTU = 1280
"""Bytes of packets that pass: with less IPv6 has no way (RFC 8200 §5), and some programs fail."""

CHECKING = 3.0
"""Seconds for which a fresh binding may be without proof before it counts as stalled."""

TRIES_BEFORE_NO_ANSWER = 3

UNREACHABLE = frozenset(
    {
        Code.FA_TIMEOUT,
        Code.HOME_NETWORK_UNREACHABLE,
        Code.HOME_AGENT_HOST_UNREACHABLE,
        Code.HOME_AGENT_PORT_UNREACHABLE,
        Code.HOME_AGENT_UNREACHABLE,
    }
)
"""A foreign agent's words for: the home agent does not answer."""


def report(node: MobileNode, now: float, wall_clock: float, counters: Mapping[str, int] | None = None) -> Status:
    """The snapshot, without what only the daemon knows (profile, data plane, since when).

    `counters` are those of the world around the machine: what it dropped before the machine heard of it.
    """
    state, reason = headline(node, now)
    return Status(
        state=state,
        since=iso(wall_clock),
        reason=reason,
        proof=_proof(node, now),
        network=_network(node),
        v4=_ipv4(node, now, counters or {}),
        settings=settings(node),
        limits=_limits(node),
        paused_until=_paused_until(node, now, wall_clock),
    )


def headline(node: MobileNode, now: float) -> tuple[State, str | None]:
    """The state and its reason: rows are tried from the top."""
    if node.paused_until is not None:
        return State.PAUSED, None
    if isinstance(node.attachment, Nowhere):
        return _unattached(node)
    binding = binding_in_force(node)
    if binding is None:
        return _unbound(node)
    if binding.target.at_home:
        return State.HOME, None
    return _bound(node, binding, now)


def _unattached(node: MobileNode) -> tuple[State, str | None]:
    reason = node.attachment.reason if isinstance(node.attachment, Nowhere) else None
    searching = bool(node.links.up()) and reason is None
    return (State.CONNECTING, "looking") if searching else (State.NO_NETWORK, reason)


def _unbound(node: MobileNode) -> tuple[State, str | None]:
    registration = node.registration
    if registration.target is None:
        return State.CONNECTING, "home-without-address"  # it is given once we are away: nobody is asked here
    if registration.clock_implausible:
        return State.REFUSED, "clock"
    if registration.refusal in UNREACHABLE:
        return State.NO_ANSWER, f"v4:{registration.refusal}"
    if registration.refusal is not None:
        return State.REFUSED, f"v4:{registration.refusal}"
    if registration.tries >= TRIES_BEFORE_NO_ANSWER:
        return State.NO_ANSWER, None
    return State.CONNECTING, "registering"


def _bound(node: MobileNode, binding: Binding, now: float) -> tuple[State, str | None]:
    if not node.proof.is_proven(now):
        if node.one_way.found:
            return State.ONE_WAY, None
        young = now - binding.granted_at <= CHECKING and not node.proof.failing
        checking = young or (node.proof.proven_at is not None and not node.proof.failing)
        return (State.CHECKING, None) if checking else (State.STALLED, None)
    limits = _limits(node)
    return (State.LIMITED, limits[0].id) if limits else (State.WORKING, None)


def _limits(node: MobileNode) -> list[Limit]:
    limits = [Limit(id="kernel", detail=reason) for reason in node.plan_refusals]
    binding = binding_in_force(node)
    if binding is None or binding.target.at_home:
        return limits
    if node.wanted is not Switch.AUTO and binding.target.reverse_tunnel != (node.wanted is Switch.ON):
        settled = isinstance(node.registration.state, Settled)
        limits += [Limit(id="reverse-tunnel", detail=why_not(node) or "")] if settled else []
    if binding.lifetime < SHORT_LIFETIME:
        limits.append(Limit(id="short-lifetime", detail=str(int(binding.lifetime))))
    mtu = _mtu(node)
    if mtu is not None and mtu < LEAST_MTU:
        limits.append(Limit(id="mtu", detail=str(mtu)))
    return limits


def _proof(node: MobileNode, now: float) -> Proof | None:
    binding = binding_in_force(node)
    if binding and binding.target.at_home:
        round_trip = (binding.granted_at - binding.sent_at) * 1000
        return Proof(kind="registration", age_ms=int((now - binding.sent_at) * 1000), rtt_ms=round(round_trip, 1))
    if node.proof.proven_at is None or node.proof.round_trip is None:
        return None
    age = int((now - node.proof.proven_at) * 1000)
    return Proof(kind="probe", age_ms=age, rtt_ms=round(node.proof.round_trip * 1000, 1))


def _network(node: MobileNode) -> Network | None:
    if isinstance(node.attachment, Nowhere):
        return None
    binding = binding_in_force(node)
    return Network(interface=node.attachment.link.name, nat=binding is not None and binding.nat)


def _ipv4(node: MobileNode, now: float, counters: Mapping[str, int]) -> IPv4Status:
    binding, registration = binding_in_force(node), node.registration
    target = binding.target if binding else registration.target
    away = target is not None and not target.at_home
    return IPv4Status(
        place=target.place if target else None,
        home_address=str(node.home_address) if node.home_address else None,
        care_of_address=str(target.care_of_address) if target and away else None,
        home_agent=str(registration.home_agent),
        foreign_agent=str(target.agent) if target and target.agent else None,
        expires_s=_expires(binding, now),
        encapsulation=binding.encapsulation.value if binding and away else None,
        mtu=_mtu(node) if binding and away else None,
        path=_path(binding),
        code=binding.code if binding else registration.refusal,
        tries=registration.tries,
        counters={
            **dict(sorted(counters.items())),
            "security_exceptions": registration.security_exceptions,
            "replies_dropped": registration.dropped,
            "advertisements_dropped": node.discovery.dropped,
        },
    )


def _mtu(node: MobileNode) -> int | None:
    """The longest packet of a program that we take, in bytes: as the plan says it to the kernel."""
    return next((item.mtu for item in node.plan() if isinstance(item, Anchor)), None)


def _expires(binding: Binding | None, now: float) -> int | None:
    if binding is None or binding.expires_at == NEVER:
        return None
    return int(binding.expires_at - now)


def _path(binding: Binding | None) -> str | None:
    if binding is None:
        return None
    if binding.target.at_home:
        return "direct"
    return "reverse" if binding.target.reverse_tunnel else "triangle"


def _paused_until(node: MobileNode, now: float, wall_clock: float) -> str | None:
    if node.paused_until is None or node.paused_until == NEVER:
        return None
    return iso(wall_clock + node.paused_until - now)
