"""How long a packet a tunnel takes, as far as the plan does not say it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from client.core.plan import Encapsulation, End, Tunnel
from client.linux.dataplane.fast_mtu import TunnelMtus

HOME, HERE, THERE = (IPv4Address(address) for address in ("10.99.0.5", "10.7.0.1", "10.7.0.2"))
TUNNEL = Tunnel(end=End.HOME, home_address=HOME, local=HERE, remote=THERE)
SIX = Tunnel(
    end=End.HOME,
    home_address=IPv6Address("fd00:99::5"),
    local=IPv6Address("fd00:7::1"),
    remote=IPv6Address("fd00:7::2"),
)
MARK = 0


def test_plan_has_the_first_word() -> None:
    mtus = TunnelMtus(MARK)
    mtus.learn(THERE, 1400)
    assert mtus.of(replace(TUNNEL, mtu=1300)) == 1300


@pytest.mark.parametrize(
    ("encapsulation", "mtu"),
    [
        (Encapsulation.IPIP, 1380),
        (Encapsulation.GRE, 1376),
        (Encapsulation.MINIMAL, 1380),
        (Encapsulation.UDP, 1368),
    ],
)
@pytest.mark.rfc("2003", "5.1")
def test_what_icmp_said_of_the_path_is_taken_less_the_outer_header(encapsulation: Encapsulation, mtu: int) -> None:
    mtus = TunnelMtus(MARK)
    assert mtus.learn(THERE, 1400)
    assert mtus.of(replace(TUNNEL, encapsulation=encapsulation)) == mtu


def test_outer_header_of_ipv6_is_longer() -> None:
    mtus = TunnelMtus(MARK)
    assert mtus.learn(SIX.remote, 1400)
    assert mtus.of(SIX) == 1360


def test_what_is_known_already_is_no_news() -> None:
    mtus = TunnelMtus(MARK)
    assert mtus.learn(THERE, 1400)
    assert not mtus.learn(THERE, 1400)
    assert mtus.learn(THERE, 1300)
    mtus.forget(THERE)
    assert mtus.learn(THERE, 1300)


def test_guess_asks_nobody_and_knows_what_the_plan_and_errors_say() -> None:
    mtus = TunnelMtus(MARK)
    assert mtus.guess(TUNNEL) == 1480
    assert mtus.guess(replace(TUNNEL, mtu=1300)) == 1300
    mtus.learn(THERE, 1400)
    assert mtus.guess(replace(TUNNEL, encapsulation=Encapsulation.GRE)) == 1376


@pytest.mark.rfc("1191", "3")
@pytest.mark.parametrize("told", [1401, 9000, 65535])
def test_error_never_makes_a_path_wider(told: int) -> None:
    """Forged, it would have the programs send what no link on the way takes."""
    mtus = TunnelMtus(MARK)
    before = mtus.of(TUNNEL)
    mtus.learn(THERE, told + 100)
    assert mtus.of(TUNNEL) <= before
    mtus.learn(THERE, 1400)
    assert not mtus.learn(THERE, told)
    assert mtus.of(TUNNEL) == 1380


def test_errors_about_ever_new_paths_fill_no_memory() -> None:
    mtus = TunnelMtus(MARK)
    news = [mtus.learn(IPv4Address(number), 1400) for number in range(2000)]
    assert sum(news) == 1024
    assert mtus.learn(IPv4Address(7), 1300)


@pytest.mark.parametrize("told", [0, 1, 20, 70000])
def test_nonsense_stays_within_what_an_entry_holds(told: int) -> None:
    mtus = TunnelMtus(MARK)
    mtus.learn(THERE, told)
    assert 68 <= mtus.of(TUNNEL) <= 65535
    assert 68 <= mtus.of(replace(TUNNEL, mtu=told or None)) <= 65535
