"""The world of the lab as data: nodes, networks, cables and addresses (documentation ranges, RFC 5737)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

LAPTOP = "mn"
STRANGER = "stranger"
WIRE = "wire"
"""The namespace that holds what is between the nodes: bridges, the far ends of cables, relays."""

CABLE = "eth0"
"""What the stranger's only network card is called, and the laptop's first."""

SECOND_CABLE = "eth1"
"""The laptop's second network card: nothing is plugged into it unless a scenario does."""

HOME_ADDRESS = IPv4Address("198.51.100.23")
HOME_AGENT = IPv4Address("198.51.100.1")
CORRESPONDENT = IPv4Address("203.0.113.80")
OTHER_CORRESPONDENT = IPv4Address("203.0.113.81")
"""Another address of the correspondent's: as good as another correspondent."""

NAI = "alice@example.net"


@dataclass(frozen=True, slots=True)
class Port:
    """A network card of a node."""

    node: str
    interface: str
    address: IPv4Interface | None
    link_layer_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A link on which laptops come and go: a bridge, with its router's port."""

    name: str
    router: Port
    attachment: str  # how the laptop is attached there: home, foreign-agent or co-located
    prefix: IPv4Network
    leases: tuple[IPv4Address, IPv4Address] | None = None  # what its DHCP server gives away
    hidden: bool = False  # behind a NAT: nobody outside knows its prefix


@dataclass(frozen=True, slots=True)
class Trunk:
    """A cable from the router in the middle to a node; a relay may be put into it."""

    network: str
    near: Port
    far: Port


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """A route that a node has from the start."""

    node: str
    destination: IPv4Network
    gateway: IPv4Address


def _port(node: str, interface: str, address: str, number: int) -> Port:
    return Port(node, interface, IPv4Interface(address), link_layer_address(number))


def link_layer_address(number: int) -> str:
    """A locally administered address that is easy to find in a capture."""
    return f"02:00:5e:00:53:{number:02x}"


LAPTOP_PORT = Port(LAPTOP, CABLE, None, link_layer_address(0x23))
SECOND_PORT = Port(LAPTOP, SECOND_CABLE, None, link_layer_address(0x25))
STRANGER_PORT = Port(STRANGER, CABLE, None, link_layer_address(0x66))
MOVING_PORTS = {LAPTOP: LAPTOP_PORT, f"{LAPTOP}-{SECOND_CABLE}": SECOND_PORT, STRANGER: STRANGER_PORT}
"""Network cards whose cable is plugged in here and there, by the name of the cable's end on the wire."""

HOME = Network(
    name="home",
    router=_port("ha", "home0", "198.51.100.1/24", 0x01),
    attachment="home",
    prefix=IPv4Network("198.51.100.0/24"),
)
OFFICE = Network(
    name="office",
    router=_port("fa", "office0", "192.0.2.1/26", 0x02),
    attachment="foreign-agent",
    prefix=IPv4Network("192.0.2.0/26"),
)
CAFE = Network(
    name="cafe",
    router=_port("cafe", "cafe0", "192.0.2.65/26", 0x03),
    attachment="co-located",
    prefix=IPv4Network("192.0.2.64/26"),
    leases=(IPv4Address("192.0.2.70"), IPv4Address("192.0.2.120")),
)
LIBRARY = Network(
    name="library",
    router=_port("library", "library0", "192.0.2.193/26", 0x04),
    attachment="co-located",
    prefix=IPv4Network("192.0.2.192/26"),
    leases=(IPv4Address("192.0.2.200"), IPv4Address("192.0.2.250")),
)
HOTEL = Network(
    name="hotel",
    router=_port("hotel", "hotel0", "10.53.7.1/24", 0x05),
    attachment="co-located",
    prefix=IPv4Network("10.53.7.0/24"),
    leases=(IPv4Address("10.53.7.20"), IPv4Address("10.53.7.99")),
    hidden=True,
)
NETWORKS = {network.name: network for network in (HOME, OFFICE, CAFE, LIBRARY, HOTEL)}

TRUNKS = (
    Trunk("home", _port("router", "to-home", "192.0.2.129/30", 0x11), _port("ha", "up0", "192.0.2.130/30", 0x21)),
    Trunk("office", _port("router", "to-office", "192.0.2.133/30", 0x12), _port("fa", "up0", "192.0.2.134/30", 0x22)),
    Trunk("cafe", _port("router", "to-cafe", "192.0.2.137/30", 0x13), _port("cafe", "up0", "192.0.2.138/30", 0x24)),
    Trunk(
        "library",
        _port("router", "to-library", "192.0.2.141/30", 0x15),
        _port("library", "up0", "192.0.2.142/30", 0x27),
    ),
    Trunk("hotel", _port("router", "to-hotel", "192.0.2.145/29", 0x16), _port("hotel", "up0", "192.0.2.146/29", 0x26)),
    Trunk("cn", _port("router", "to-cn", "203.0.113.1/24", 0x14), _port("cn", "eth0", "203.0.113.80/24", 0x80)),
)
OTHER_HOTEL_ADDRESS = IPv4Interface("192.0.2.147/29")
"""What the hotel's provider gives it when it gives it another address."""

ROUTERS = ("ha", "fa", "cafe", "library", "hotel", "router")
NODES = (LAPTOP, *ROUTERS, "cn", STRANGER, WIRE)

_ANYWHERE = IPv4Network("0.0.0.0/0")


def static_routes() -> list[StaticRoute]:
    """The Internet's routing, done by hand."""
    routes = []
    for trunk in TRUNKS:
        if trunk.near.address and trunk.far.address:
            routes.append(StaticRoute(trunk.far.node, _ANYWHERE, trunk.near.address.ip))
            network = NETWORKS.get(trunk.network)
            if network and not network.hidden:
                routes.append(StaticRoute(trunk.near.node, network.prefix, trunk.far.address.ip))
    return routes


def all_ports() -> list[Port]:
    """Every network card of every node."""
    ports = [network.router for network in NETWORKS.values()]
    for trunk in TRUNKS:
        ports += [trunk.near, trunk.far]
    return [*ports, *MOVING_PORTS.values()]


def trunk_of(network: Network) -> Trunk:
    """The cable from the router in the middle to this network."""
    return next(trunk for trunk in TRUNKS if trunk.network == network.name)
