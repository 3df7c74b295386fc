"""The lab's IPv6: the same cables and networks with IPv6 addresses (RFC 3849), and the nodes that it alone has."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from lab.topology import CABLE, NODES, ROUTERS, STRANGER, Port, Trunk, link_layer_address

STOCK = "stock"
"""A correspondent with a stock kernel and none of our programs: it is not able to have direct paths."""

ABLE = "cn"
SECOND_AGENT = "ha2"
"""Another home agent on the home link; it is no router."""

HOME_ADDRESS6 = IPv6Address("2001:db8:1::23")
HOME_AGENT6 = IPv6Address("2001:db8:1::1")
SECOND_HOME_AGENT6 = IPv6Address("2001:db8:1::2")
NEXT_HOME_PREFIX = IPv6Network("2001:db8:7::/64")
NEXT_HOME_ADDRESS6 = NEXT_HOME_PREFIX[0x23]
"""Of a home network that is renumbered: nothing of them is there before."""

HOME_AGENTS_ANYCAST = IPv6Address("2001:db8:1:0:fdff:ffff:ffff:fffe")
"""All home agents of the home prefix (RFC 2526 §2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network6:
    """What a network of the lab is for IPv6: its prefix, and its router's address."""

    name: str
    prefix: IPv6Network
    router: IPv6Address
    attachment: str  # home or co-located
    advertised: bool = True  # by Debian's dnsmasq; at home it is the home agent's to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """Somebody whom the laptop talks to by IPv6."""

    name: str  # as people and figures call it
    node: str
    address: IPv6Address
    able: bool  # to have direct paths

    @property
    def capture(self) -> str:
        """What the capture at its network card is called."""
        return "correspondent" if self.node == ABLE else f"correspondent-{self.name}"


@dataclass(frozen=True, slots=True)
class Route6:
    """A route that a node has from the start."""

    node: str
    destination: IPv6Network
    gateway: IPv6Address


def _network(name: str, prefix: str, attachment: str, advertised: bool = True) -> Network6:
    network = IPv6Network(prefix)
    return Network6(name=name, prefix=network, router=network[1], attachment=attachment, advertised=advertised)


HOME6 = _network("home", "2001:db8:1::/64", "home", advertised=False)
OFFICE6 = _network("office", "2001:db8:2::/64", "co-located")
CAFE6 = _network("cafe", "2001:db8:3::/64", "co-located")
LIBRARY6 = _network("library", "2001:db8:4::/64", "co-located")
NETWORKS6 = {network.name: network for network in (HOME6, OFFICE6, CAFE6, LIBRARY6)}
"""The hotel has no IPv6."""

VISITED = OFFICE6
"""Where the correspondent on a visited link is."""

CORRESPONDENTS = (
    Correspondent(name="able", node=ABLE, address=IPv6Address("2001:db8:80::80"), able=True),
    Correspondent(name="unable", node=STOCK, address=IPv6Address("2001:db8:81::81"), able=False),
    Correspondent(name="visited", node=STRANGER, address=VISITED.prefix[0x66], able=True),
)

STOCK_TRUNK = Trunk(
    STOCK,
    Port("router", "to-stock", None, link_layer_address(0x17)),
    Port(STOCK, CABLE, None, link_layer_address(0x81)),
)
SECOND_AGENT_PORT = Port(SECOND_AGENT, "home0", None, link_layer_address(0x08))

NODES6 = (STOCK, SECOND_AGENT)
"""Nodes that a lab without IPv6 does not have."""

ALL_NODES = (*NODES, *NODES6)
ROUTERS6 = tuple(node for node in ROUTERS if node != "hotel")

ADDRESSES: dict[tuple[str, str], IPv6Interface] = {
    ("ha", "home0"): IPv6Interface((HOME_AGENT6, 64)),
    (SECOND_AGENT, SECOND_AGENT_PORT.interface): IPv6Interface((SECOND_HOME_AGENT6, 64)),
    ("fa", "office0"): IPv6Interface((OFFICE6.router, 64)),
    ("cafe", "cafe0"): IPv6Interface((CAFE6.router, 64)),
    ("library", "library0"): IPv6Interface((LIBRARY6.router, 64)),
    ("router", "to-home"): IPv6Interface("2001:db8:f1::1/64"),
    ("ha", "up0"): IPv6Interface("2001:db8:f1::2/64"),
    ("router", "to-office"): IPv6Interface("2001:db8:f2::1/64"),
    ("fa", "up0"): IPv6Interface("2001:db8:f2::2/64"),
    ("router", "to-cafe"): IPv6Interface("2001:db8:f3::1/64"),
    ("cafe", "up0"): IPv6Interface("2001:db8:f3::2/64"),
    ("router", "to-library"): IPv6Interface("2001:db8:f4::1/64"),
    ("library", "up0"): IPv6Interface("2001:db8:f4::2/64"),
    ("router", "to-cn"): IPv6Interface("2001:db8:80::1/64"),
    (ABLE, CABLE): IPv6Interface("2001:db8:80::80/64"),
    ("router", "to-stock"): IPv6Interface("2001:db8:81::1/64"),
    (STOCK, CABLE): IPv6Interface("2001:db8:81::81/64"),
    (STRANGER, CABLE): IPv6Interface((VISITED.prefix[0x66], 64)),
}
"""By node and interface. The laptop has none but what it gets."""

_ANYWHERE = IPv6Network("::/0")
_TRUNKS = {"home": "ha", "office": "fa", "cafe": "cafe", "library": "library", "cn": ABLE, STOCK: STOCK}


def static_routes6() -> list[Route6]:
    """The Internet's routing, done by hand."""
    routes = [
        Route6(SECOND_AGENT, _ANYWHERE, HOME_AGENT6),
        Route6(STRANGER, _ANYWHERE, VISITED.router),
    ]
    for network, node in _TRUNKS.items():
        far = CABLE if node in (ABLE, STOCK) else "up0"
        routes.append(Route6(node, _ANYWHERE, ADDRESSES["router", f"to-{network}"].ip))
        if network in NETWORKS6:
            routes.append(Route6("router", NETWORKS6[network].prefix, ADDRESSES[node, far].ip))
    return routes


def router_port(network: Network6) -> tuple[str, str]:
    """Node and interface of a network's router there."""
    return next(key for key, address in ADDRESSES.items() if address.ip == network.router)
