"""Difficult access by IPv6: home agents that must be found, taken addresses, networks without IPv4."""

from __future__ import annotations

import time
from ipaddress import IPv6Address

from lab.analysis.frames import between
from lab.analysis.frames6 import Ip6, address6
from lab.analysis.mobility import Icmp, icmp, messages
from lab.analysis.stay6 import anycast_requests
from lab.namespaces import ip_batch
from lab.nodes import Node
from lab.result import Result, rounded
from lab.scenarios.journey6 import Journey6
from lab.scenarios.options import Options
from lab.scenarios.recovery6 import away
from lab.scenarios.stage import expect, noting
from lab.scenarios.stage6 import begin6, close6, end_downloads
from lab.topology import LAPTOP_PORT
from lab.topology6 import CAFE6, HOME_AGENT6, HOME_AGENTS_ANYCAST, SECOND_HOME_AGENT6, router_port
from lab.world6 import Design

SHORTEST_TRY = 1.5
"""Seconds that each home agent of the list gets (RFC 6275 §11.4.1)."""

ON_ITS_WAY = 0.05
"""Seconds that may lie between a decision and the wire."""

WATCH = 4.0
_LAPTOP = bytes.fromhex(LAPTOP_PORT.link_layer_address.replace(":", ""))
_NO_DHCP = """
table ip lab_no_dhcp {
    chain input {
        type filter hook prerouting priority raw
        udp dport 67 drop
    }
}
"""


def anycast(options: Options) -> Result:
    """The laptop starts abroad and finds its home agents by anycast; the preferred one is dead, the other takes it."""
    result = Result(scenario="anycast")
    design = Design(discover=True, home6={"preference": 10}, second={"preference": 20}, second_dies=True, begin="cafe")
    journey = begin6(options, design)
    with noting(result):
        journey.begin()
        journey.stay()
        end_downloads(journey, result)
    close6(journey, result, options)
    _judge_anycast(journey, result)
    return result


def _judge_anycast(journey: Journey6, result: Result) -> None:
    frames = journey.world.frames("laptop")
    asked = anycast_requests(frames)
    result.figures["anycast_requests"] = len(asked)
    expect(result, "destinations of requests", {ip.destination for _, ip in asked}, {HOME_AGENTS_ANYCAST.packed})
    replies = [_listed(frame.ip6) for frame in frames if frame.ip6 and icmp(frame.ip6) == Icmp.HOME_AGENT_REPLY]
    wanted = [str(SECOND_HOME_AGENT6), str(HOME_AGENT6)]
    expect(result, "home agents in the first reply, in their order", replies[:1], [wanted])
    updates = [(one.at, address6(one.packet.destination)) for one in messages(frames) if one.is_home_registration]
    tried = list(dict.fromkeys(to for _, to in updates))
    expect(result, "home agents that were tried, in their order", tried, wanted)
    first = {to: min(at for at, where in updates if where == to) for to in tried}
    if len(first) == 2:
        patience = (first[wanted[1]] - first[wanted[0]]) / 1e9
        result.figures["patience_s"] = rounded(patience)
        if patience < SHORTEST_TRY - ON_ITS_WAY:
            result.problems.append(f"the dead home agent was given {patience:.2f} s")


def _listed(ip: Ip6) -> list[str]:
    """The addresses in a home agent address discovery reply, behind 8 bytes (RFC 6275 §6.6)."""
    return [address6(ip.body[at : at + 16]) for at in range(8, len(ip.body) - 15, 16)]


def duplicate_address(options: Options) -> Result:
    """In the cafe somebody has the address that the laptop would form: it is not used there, and the office works."""
    return away("duplicate-address", options, Design(), _meet_a_twin, network="office")


def _meet_a_twin(journey: Journey6, result: Result) -> None:
    site = journey.world.site
    twin = _slaac(CAFE6.prefix.network_address)
    node, interface = router_port(CAFE6)
    ip_batch([f"address add {twin}/64 dev {interface} nodad"], site.namespace(node))
    moment = time.time_ns()
    journey.put("cafe")
    time.sleep(WATCH)
    late = moment + int((WATCH - 1) * 1e9)
    frames = between(journey.world.frames("laptop"), late, time.time_ns())
    used = [frame for frame in frames if frame.source == _LAPTOP and frame.ip6 and frame.ip6.source == twin.packed]
    result.figures["packets_with_taken_address"] = len(used)
    expect(result, "packets from the address that somebody else has", len(used), 0)
    status = journey.refresh()
    result.figures["told"] = float(status.get("state") not in ("working", "home", "limited"))
    expect(result, "does the status say that it does not work", bool(result.figures["told"]), True)
    journey.go("office")
    journey.stay()


def _slaac(prefix: IPv6Address) -> IPv6Address:
    """The address that the laptop's card makes of a prefix (RFC 4291, appendix A)."""
    card = bytes([_LAPTOP[0] ^ 2, *_LAPTOP[1:3], 0xFF, 0xFE, *_LAPTOP[3:]])
    return IPv6Address(prefix.packed[:8] + card)


def ipv6_only(options: Options) -> Result:
    """The laptop has both families, the cafe has IPv6 alone: that works by itself."""
    result = Result(scenario="ipv6-only")
    journey = begin6(options, Design(ipv4=True))
    with noting(result):
        journey.begin()
        node, _ = router_port(CAFE6)
        Node(journey.world.site, node).must(["nft", _NO_DHCP])
        journey.put("cafe")
        journey.world.wait_bound6("cafe")
        journey.stay()
        status = journey.refresh()
        expect(result, "IPv4's care-of address", (status.get("v4") or {}).get("coa"), None)
        end_downloads(journey, result)
    close6(journey, result, options)
    return result
