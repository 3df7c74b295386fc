"""What people see of the IPv6 mobile node: the first state that is true, and the facts beside it."""

from __future__ import annotations

from client.core.history import iso
from client.core.machine import NEVER
from client.core.status import IPv6Status, Limit, Network, Proof, Setting, State
from mipv6.binding import Binding
from mipv6.mobile_node import MobileNode6
from mipv6.movement import Nowhere
from mipv6.registration_state import Searching
from mipv6.renumbering import formed

SHORT_LIFETIME = 60
CHECKING = 3.0
"""Seconds for which a fresh binding may be without proof before it counts as stalled."""

TRIES_BEFORE_NO_ANSWER = 3


def binding_in_force(node: MobileNode6) -> Binding | None:
    """The binding that serves where we are."""
    binding, target = node.registration.binding, node.target
    if binding is None or target is None or binding.target.spot != target.spot:
        return None
    return binding


def headline(node: MobileNode6, now: float) -> tuple[State, str | None]:
    """The state and its reason: rows are tried from the top."""
    if node.paused_until is not None:
        return State.PAUSED, None
    place = node.whereabouts.place
    if isinstance(place, Nowhere):
        searching = any(link.up and link.addresses6 for link in node.links.links) and place.reason is None
        return (State.CONNECTING, "looking6") if searching else (State.NO_NETWORK, place.reason)
    binding = binding_in_force(node)
    if binding is None:
        return _unbound(node)
    if binding.at_home:
        return State.HOME, None
    return _bound(node, binding, now)


def _unbound(node: MobileNode6) -> tuple[State, str | None]:
    registration = node.registration
    if registration.clock_implausible:
        return State.REFUSED, "clock"
    if registration.refusal is not None:
        return State.REFUSED, f"v6:{registration.refusal}"
    if isinstance(registration.state, Searching):
        return State.CONNECTING, "home-agent-search"
    if registration.tries >= TRIES_BEFORE_NO_ANSWER:
        return State.NO_ANSWER, None
    return State.CONNECTING, "registering"


def _bound(node: MobileNode6, binding: Binding, now: float) -> tuple[State, str | None]:
    if not node.proof.is_proven(now):
        young = now - binding.granted_at <= CHECKING and not node.proof.failing
        checking = young or (node.proof.proven_at is not None and not node.proof.failing)
        return (State.CHECKING, None) if checking else (State.STALLED, None)
    found = limits(node, now)
    return (State.LIMITED, found[0].id) if found else (State.WORKING, None)


def limits(node: MobileNode6, now: float) -> list[Limit]:
    """What does not work as asked."""
    found = [Limit(id="kernel", detail=reason) for reason in node.plan_refusals]
    binding = binding_in_force(node)
    if binding is None or binding.at_home:
        return found
    if node.settings.paths.on_demand and not node.settings.allows_direct_paths:
        found.append(Limit(id="direct-paths-unprotected"))
    if node.prefixes.preferred_until <= now:
        found.append(_prefix_ends(node))
    if 0 < binding.lifetime < SHORT_LIFETIME:
        found.append(Limit(id="short-lifetime", detail=str(int(binding.lifetime))))
    return found


def _prefix_ends(node: MobileNode6) -> Limit:
    """It is deprecated: is it known what comes after it?"""
    successor = node.prefixes.successor
    if successor is None:
        return Limit(id="home-prefix-ends", detail=str(node.settings.home_prefix))
    return Limit(id="home-prefix-changes", detail=str(formed(successor, node.settings.home_address)))


def proof(node: MobileNode6, now: float) -> Proof | None:
    """The last round trip."""
    binding = binding_in_force(node)
    if binding and binding.at_home:
        round_trip = (binding.granted_at - binding.sent_at) * 1000
        return Proof(kind="registration", age_ms=int((now - binding.sent_at) * 1000), rtt_ms=round(round_trip, 1))
    if node.proof.proven_at is None or node.proof.round_trip is None:
        return None
    age = int((now - node.proof.proven_at) * 1000)
    return Proof(kind="probe", age_ms=age, rtt_ms=round(node.proof.round_trip * 1000, 1))


def network(node: MobileNode6) -> Network | None:
    """The link that carries us."""
    link = node.links.get(node.target.hop.interface) if node.target else None
    return Network(interface=link.name) if link else None


def status(node: MobileNode6, now: float) -> IPv6Status:
    """Where we are bound, and how packets go."""
    binding, registration, target = binding_in_force(node), node.registration, node.target
    away = target is not None and not target.at_home
    home_agent = registration.home_agent
    state, reason = headline(node, now)
    return IPv6Status(
        state=state,
        reason=reason,
        proof=proof(node, now),
        place=target.place if target else None,
        home_address=str(node.settings.home_address),
        care_of_address=str(target.care_of_address) if target and away else None,
        home_agent=str(home_agent) if home_agent else None,
        expires_s=int(binding.expires_at - now) if binding and binding.expires_at != NEVER else None,
        mtu=node.mtu if binding and away else None,
        path=None if binding is None else "direct" if binding.at_home else "reverse",
        protection="rfc4285" if node.settings.association else "esp",
        code=binding.status if binding else registration.refusal,
        tries=registration.tries,
        peers=node.correspondents.status(now),
        counters=dict(sorted(node.counters.items())),
    )


def paused_until(node: MobileNode6, now: float, wall_clock: float) -> str | None:
    """When a pause ends by itself."""
    if node.paused_until is None or node.paused_until == NEVER:
        return None
    return iso(wall_clock + node.paused_until - now)


def settings(node: MobileNode6) -> dict[str, Setting]:
    """Every switch by its name."""
    wanted, allowed = node.direct_paths, node.settings.allows_direct_paths
    why = "unprotected" if wanted and not allowed else None
    return {"direct_paths": Setting(wanted=_on_off(wanted), applied=_on_off(wanted and allowed), why=why)}


def _on_off(value: bool) -> str:  # what JSON and people see
    return "on" if value else "off"
