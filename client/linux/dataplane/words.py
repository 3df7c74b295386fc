"""Plan items in the words of the `ip` command, for people who read why one was refused."""

from __future__ import annotations

import socket

from client.core.plan import (
    ANCHOR,
    Anchor,
    Anycast,
    EspHeaders,
    Item,
    Membership,
    MobilityHeaders,
    Neighbour,
    OptimisticAddresses,
    QuietArp,
    Relay,
    Route,
    Rule,
    Tunnel,
)


def words(item: Item) -> str:
    """The item in a few words."""
    match item:
        case Anchor(mtu=mtu, address=address):
            return f"anchor {address or 'without address'} mtu {mtu}"
        case Tunnel():
            return f"tunnel {item.home_address} local {item.local} remote {item.remote}"
        case Relay():
            return f"relay {item.home_address} dev {_link(item.interface)}"
        case Route():
            via = f" via {item.gateway}" if item.gateway else ""
            return f"route {item.destination}{via} dev {_link(item.interface)} table {item.table.value}"
        case Rule():
            return f"rule {item.order} lookup {item.table.value}"
        case Neighbour():
            return f"neighbour {item.address} lladdr {item.link_layer_address.hex(':')} dev {_link(item.interface)}"
        case QuietArp():
            return f"quiet ARP dev {_link(item.interface)}"
        case _:
            return _words6(item)


def _words6(item: Membership | Anycast | MobilityHeaders | EspHeaders | OptimisticAddresses) -> str:
    match item:
        case Membership():
            return f"group {item.group} dev {_link(item.interface)}"
        case Anycast():
            return f"anycast {item.address} dev {_link(item.interface)}"
        case MobilityHeaders():
            return "mobility headers"
        case EspHeaders(first, last):
            return f"ESP spi {first:#x} to {last:#x}"
        case OptimisticAddresses():
            return f"optimistic addresses dev {_link(item.interface)}"


def _link(interface: int) -> str:
    if interface == ANCHOR:
        return "anchor"
    try:
        return socket.if_indextoname(interface)
    except OSError:
        return str(interface)
