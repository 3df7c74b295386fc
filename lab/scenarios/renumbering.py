"""The home network is renumbered while the laptop is away, which gets another home address (RFC 6275 §11.4.3)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any

from lab import captures
from lab.analysis.frames import between
from lab.analysis.mobility import Icmp, Kind, icmp, messages
from lab.nodes import Node
from lab.plug import move
from lab.profiles import Simple, Value
from lab.result import Result, rounded
from lab.scenarios import planes
from lab.scenarios.journey6 import Journey6
from lab.scenarios.options import Options
from lab.scenarios.stage import expect, noting
from lab.scenarios.stage6 import begin6
from lab.topology6 import (
    ADDRESSES,
    CORRESPONDENTS,
    HOME6,
    HOME_ADDRESS6,
    NEXT_HOME_ADDRESS6,
    NEXT_HOME_PREFIX,
    router_port,
)
from lab.world6 import Design

LEFT = 25
"""Seconds for which the old prefix is still valid."""

SLACK = 10.0
"""Seconds after its end until the new home address must work."""

_SOON: dict[str, Value] = {"min_prefix_interval": 1, "max_prefix_interval": 2}
"""Seconds until those who are away hear of a change; ordinarily it is minutes (RFC 6275 §12)."""


def renumbering(options: Options) -> Result:
    """The old home address works to its end; then the new one is bound, outlives a restart, and comes home."""
    result = Result(scenario="renumbering")
    journey = begin6(options, Design(home6=_SOON))
    with noting(result):
        journey.world.wait_attached("home")
        _go(journey, "cafe")
        began = _renumber(journey, result)
        _use_up(journey, result)
        _go_on(journey, result, began)
        _restart(journey, result)
        _go(journey, "home")
        expect(result, "home address at home", _home_address(journey), str(NEXT_HOME_ADDRESS6))
    if options.keep_captures:
        journey.world.keep_captures(options.keep_captures)
    result.problems += captures.problems(options.site)
    result.dataplane, result.planes = journey.dataplane, planes.carried(journey.world)
    return result


def _go(journey: Journey6, network: str) -> None:
    journey.say(f"moving to the {network} network")
    move(journey.world.site, network)
    journey.scene.network = network
    journey.world.wait_attached(network)
    journey.refresh()


def _renumber(journey: Journey6, result: Result) -> int:
    """The home router has an address in the new prefix, the Internet knows the way, and the home agent is told."""
    journey.say("the home network is renumbered")
    world, began = journey.world, time.time_ns()
    node, interface = router_port(HOME6)
    agent = world.home6.node
    agent.must(["ip", "-6", "address", "add", f"{NEXT_HOME_PREFIX[1]}/64", "dev", interface, "nodad"])
    gateway = str(ADDRESSES[node, "up0"].ip)
    Node(world.site, "router").must(["ip", "-6", "route", "add", str(NEXT_HOME_PREFIX), "via", gateway])
    old: Mapping[str, Simple] = {"prefix": str(HOME6.prefix), "valid": LEFT, "preferred": 0, "counts_down": True}
    prefixes: list[str | Mapping[str, Simple]] = [str(NEXT_HOME_PREFIX), old]
    world.home6.configure("home6", prefixes=prefixes)
    world.home6.reload()
    told = world.wait("the laptop to say what its home address will be", lambda: _limit(journey) is not None, 15.0)
    result.figures["told_s"] = rounded(told)
    expect(result, "home address to come", _limit(journey), str(NEXT_HOME_ADDRESS6))
    return began


def _limit(journey: Journey6) -> str | None:
    limits = journey.world.status().get("limits") or []
    return next((each["detail"] for each in limits if each["id"] == "home-prefix-changes"), None)


def _use_up(journey: Journey6, result: Result) -> None:
    """Connections live on at the old address as long as it is valid."""
    expect(result, "home address before the end", _home_address(journey), str(HOME_ADDRESS6))
    _reach(journey, HOME_ADDRESS6)


def _go_on(journey: Journey6, result: Result, began: int) -> None:
    world = journey.world
    journey.say("waiting for the end of the old prefix")
    world.wait("the new home address", lambda: _home_address(journey) == str(NEXT_HOME_ADDRESS6), LEFT + SLACK)
    world.wait_attached("cafe")
    result.figures["bound_after_s"] = rounded((time.time_ns() - began) / 1e9)
    _reach(journey, NEXT_HOME_ADDRESS6)
    frames = between(world.frames("laptop"), began, time.time_ns())
    seen = [icmp(frame.ip6) for frame in frames if frame.ip6]
    result.figures |= {
        "advertisements": seen.count(Icmp.PREFIX_ADVERTISEMENT),
        "solicitations": seen.count(Icmp.PREFIX_SOLICITATION),
    }
    if seen.count(Icmp.PREFIX_ADVERTISEMENT) <= 1 or Icmp.PREFIX_SOLICITATION not in seen:
        result.problems.append("the unsolicited prefix advertisement was not asked about and answered")
    updates = [one for one in messages(frames) if one.kind == Kind.BINDING_UPDATE and one.is_home_registration]
    addresses = {one.packet.home_address for one in updates}
    if NEXT_HOME_ADDRESS6.packed not in addresses:
        result.problems.append("no Binding Update names the new home address")


def _restart(journey: Journey6, result: Result) -> None:
    journey.say("the laptop's daemon is killed, and starts again")
    journey.world.laptop.kill()
    journey.world.laptop.start()
    journey.world.wait_attached("cafe")
    expect(result, "home address after a restart", _home_address(journey), str(NEXT_HOME_ADDRESS6))
    _reach(journey, NEXT_HOME_ADDRESS6)


def _reach(journey: Journey6, address: IPv6Address) -> None:
    """Echoes from this address come back from everybody, or it is a LabError."""
    for one in CORRESPONDENTS:
        words = ["ping", "-6", "-q", "-c", "5", "-i", "0.2", "-W", "2", "-I", str(address), str(one.address)]
        journey.world.laptop.node.must(words)
    journey.refresh()


def _home_address(journey: Journey6) -> Any:
    return (journey.world.status().get("v6") or {}).get("home_address")
