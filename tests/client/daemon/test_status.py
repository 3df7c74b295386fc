"""The headline of both families: the worse one, unless the profile requires less."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest

from client.core.both import Both
from client.core.links import Links
from client.core.machine import LinksChanged
from client.core.profile import Profile
from client.core.profile_text import read_profile
from client.core.secret import Secret
from client.core.status import Limit, State
from client.daemon.machines import Families, Machines
from client.daemon.status import headline, report
from client.mipv4.authentication import SecurityAssociation
from client.mipv4.settings import Settings
from tests.client.daemon.test_translation import IPV6
from tests.client.mipv4.conversation import at_home
from tests.mipv6.by_hand import acknowledgement as acknowledgement6
from tests.mipv6.by_hand import home_link, updates_in
from tests.mipv6.conversation import SETTINGS, WALL, Dice, WallClock, link

V4 = Settings(
    home_address=IPv4Interface("198.51.100.23/24"),
    home_agents=(IPv4Address("198.51.100.1"),),
    associations=(SecurityAssociation(spi=256, key=Secret(bytes(16))),),
)
PROFILE = read_profile(IPV6)


def machines(*, v4: bool = True, memory: bytes = b"") -> Machines:
    """Both families, or IPv6 alone."""
    return Machines(Families(v4=V4 if v4 else None, v6=SETTINGS), WallClock(), Dice().throw, memory)


def requiring(*families: str) -> Profile:
    """A profile that says what it needs."""
    listed = ", ".join(f'"{name}"' for name in families)
    return read_profile(IPV6.replace("[secrets]", f"[required]\nfamilies = [{listed}]\n[secrets]"))


def ipv6_at_home(v4: bool = True) -> Machines:
    """IPv6 works, at home; IPv4 has no address."""
    both = machines(v4=v4)
    machine = both.machine
    machine.handle(LinksChanged(Links((link(),))), 0.0)
    [update] = updates_in(machine.handle(home_link(), 0.0))
    machine.handle(acknowledgement6(update), 0.0)
    return both


def test_one_family_alone_is_the_headline() -> None:
    assert headline(ipv6_at_home(v4=False), PROFILE, 0.0) == (State.HOME, None)


def test_family_that_still_looks_for_an_address_is_the_headline() -> None:
    assert headline(ipv6_at_home(), PROFILE, 0.0)[0] is State.CONNECTING


def test_only_what_the_profile_requires_counts() -> None:
    both = ipv6_at_home()
    assert headline(both, requiring("ipv6"), 0.0) == (State.HOME, None)
    assert headline(both, requiring("ipv4", "ipv6"), 0.0)[0] is State.CONNECTING


def test_each_family_says_its_own_state() -> None:
    status = report(ipv6_at_home(), requiring("ipv6"), 0.0, WALL, {"dropped": 3})
    assert status.v4 is not None
    assert status.v6 is not None
    assert (status.state, status.v4.state, status.v6.state) == (State.HOME, State.CONNECTING, State.HOME)
    assert status.v4.counters["dropped"] == 3
    assert "dropped" not in status.v6.counters
    assert set(status.settings) >= {"reverse_tunnel", "direct_paths"}


def test_network_without_ipv6_is_a_limit_and_no_failure() -> None:
    both = machines()
    both.v4 = at_home()[0].node
    status = report(both, PROFILE, 0.0, WALL, {})
    assert (status.state, status.reason) == (State.LIMITED, "no-ipv6")
    assert status.limits[0] == Limit(id="no-ipv6", detail="no-ipv6")
    assert headline(both, requiring("ipv4", "ipv6"), 0.0)[0] is State.NO_NETWORK


def test_memories_of_both_families_are_told_apart_and_one_alone_keeps_its_own() -> None:
    both = ipv6_at_home()
    stored = Both(*both.all).memory()
    again = machines(memory=stored)
    assert again.v6 is not None
    assert again.v6.registration.agents.bound == SETTINGS.home_agents[0]
    alone = machines(v4=False, memory=ipv6_at_home(v4=False).machine.memory())
    assert alone.v6 is not None
    assert alone.v6.registration.agents.bound == SETTINGS.home_agents[0]
    from_both = machines(v4=False, memory=stored)
    assert from_both.v6 is not None
    assert from_both.v6.registration.agents.bound == SETTINGS.home_agents[0]


@pytest.mark.parametrize("memory", [b"both", b"both\0\0\0\xff", b"\xff\xfe"])
def test_memory_that_is_damaged_is_as_none(memory: bytes) -> None:
    assert machines(memory=memory).left is False
