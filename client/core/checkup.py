"""A run of checks, layer by layer from the profile to the tunnel: where it breaks first, and what to do.

Pure: the daemon finds the facts, this judges them. A check says ids and parameters; `words.FINDINGS` has the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from client.core.profile import Profile, not_acted_on
from client.core.status import IPv4Status, IPv6Status, Place, State, Status

OK, WARNING, FAILED, SKIPPED = "ok", "warning", "failed", "skipped"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check's result; like a status it is an interface, and only ever added to."""

    id: str  # a key of `words.CHECKS`
    result: str  # "ok", "warning", "failed" or "skipped"
    finding: str  # a key of `words.FINDINGS`, or a reason or code as in a status
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known: `fresh` says that the proof came after it was asked for."""

    status: Status
    profile: Profile | None
    fresh: bool
    unresolved: tuple[str, ...] = ()  # names of home agents that lead to no address

    @property
    def family(self) -> IPv4Status | IPv6Status | None:
        """The family that is looked at for places: IPv4 where there is one."""
        return self.status.v4 or self.status.v6


def check_all(facts: Facts) -> list[Check]:
    """All checks in their order; what cannot be judged since something below it failed is skipped, and says so."""
    found: list[Check] = []
    broken = ""
    for identifier, look in _CHAIN.items():
        check = _skip(identifier, broken) if broken else look(facts)
        found.append(check)
        if check.result == FAILED:
            broken = identifier
    return [*found, *_besides(facts)]


def _skip(identifier: str, broken: str) -> Check:
    return Check(id=identifier, result=SKIPPED, finding="after-failure", detail=broken)


def _service(facts: Facts) -> Check:
    if facts.status.dataplane == "tun":
        return Check(id="service", result=WARNING, finding="slow-plane")
    return Check(id="service", result=OK, finding="runs", detail=facts.status.dataplane or "")


def _profile(facts: Facts) -> Check:
    if facts.profile is None:
        return Check(id="profile", result=FAILED, finding="no-profile")
    limits = not_acted_on(facts.profile)
    if limits:
        return Check(
            id="profile", result=WARNING, finding="not-acted-on", detail=", ".join(one.detail for one in limits)
        )
    return Check(id="profile", result=OK, finding="profile", detail=facts.profile.name)


def _pause(facts: Facts) -> Check:
    if facts.status.state is State.PAUSED:
        return Check(id="switch", result=FAILED, finding="paused")
    return Check(id="switch", result=OK, finding="turned-on")


def _clock(facts: Facts) -> Check:
    if facts.status.reason == "clock":
        return Check(id="clock", result=FAILED, finding="clock")
    return Check(id="clock", result=OK, finding="clock-plausible")


def _link(facts: Facts) -> Check:
    network = facts.status.network
    if network is None and facts.status.state is State.NO_NETWORK and not facts.unresolved:
        return Check(id="link", result=FAILED, finding="no-link")
    named = (network.name or network.interface) if network else ""
    return Check(id="link", result=OK, finding="link", detail=named)


def _names(facts: Facts) -> Check:
    if facts.unresolved:
        return Check(id="names", result=FAILED, finding="unresolved", detail=", ".join(facts.unresolved))
    return Check(id="names", result=OK, finding="resolved")


def _address(facts: Facts) -> Check:
    family = facts.family
    if family is None:
        return Check(id="address", result=FAILED, finding=facts.status.reason or "looking")
    if family.place is Place.HOME:
        return Check(id="address", result=OK, finding="at-home")
    agent = family.foreign_agent if isinstance(family, IPv4Status) else None
    if agent:
        return Check(id="address", result=OK, finding="by-foreign-agent", detail=agent)
    if family.care_of_address:
        return Check(id="address", result=OK, finding="own-address", detail=family.care_of_address)
    return Check(id="address", result=FAILED, finding=facts.status.reason or "looking")


def _registration(facts: Facts) -> Check:
    status, family = facts.status, facts.family
    if status.state is State.REFUSED:
        return Check(id="registration", result=FAILED, finding=status.reason or "refused")
    if status.state is State.NO_ANSWER:
        return Check(id="registration", result=FAILED, finding="no-answer", detail=(family and family.home_agent) or "")
    if family is None or family.place is None:
        return Check(id="registration", result=FAILED, finding="registering")
    if family.place is Place.HOME:
        return Check(id="registration", result=OK, finding="not-needed-at-home")
    return Check(id="registration", result=OK, finding="registered-for", detail=str(family.expires_s or 0))


def _tunnel(facts: Facts) -> Check:
    status, proof = facts.status, facts.status.proof
    if facts.family and facts.family.place is Place.HOME:
        return Check(id="tunnel", result=OK, finding="not-needed-at-home")
    if not facts.fresh or proof is None:
        finding = "one-way" if status.state is State.ONE_WAY else "tunnel-silent"
        return Check(id="tunnel", result=FAILED, finding=finding)
    return Check(id="tunnel", result=OK, finding="answered", detail=f"{proof.rtt_ms or 0:.0f}")


def _mtu(facts: Facts) -> Check:
    small = next((limit for limit in facts.status.limits if limit.id == "mtu"), None)
    if small:
        return Check(id="mtu", result=WARNING, finding="small-mtu", detail=small.detail)
    mtu = facts.family.mtu if facts.family else None
    if mtu is None:
        return Check(id="mtu", result=SKIPPED, finding="no-tunnel")
    return Check(id="mtu", result=OK, finding="mtu", detail=str(mtu))


_CHAIN: dict[str, Callable[[Facts], Check]] = {
    "service": _service,
    "profile": _profile,
    "switch": _pause,
    "clock": _clock,
    "link": _link,
    "names": _names,
    "address": _address,
    "registration": _registration,
    "tunnel": _tunnel,
    "mtu": _mtu,
}


def _besides(facts: Facts) -> Iterator[Check]:
    """What may be well or not, whatever became of the others."""
    yield _kernel(facts)
    if facts.status.v4 and facts.status.v6:
        yield _ipv6(facts.status.v6)
    setting = facts.status.settings.get("direct_paths")
    if setting and facts.status.v6:
        direct = sum(peer.path == "direct" for peer in facts.status.v6.peers)
        fine = Check(id="direct-paths", result=OK, finding=f"direct-paths-{setting.applied}", detail=str(direct))
        yield Check(id="direct-paths", result=WARNING, finding=setting.why) if setting.why else fine


def _kernel(facts: Facts) -> Check:
    refused = [limit.detail for limit in facts.status.limits if limit.id == "kernel"]
    if refused:
        return Check(id="kernel", result=FAILED, finding="kernel-refused", detail=", ".join(refused))
    return Check(id="kernel", result=OK, finding="kernel-holds")


def _ipv6(v6: IPv6Status) -> Check:
    if v6.state in (State.WORKING, State.LIMITED, State.HOME):
        return Check(id="ipv6", result=OK, finding="ipv6-works", detail=v6.care_of_address or "")
    return Check(id="ipv6", result=WARNING, finding=v6.reason or (v6.state or State.CONNECTING).value)
