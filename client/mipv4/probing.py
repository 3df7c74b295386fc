"""By which way probes go: as packets do, or as they would if the new way were in force."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.envelope import enveloped
from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import IPv4Packet
from client.core.machine import Send
from client.core.plan import Encapsulation, End, Tunnel
from client.core.status import Place
from client.mipv4.registration_state import Binding, Way

_NOTHING_TO_PROVE = bytes(4)  # identifier and sequence number of an echo request whose answer nobody waits for


def sent_by(way: Way, probe: Send, home_address: IPv4Address) -> Send:
    """The probe as packets go by this way: a frame to the foreign agent, in an outer packet, or plainly by its link.

    What goes plainly shows that the network lets the home address pass; by the tunnel it would show nothing of it,
    and a home agent that granted no reverse tunnel takes nothing out of one.
    """
    target = way.target
    if target.place is Place.FOREIGN_AGENT:
        link_layer = target.agent_link_layer_address
        return Send(packet=probe.packet, interface=target.link[0], link_layer_destination=link_layer)
    if not target.reverse_tunnel:
        return Send(packet=probe.packet, interface=target.link[0])
    return _tunnelled(way, probe.packet, home_address)


def keepalives(binding: Binding | None) -> list[Send]:
    """What holds a NAT's entry open where probes, as packets do, go past the tunnel (RFC 3519 §4.9).

    It proves nothing, also if it is answered: packets leave by another way.
    """
    if binding is None or binding.encapsulation is not Encapsulation.UDP or binding.target.reverse_tunnel:
        return []
    echo = IcmpMessage(type=IcmpType.ECHO_REQUEST, body=_NOTHING_TO_PROVE)
    return [_tunnelled(binding.way, echo.packet(binding.home_address, binding.home_agent), binding.home_address)]


def _tunnelled(way: Way, packet: IPv4Packet, home_address: IPv4Address) -> Send:
    tunnel = Tunnel(
        end=End.MOBILE,
        home_address=home_address,
        local=way.target.care_of_address,
        remote=way.home_agent,
        encapsulation=way.encapsulation,
        ports=way.ports,
    )
    return Send(packet=enveloped(packet, tunnel), interface=way.target.link[0])
