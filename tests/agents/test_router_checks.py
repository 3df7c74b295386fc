"""Settings of the router that stand in the way are told."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path

import pytest

from agents.home6.settings import Home6Settings, HomePrefix
from agents.router_checks import is_own_address, router_problems, router_problems6
from agents.settings import AgentSettings, ForeignAgentSettings, ForeignLinkSettings, HomeAgentSettings

SETTINGS = AgentSettings(
    foreign_agent=ForeignAgentSettings(
        links=(ForeignLinkSettings(interface="eth1", care_of_address=IPv4Address("203.0.113.1")),)
    )
)


def ours(_: IPv4Address) -> bool:
    return True


def proc(directory: Path, forward: int, **rp_filter: int) -> Path:
    (directory / "ip_forward").write_text(f"{forward}\n")
    for name, value in rp_filter.items():
        (directory / "conf" / name).mkdir(parents=True)
        (directory / "conf" / name / "rp_filter").write_text(f"{value}\n")
    return directory


def test_a_router_in_order_has_no_problems(tmp_path: Path) -> None:
    assert router_problems(SETTINGS, "mipa0", proc(tmp_path, 1, all=0, default=0, eth1=0), ours) == ()
    assert router_problems(SETTINGS, "mipa0", tmp_path / "absent", ours) == ()


def test_forwarding_that_is_off_is_told(tmp_path: Path) -> None:
    [problem] = router_problems(SETTINGS, "mipa0", proc(tmp_path, 0, all=0, default=0, eth1=0), ours)
    assert "ip_forward" in problem


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"all": 0, "default": 0, "eth1": 1}, ["eth1"]),
        ({"all": 1, "default": 0, "eth1": 0}, ["eth1", "mipa0"]),
        ({"all": 2, "default": 1, "eth1": 1}, []),
        ({"all": 0, "default": 1, "eth1": 2}, ["mipa0"]),
        ({"all": 1, "default": 0, "eth1": 2, "mipa0": 2}, []),
    ],
)
def test_strict_reverse_path_filtering_is_told(tmp_path: Path, values: dict[str, int], told: list[str]) -> None:
    problems = router_problems(SETTINGS, "mipa0", proc(tmp_path, 1, **values), ours)
    assert [problem.split()[3] for problem in problems] == told


def test_an_interface_that_is_not_there_is_told(tmp_path: Path) -> None:
    home = HomeAgentSettings(
        address=IPv4Address("198.51.100.1"), network=IPv4Network("198.51.100.0/24"), interface="lan0"
    )
    settings = AgentSettings(home_agents=(home,), foreign_agent=SETTINGS.foreign_agent)
    problems = router_problems(settings, "mipa0", proc(tmp_path, 1, all=0, default=0), ours)
    assert problems == ("there is no interface lan0", "there is no interface eth1")


def test_an_address_that_is_not_ours_is_told(tmp_path: Path) -> None:
    directory = proc(tmp_path, 1, all=0, default=0, eth1=0)
    assert router_problems(SETTINGS, "mipa0", directory, lambda _: False) == (
        "203.0.113.1 is no address of this machine",
    )


def test_only_addresses_of_this_machine_are_ours() -> None:
    assert is_own_address(IPv4Address("127.0.0.1"))
    assert not is_own_address(IPv4Address("203.0.113.1"))


HOME6 = Home6Settings(
    address=IPv6Address("2001:db8:1::1"),
    prefixes=(HomePrefix(prefix=IPv6Network("2001:db8:1::/64")),),
    interface="eth0",
)


def proc6(directory: Path, forwarding: int, *interfaces: str) -> Path:
    for name in ("all", *interfaces):
        (directory / "conf" / name).mkdir(parents=True)
    (directory / "conf" / "all" / "forwarding").write_text(f"{forwarding}\n")
    return directory


def test_an_ipv6_router_in_order_has_no_problems(tmp_path: Path) -> None:
    assert router_problems6(HOME6, proc6(tmp_path, 1, "eth0"), lambda _: True) == ()
    assert router_problems6(None, tmp_path / "absent") == ()
    assert router_problems(AgentSettings(home6=HOME6), "mipa0", proc(tmp_path, 0), ours) == ()


def test_what_stops_ipv6_is_told(tmp_path: Path) -> None:
    problems = router_problems6(HOME6, proc6(tmp_path, 0), lambda _: False)
    for problem, words in zip(problems, ("no address of this machine", "no interface eth0", "forwarding"), strict=True):
        assert words in problem
    assert not is_own_address(IPv6Address("2001:db8:1::1"))
