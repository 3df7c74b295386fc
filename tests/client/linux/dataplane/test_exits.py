"""Which packets are taken out of tunnels, and why others are not."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from client.core.plan import Address, Encapsulation, End, Tunnel
from client.linux.dataplane.exits import WAYS, Exits

HOME = IPv4Address("10.1.0.7")
OTHER_HOME = IPv4Address("10.1.0.8")
AGENT = IPv4Address("198.51.100.1")
FIRST = IPv4Address("203.0.113.5")
SECOND = IPv4Address("203.0.113.66")
CORRESPONDENT = IPv4Address("192.0.2.9")
BROADCAST = IPv4Address("10.1.0.255")


def at_home(
    remote: IPv4Address,
    home: IPv4Address = HOME,
    *,
    encapsulation: Encapsulation = Encapsulation.IPIP,
    ports: tuple[int, int] | None = None,
    receives: bool = True,
) -> Tunnel:
    return Tunnel(
        end=End.HOME,
        home_address=home,
        local=AGENT,
        remote=remote,
        encapsulation=encapsulation,
        ports=ports,
        receives=receives,
    )


def mobile(local: IPv4Address, broadcast: IPv4Address | None = None) -> Tunnel:
    return Tunnel(end=End.MOBILE, home_address=HOME, local=local, remote=AGENT, broadcast=broadcast)


def pair(source: Address, destination: Address) -> tuple[Address, Address]:
    return source, destination


def find(
    exits: Exits,
    outer: tuple[Address, Address],
    inner: tuple[Address, Address],
    encapsulation: Encapsulation = Encapsulation.IPIP,
    port: int | None = None,
) -> Tunnel | None:
    return exits.find(WAYS[encapsulation], path(outer, port), inner[0].packed, inner[1].packed)


def why_not(
    exits: Exits,
    outer: tuple[Address, Address],
    inner: tuple[Address, Address],
    encapsulation: Encapsulation = Encapsulation.IPIP,
) -> str:
    return exits.why_not(WAYS[encapsulation], path(outer), inner[0].packed, inner[1].packed)


def path(outer: tuple[Address, Address], port: int | None = None) -> bytes:
    addresses = outer[0].packed + outer[1].packed
    return addresses if port is None else addresses + port.to_bytes(2, "big")


def test_old_tunnel_still_receives_while_the_new_one_does() -> None:
    exits = Exits()
    exits.add(at_home(FIRST))
    exits.add(at_home(SECOND))
    inner = pair(HOME, CORRESPONDENT)
    assert find(exits, pair(FIRST, AGENT), inner) == at_home(FIRST)
    assert find(exits, pair(SECOND, AGENT), inner) == at_home(SECOND)
    exits.remove(at_home(FIRST))
    assert find(exits, pair(FIRST, AGENT), inner) is None
    assert find(exits, pair(SECOND, AGENT), inner) == at_home(SECOND)


def test_same_key_replaces() -> None:
    exits = Exits()
    exits.add(at_home(FIRST))
    exits.add(at_home(FIRST, receives=False))
    assert find(exits, pair(FIRST, AGENT), pair(HOME, CORRESPONDENT)) is None
    assert why_not(exits, pair(FIRST, AGENT), pair(HOME, CORRESPONDENT)) == "unknown_tunnel"


@pytest.mark.rfc("3024", "5.3.2")
@pytest.mark.parametrize(
    ("outer", "inner", "reason"),
    [
        (pair(SECOND, AGENT), pair(HOME, CORRESPONDENT), "wrong_outer_source"),
        (pair(FIRST, AGENT), pair(OTHER_HOME, CORRESPONDENT), "wrong_inner_source"),
        (pair(FIRST, AGENT), pair(CORRESPONDENT, HOME), "wrong_inner_source"),
        (pair(SECOND, AGENT), pair(CORRESPONDENT, HOME), "unknown_tunnel"),
        (pair(FIRST, SECOND), pair(HOME, CORRESPONDENT), "wrong_outer_source"),
    ],
)
def test_home_agent_refuses_other_care_of_addresses_and_other_senders(
    outer: tuple[Address, Address], inner: tuple[Address, Address], reason: str
) -> None:
    exits = Exits()
    exits.add(at_home(FIRST))
    assert find(exits, outer, inner) is None
    assert why_not(exits, outer, inner) == reason


def test_one_node_cannot_speak_for_another() -> None:
    exits = Exits()
    exits.add(at_home(FIRST))
    exits.add(at_home(SECOND, OTHER_HOME))
    assert find(exits, pair(FIRST, AGENT), pair(OTHER_HOME, CORRESPONDENT)) is None
    assert why_not(exits, pair(FIRST, AGENT), pair(OTHER_HOME, CORRESPONDENT)) == "wrong_outer_source"
    assert find(exits, pair(SECOND, AGENT), pair(OTHER_HOME, CORRESPONDENT)) is not None
    exits.remove(at_home(SECOND, OTHER_HOME))
    assert why_not(exits, pair(SECOND, AGENT), pair(OTHER_HOME, CORRESPONDENT)) == "unknown_tunnel"


@pytest.mark.rfc("5944", "4.2.2", "visitor")
def test_foreign_agent_takes_only_packets_for_its_visitors() -> None:
    exits = Exits()
    exits.add(mobile(FIRST))
    assert find(exits, pair(AGENT, FIRST), pair(CORRESPONDENT, HOME)) == mobile(FIRST)
    assert find(exits, pair(AGENT, FIRST), pair(CORRESPONDENT, OTHER_HOME)) is None
    assert why_not(exits, pair(AGENT, FIRST), pair(CORRESPONDENT, OTHER_HOME)) == "wrong_inner_destination"
    assert why_not(exits, pair(SECOND, FIRST), pair(CORRESPONDENT, HOME)) == "wrong_outer_source"


@pytest.mark.parametrize("agreed", list(Encapsulation))
@pytest.mark.parametrize("arriving", list(Encapsulation))
def test_only_the_encapsulation_that_was_agreed_on_is_taken(agreed: Encapsulation, arriving: Encapsulation) -> None:
    exits = Exits()
    exits.add(at_home(FIRST, encapsulation=agreed, ports=(434, 434)))
    port = 434 if arriving is Encapsulation.UDP else None
    taken = find(exits, pair(FIRST, AGENT), pair(HOME, CORRESPONDENT), arriving, port) is not None
    fragment_of_minimal = (agreed, arriving) == (Encapsulation.MINIMAL, Encapsulation.IPIP)  # RFC 2004 §3
    assert taken is (agreed is arriving or fragment_of_minimal)


def test_another_encapsulation_is_told_from_another_place() -> None:
    exits = Exits()
    exits.add(at_home(FIRST, encapsulation=Encapsulation.GRE))
    assert why_not(exits, pair(FIRST, AGENT), pair(HOME, CORRESPONDENT)) == "wrong_encapsulation"
    assert why_not(exits, pair(SECOND, AGENT), pair(HOME, CORRESPONDENT)) == "wrong_outer_source"


@pytest.mark.rfc("3519", "4.3")
def test_udp_packets_come_from_the_port_of_the_registration() -> None:
    exits = Exits()
    behind_nat = at_home(FIRST, encapsulation=Encapsulation.UDP, ports=(434, 40123))
    exits.add(behind_nat)
    inner = pair(HOME, CORRESPONDENT)
    assert find(exits, pair(FIRST, AGENT), inner, Encapsulation.UDP, 40123) == behind_nat
    assert find(exits, pair(FIRST, AGENT), inner, Encapsulation.UDP, 40124) is None


def test_minimal_and_whole_packets_of_the_same_pair_do_not_take_each_other_along() -> None:
    exits = Exits()
    minimal = at_home(FIRST, encapsulation=Encapsulation.MINIMAL)
    exits.add(at_home(FIRST))
    exits.add(minimal)
    inner = pair(HOME, CORRESPONDENT)
    assert find(exits, pair(FIRST, AGENT), inner) == at_home(FIRST)
    exits.remove(at_home(FIRST))
    assert find(exits, pair(FIRST, AGENT), inner) == minimal
    exits.remove(minimal)
    assert find(exits, pair(FIRST, AGENT), inner) is None


@pytest.mark.rfc("5944", "4.3")
@pytest.mark.parametrize(
    ("destination", "taken"),
    [("10.1.0.255", True), ("255.255.255.255", True), ("239.1.2.3", True), ("10.1.0.8", False), ("10.2.0.255", False)],
)
def test_who_asked_for_packets_to_many_gets_them(destination: str, *, taken: bool) -> None:
    exits = Exits()
    exits.add(mobile(FIRST, BROADCAST))
    arriving = path(pair(AGENT, FIRST))
    found = exits.find_to_many(WAYS[Encapsulation.IPIP], arriving, IPv4Address(destination).packed)
    assert (found is not None) is taken
    exits.add(mobile(FIRST))
    assert exits.find_to_many(WAYS[Encapsulation.IPIP], arriving, IPv4Address(destination).packed) is None


@pytest.mark.rfc("6275", "9.3.1", "care-of-source")
@pytest.mark.rfc("6275", "9.3.1", "binding-needed")
def test_home_address_counts_only_with_the_care_of_address_that_is_bound_to_it() -> None:
    home, care_of, peer = (IPv6Address(f"2001:db8:{number}::7") for number in (1, 5, 9))
    exits = Exits()
    direct = Tunnel(end=End.HOME, home_address=home, local=peer, remote=care_of, encapsulation=Encapsulation.DIRECT)
    exits.add(direct)
    assert find(exits, pair(care_of, peer), pair(home, peer), Encapsulation.DIRECT) == direct
    assert find(exits, pair(IPv6Address("2001:db8:6::7"), peer), pair(home, peer), Encapsulation.DIRECT) is None
