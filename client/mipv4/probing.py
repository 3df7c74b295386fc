"""By which way probes go: as packets do, except where that would prove the wrong thing."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.envelope import enveloped
from client.core.machine import Send
from client.core.plan import Encapsulation, End, Tunnel
from client.core.status import Place
from client.mipv4.registration_state import Binding, Way


def way_of_probes(unproven: Way | None, binding: Binding | None) -> Way | None:
    """The way that probes take although packets do not; None: the way of packets."""
    if unproven is not None:
        return unproven
    if binding and binding.encapsulation is Encapsulation.UDP and not binding.target.reverse_tunnel:
        return binding.way  # packets leave past the NAT's mapping, which keepalives must refresh (RFC 3519 §4.9)
    return None


def sent_by(way: Way, probe: Send, home_address: IPv4Address) -> Send:
    """The probe as one frame to the foreign agent, or in an outer packet of our own making."""
    target = way.target
    if target.place is Place.FOREIGN_AGENT:
        link_layer = target.agent_link_layer_address
        return Send(packet=probe.packet, interface=target.link[0], link_layer_destination=link_layer)
    tunnel = Tunnel(
        end=End.MOBILE,
        home_address=home_address,
        local=target.care_of_address,
        remote=way.home_agent,
        encapsulation=way.encapsulation,
        ports=way.ports,
    )
    return Send(packet=enveloped(probe.packet, tunnel), interface=target.link[0])
