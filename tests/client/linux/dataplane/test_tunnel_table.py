"""Which tunnel a packet belongs to, and why it belongs to none."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from scapy.layers.inet import IP, UDP

from client.core.plan import Address, End, Tunnel
from client.linux.dataplane.tunnel_table import TunnelTable, loops

HOME = IPv4Address("10.1.0.7")
OTHER_HOME = IPv4Address("10.1.0.8")
AGENT = IPv4Address("198.51.100.1")
FIRST = IPv4Address("203.0.113.5")
SECOND = IPv4Address("203.0.113.66")
CORRESPONDENT = IPv4Address("192.0.2.9")


def at_home(remote: IPv4Address, home: IPv4Address = HOME, *, sends: bool = True, receives: bool = True) -> Tunnel:
    return Tunnel(end=End.HOME, home_address=home, local=AGENT, remote=remote, sends=sends, receives=receives)


def mobile(local: IPv4Address) -> Tunnel:
    return Tunnel(end=End.MOBILE, home_address=HOME, local=local, remote=AGENT)


def packet(source: IPv4Address, destination: IPv4Address) -> bytes:
    return bytes(IP(src=str(source), dst=str(destination)) / UDP())


def sends_to(table: TunnelTable, data: bytes) -> Address | None:
    entrance = table.entrance(data)
    return None if entrance is None else entrance.tunnel.remote


def test_mobile_end_sends_by_inner_source_home_end_by_inner_destination() -> None:
    table = TunnelTable()
    table.add(mobile(FIRST))
    assert sends_to(table, packet(HOME, CORRESPONDENT)) == AGENT
    assert sends_to(table, packet(CORRESPONDENT, HOME)) is None
    table = TunnelTable()
    table.add(at_home(FIRST))
    assert sends_to(table, packet(CORRESPONDENT, HOME)) == FIRST
    assert sends_to(table, packet(HOME, CORRESPONDENT)) is None


def test_new_tunnel_takes_over_sending_while_the_old_one_still_receives() -> None:
    table = TunnelTable()
    table.add(at_home(FIRST))
    table.add(at_home(SECOND))
    assert sends_to(table, packet(CORRESPONDENT, HOME)) == SECOND
    from_first, from_second = packet(FIRST, AGENT), packet(SECOND, AGENT)
    inner = packet(HOME, CORRESPONDENT)
    assert table.exit(from_first, inner) == at_home(FIRST)
    assert table.exit(from_second, inner) == at_home(SECOND)
    table.remove(at_home(FIRST))
    assert sends_to(table, packet(CORRESPONDENT, HOME)) == SECOND
    assert table.exit(from_first, inner) is None
    assert table.exit(from_second, inner) == at_home(SECOND)


def test_same_key_replaces() -> None:
    table = TunnelTable()
    table.add(at_home(FIRST))
    table.add(at_home(FIRST, sends=False))
    assert sends_to(table, packet(CORRESPONDENT, HOME)) is None
    table.add(at_home(FIRST, receives=False))
    assert sends_to(table, packet(CORRESPONDENT, HOME)) == FIRST
    assert table.exit(packet(FIRST, AGENT), packet(HOME, CORRESPONDENT)) is None


@pytest.mark.rfc("3024", "5.3.2")
@pytest.mark.parametrize(
    ("outer", "inner", "reason"),
    [
        (packet(SECOND, AGENT), packet(HOME, CORRESPONDENT), "wrong_outer_source"),
        (packet(FIRST, AGENT), packet(OTHER_HOME, CORRESPONDENT), "wrong_inner_source"),
        (packet(FIRST, AGENT), packet(CORRESPONDENT, HOME), "wrong_inner_source"),
        (packet(SECOND, AGENT), packet(CORRESPONDENT, HOME), "unknown_tunnel"),
        (packet(FIRST, SECOND), packet(HOME, CORRESPONDENT), "wrong_outer_source"),
    ],
)
def test_home_agent_refuses_other_care_of_addresses_and_other_senders(outer: bytes, inner: bytes, reason: str) -> None:
    table = TunnelTable()
    table.add(at_home(FIRST))
    assert table.exit(outer, inner) is None
    assert table.why_not(outer, inner) == reason


def test_one_node_cannot_speak_for_another() -> None:
    table = TunnelTable()
    table.add(at_home(FIRST))
    table.add(at_home(SECOND, OTHER_HOME))
    assert table.exit(packet(FIRST, AGENT), packet(OTHER_HOME, CORRESPONDENT)) is None
    assert table.exit(packet(SECOND, AGENT), packet(OTHER_HOME, CORRESPONDENT)) is not None
    table.remove(at_home(SECOND, OTHER_HOME))
    assert table.why_not(packet(SECOND, AGENT), packet(OTHER_HOME, CORRESPONDENT)) == "unknown_tunnel"


@pytest.mark.rfc("5944", "4.2.2")
def test_foreign_agent_takes_only_packets_for_its_visitors() -> None:
    table = TunnelTable()
    table.add(mobile(FIRST))
    assert table.exit(packet(AGENT, FIRST), packet(CORRESPONDENT, HOME)) == mobile(FIRST)
    assert table.exit(packet(AGENT, FIRST), packet(CORRESPONDENT, OTHER_HOME)) is None
    assert table.why_not(packet(AGENT, FIRST), packet(CORRESPONDENT, OTHER_HOME)) == "wrong_inner_destination"
    assert table.why_not(packet(SECOND, FIRST), packet(CORRESPONDENT, HOME)) == "wrong_outer_source"


@pytest.mark.rfc("2003", "3.2")
def test_packet_from_the_other_end_never_goes_back_into_the_tunnel() -> None:
    assert loops(packet(FIRST, HOME), at_home(FIRST))
    assert not loops(packet(CORRESPONDENT, HOME), at_home(FIRST))


@pytest.mark.rfc("2003", "3.2")
def test_our_own_outer_packet_is_a_loop_and_our_own_ping_is_not() -> None:
    outer = bytes(IP(src=str(AGENT), dst=str(HOME), proto=4) / packet(CORRESPONDENT, HOME))
    assert loops(outer, at_home(FIRST))
    assert not loops(packet(AGENT, HOME), at_home(FIRST))


def test_tunnel_of_an_error_is_the_one_that_the_packet_took() -> None:
    table = TunnelTable()
    table.add(at_home(FIRST))
    quoted = packet(CORRESPONDENT, HOME)
    assert table.sent_by(AGENT.packed, FIRST.packed, quoted) == at_home(FIRST)
    assert table.sent_by(AGENT.packed, SECOND.packed, quoted) is None
    assert table.sent_by(AGENT.packed, FIRST.packed, packet(CORRESPONDENT, OTHER_HOME)) is None
