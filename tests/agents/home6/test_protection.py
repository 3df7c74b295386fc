"""A home agent whose node speaks ESP with keys set by hand (RFC 3776 §3, RFC 6275 §10.3.1)."""

from __future__ import annotations

import hmac
import struct
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import pytest

from agents.home6.agents6 import Agents6
from agents.home6.home_agent import HomeAgent6
from agents.home6.node import Node6
from agents.home6.prefixes import PrefixesChanged
from agents.home6.settings import HomePrefix
from agents.nodes import Node, Nodes, NodesChanged
from agents.settings import AgentSettings
from client.core.ipv6 import IPv6Packet
from client.core.machine import Heard6, LinksChanged, Output, Send6, Timeout
from client.core.plan import ANCHOR, EspHeaders, Tunnel
from client.core.secret import Secret
from mipv6.correspondent_settings import CorrespondentSettings
from mipv6.esp import Association, Associations
from tests.agents.home6.by_hand import (
    ALICE,
    CARE_OF,
    HOME,
    HOME_AGENT,
    KEY,
    LINKS,
    SETTINGS,
    STRANGER_MAC,
    A,
    H,
    checksum,
    heard,
    icmp,
    update,
)
from tests.agents.home6.test_home_agent import NEXT

ESP, MOBILITY, ICMPV6 = 50, 135, 58
IN, OUT = 0x1001, 0x1002
SECRET = bytes(range(0x40, 0x54))
OTHER = "2001:db8:1::24"


def secured(nai: str, home: str, spi_in: int, spi_out: int, key: bytes) -> Node:
    pair = Associations(inbound=Association(spi_in, Secret(key)), outbound=Association(spi_out, Secret(key)))
    return Node(nai=nai, v6=Node6(home_address=IPv6Address(home), esp=pair))


DORA = secured("dora@example.net", HOME, IN, OUT, SECRET)
EVE = secured("eve@example.net", OTHER, 0x2001, 0x2002, b"E" * 20)


def clear(number: int = 1, care_of: str = CARE_OF, **changes: object) -> Heard6:
    """A Binding Update with nothing that signs it."""
    wanted = {"alternate": care_of, "lifetime": 300, "flags": A | H, **changes}
    header = update(sequence=number, nai=None, stamp=None, key=None, **wanted)  # type: ignore[arg-type]
    return heard(header, source=care_of)


def sealed(event: Heard6, spi: int = IN, key: bytes = SECRET) -> Heard6:
    """The same packet with its payload in ESP (RFC 4303 §2)."""
    packet = event.packet
    padding = bytes(range(1, 1 + -(len(packet.payload) + 2) % 4))
    data = struct.pack("!II", spi, 7) + packet.payload + padding + bytes((len(padding), packet.next_header))
    payload = data + hmac.digest(key, data, "sha1")[:12]
    return replace(event, packet=replace(packet, next_header=ESP, payload=payload))


def opened(output: Output) -> tuple[int, bytes]:
    """Next header and payload of what the agent sent; the check value must be right."""
    assert isinstance(output, Send6)
    assert output.packet.next_header == ESP
    data, icv = output.packet.payload[:-12], output.packet.payload[-12:]
    assert hmac.digest(SECRET, data, "sha1")[:12] == icv
    assert int.from_bytes(data[:4]) == OUT
    return data[-1], data[8 : -2 - data[-2]]


def acknowledged(outputs: list[Output]) -> list[tuple[int, int, int]]:
    """Status, sequence number and lifetime of the acknowledgements, all in ESP."""
    found = [opened(each) for each in outputs if isinstance(each, Send6) and each.packet.next_header == ESP]
    assert all(kind == MOBILITY and body[2] == 6 for kind, body in found)
    return [(body[6], *struct.unpack_from("!HH", body, 8)) for _, body in found]


class Agent:
    """On a virtual home network: no home link to be asked first."""

    def __init__(self, *nodes: Node, memory: bytes = b"") -> None:
        settings = replace(SETTINGS, interface=None)
        self.machine = HomeAgent6(
            settings, Nodes(nodes or (DORA, EVE, ALICE_ELSEWHERE)), lambda: 0.0, lambda: 0.5, memory
        )
        self.machine.handle(LinksChanged(LINKS), 0.0)

    def hear(self, event: Heard6, now: float = 20.0) -> list[Output]:
        return self.machine.handle(event, now)


ALICE_ELSEWHERE = replace(ALICE, v6=replace(ALICE.v6, home_address=IPv6Address("2001:db8:1::29")) if ALICE.v6 else None)


@pytest.mark.rfc("6275", "10.3.1")
@pytest.mark.rfc("6275", "5.1", "esp-able")
def test_update_in_esp_is_answered_in_esp_behind_a_routing_header() -> None:
    agent = Agent()
    outputs = agent.hear(sealed(clear(5)))
    assert acknowledged(outputs) == [(0, 5, 75)]
    [reply] = [each for each in outputs if isinstance(each, Send6) and each.packet.next_header == ESP]
    assert (reply.packet.routing, reply.packet.destination) == (IPv6Address(HOME), IPv6Address(CARE_OF))
    assert agent.machine.care_of_address(IPv6Address(HOME)) == IPv6Address(CARE_OF)


@pytest.mark.rfc("6275", "5.1", "esp-able")
def test_update_in_clear_of_a_node_with_esp_gets_nothing() -> None:
    agent = Agent()
    assert agent.hear(clear()) == []
    assert agent.machine.counters["unprotected"] == 1


def test_a_node_with_a_signature_needs_no_esp() -> None:
    agent = Agent()
    home = "2001:db8:1::29"
    outputs = agent.hear(heard(update(home=home, key=KEY), home=home))
    assert agent.machine.counters["unprotected"] == 0
    assert outputs


@pytest.mark.rfc("6275", "5.1", "esp-authentication")
@pytest.mark.rfc("6275", "5.1", "right-association")
@pytest.mark.parametrize(
    ("event", "counted"),
    [
        (sealed(clear(), key=b"X" * 20), "esp-not-authentic"),
        (sealed(clear(), spi=0x3333), "esp-unknown"),
        (sealed(clear(), spi=OUT), "esp-unknown"),
        (sealed(clear(), spi=0x2001, key=b"E" * 20), "esp-for-another"),
        (sealed(clear(alternate=None)), "care-of-address-unprotected"),
        (sealed(icmp(128, b"\0\1\0\1", source=CARE_OF, destination=HOME_AGENT, home=HOME)), "esp-not-home-signalling"),
    ],
    ids=["wrong key", "unknown SPI", "reflected", "of another node", "care-of address outside", "an echo request"],
)
def test_what_esp_does_not_prove_gets_nothing_and_is_counted(event: Heard6, counted: str) -> None:
    agent = Agent()
    assert agent.hear(event) == []
    assert agent.machine.counters[counted] == 1
    assert agent.machine.care_of_address(IPv6Address(HOME)) is None


@pytest.mark.rfc("6275", "9.5.1")
def test_old_update_played_again_is_refused_by_its_number_also_after_a_restart_and_without_a_binding() -> None:
    """ESP with keys set by hand has no replay protection of its own (RFC 4303 §3.4.3)."""
    agent = Agent()
    agent.hear(sealed(clear(5)))
    agent.hear(sealed(clear(6, care_of=NEXT)), 21.0)
    assert acknowledged(agent.hear(sealed(clear(5)), 22.0)) == [(135, 6, 0)]
    reborn = Agent(memory=agent.machine.memory())
    assert acknowledged(reborn.hear(sealed(clear(6, care_of=NEXT)))) == [(135, 6, 0)]
    assert acknowledged(reborn.hear(sealed(clear(7)))) == [(0, 7, 75)]


@pytest.mark.rfc("6275", "5.4", "esp-able")
@pytest.mark.rfc("6275", "6.8", "ipsec-able")
def test_prefixes_are_told_in_esp_without_any_risk_accepted() -> None:
    agent = Agent()
    agent.hear(sealed(clear()))
    solicitation = icmp(146, struct.pack("!HH", 0xABCD, 0), source=CARE_OF, destination=HOME_AGENT, home=HOME)
    assert agent.hear(solicitation) == []
    [told] = agent.hear(sealed(solicitation))
    kind, body = opened(told)
    assert (kind, body[0], body[4:6]) == (ICMPV6, 147, b"\xab\xcd")


def test_esp_is_listened_to_while_a_node_has_it() -> None:
    agent = Agent()
    assert EspHeaders(IN, 0x2001) in agent.machine.plan()
    agent.machine.handle(NodesChanged(Nodes((ALICE,))), 1.0)
    assert not [item for item in agent.machine.plan() if isinstance(item, EspHeaders)]


# --- home tests, in tunnel mode ---------------------------------------------------------------------

WEB = "2001:db8:5::80"
HOME_TEST_INIT, HOME_TEST = 1, 3


def mobility_message(kind: int, source: str, destination: str, hop_limit: int = 64) -> IPv6Packet:
    """| 59 | length | kind | 0 | checksum | ... |, which a home agent only passes on."""
    payload = bytes((59, 1, kind, 0)) + b"\xca\xfe" + b"\0\0cookie!!"
    return IPv6Packet(
        source=IPv6Address(source),
        destination=IPv6Address(destination),
        next_header=MOBILITY,
        payload=payload,
        hop_limit=hop_limit,
    )


def out_of_tunnel(inner: IPv6Packet, care_of: str = CARE_OF, **changes: Any) -> Heard6:
    """From a mobile node, in ESP: the whole packet."""
    outer = IPv6Packet(
        source=IPv6Address(care_of), destination=IPv6Address(HOME_AGENT), next_header=41, payload=inner.pack()
    )
    return sealed(Heard6(packet=outer, interface=3, link_layer_source=STRANGER_MAC), **changes)


def at_home_link(packet: IPv6Packet) -> Heard6:
    return Heard6(packet=packet, interface=2, link_layer_source=STRANGER_MAC)


def bound() -> Agent:
    agent = Agent()
    agent.hear(sealed(clear()))
    return agent


@pytest.mark.rfc("6275", "11.6.3", "protect")
def test_home_test_init_out_of_esp_goes_on_one_hop_further() -> None:
    init = mobility_message(HOME_TEST_INIT, HOME, WEB)
    assert bound().hear(out_of_tunnel(init)) == [Send6(packet=replace(init, hop_limit=63))]


@pytest.mark.rfc("6275", "11.6.3", "protect")
@pytest.mark.parametrize("kind", [HOME_TEST, 0, 6, 7], ids=["home test", "refresh request", "acknowledgement", "error"])
def test_mobility_header_for_a_node_away_goes_to_it_in_esp(kind: int) -> None:
    message = mobility_message(kind, WEB, HOME)
    [sent] = bound().hear(at_home_link(message))
    assert opened(sent) == (41, replace(message, hop_limit=63).pack())
    assert isinstance(sent, Send6)
    assert (sent.packet.source, sent.packet.destination) == (IPv6Address(HOME_AGENT), IPv6Address(CARE_OF))


@pytest.mark.parametrize(
    ("event", "counted"),
    [
        (out_of_tunnel(mobility_message(HOME_TEST_INIT, OTHER, WEB)), "esp-for-another"),
        (out_of_tunnel(mobility_message(HOME_TEST_INIT, HOME, WEB), care_of=NEXT), "esp-not-from-care-of-address"),
        (out_of_tunnel(mobility_message(HOME_TEST_INIT, HOME, WEB, hop_limit=1)), "esp-not-home-signalling"),
        (out_of_tunnel(replace(mobility_message(1, HOME, WEB), next_header=17)), "esp-not-home-signalling"),
        (out_of_tunnel(mobility_message(HOME_TEST_INIT, HOME, WEB), key=b"X" * 20), "esp-not-authentic"),
    ],
    ids=["another's address", "from elsewhere", "no hop left", "no signalling", "wrong key"],
)
def test_what_a_node_may_not_have_passed_on_is_not(event: Heard6, counted: str) -> None:
    agent = bound()
    assert agent.hear(event) == []
    assert agent.machine.counters[counted] == 1


def test_nothing_is_passed_on_to_who_is_not_away_or_with_no_hop_left() -> None:
    assert Agent().hear(at_home_link(mobility_message(HOME_TEST, WEB, HOME))) == []
    assert bound().hear(at_home_link(mobility_message(HOME_TEST, WEB, HOME, hop_limit=1))) == []


def test_the_tunnel_of_a_node_with_esp_withholds_mobility_headers() -> None:
    agent = bound()
    agent.machine.handle(Timeout(), 21.0)
    assert [item.signalling for item in agent.machine.plan() if isinstance(item, Tunnel)] == [False]


def test_correspondent_on_the_home_agents_machine_speaks_to_the_node_through_esp() -> None:
    """It hears the Home Test Init by its own address, and its answer must not go in clear either."""
    settings = AgentSettings(home6=replace(SETTINGS, interface=None), correspondent=CorrespondentSettings())
    agents = Agents6(settings, Nodes((DORA,)), lambda: 0.0, lambda: 0.5)
    agents.handle(LinksChanged(LINKS), 0.0)
    agents.handle(sealed(clear()), 20.0)
    [own] = [each.ip for link in LINKS.links for each in link.addresses6][:1]
    body = bytes((59, 1, HOME_TEST_INIT, 0)) + bytes(4) + b"cookie!!"
    right = checksum(body, HOME, str(own))
    init = replace(mobility_message(HOME_TEST_INIT, HOME, str(own)), payload=body[:4] + right.to_bytes(2) + body[6:])
    [answer] = agents.handle(Heard6(packet=init, interface=ANCHOR, link_layer_source=b""), 21.0)
    kind, inner = opened(answer)
    assert (kind, inner[42], inner[24:40]) == (41, HOME_TEST, IPv6Address(HOME).packed)


# --- what is done with too much, too little, and other keys -----------------------------------------


@pytest.mark.parametrize(("length", "sent"), [(2048, 1), (2056, 0), (65_000, 0)])
def test_what_is_longer_than_a_mobility_header_can_be_is_not_passed_on(length: int, sent: int) -> None:
    """In ESP it might not fit into a packet any more."""
    message = replace(mobility_message(HOME_TEST, WEB, HOME), payload=bytes((59, 1, HOME_TEST, 0)) + bytes(length - 4))
    outputs = bound().hear(at_home_link(message))
    assert [len(each.packet.pack()) > length for each in outputs if isinstance(each, Send6)] == [True] * sent


@pytest.mark.parametrize("destination", ["ff02::1", "::1", "fe80::1"])
def test_nothing_is_passed_on_to_who_is_on_this_link_alone(destination: str) -> None:
    agent = bound()
    assert agent.hear(out_of_tunnel(mobility_message(HOME_TEST_INIT, HOME, destination))) == []
    assert agent.machine.counters["esp-not-to-be-passed-on"] == 1


def test_an_entry_that_is_away_for_a_while_does_not_make_old_updates_new() -> None:
    """A file that cannot be read at a reload, for instance."""
    agent = Agent()
    agent.hear(sealed(clear(5)))
    agent.machine.handle(NodesChanged(Nodes((EVE,))), 21.0)
    agent.machine.handle(NodesChanged(Nodes((DORA, EVE))), 22.0)
    assert acknowledged(agent.hear(sealed(clear(5)), 23.0)) == [(135, 5, 0)]
    assert acknowledged(agent.hear(sealed(clear(6)), 24.0)) == [(0, 6, 75)]


def test_the_tunnel_withholds_mobility_headers_as_soon_as_the_node_has_esp_and_no_longer() -> None:
    agent = bound()
    alice = replace(ALICE, nai=DORA.nai)
    for node, signalling in ((alice, True), (DORA, False)):
        agent.machine.handle(NodesChanged(Nodes((node,))), 21.0)
        assert [item.signalling for item in agent.machine.plan() if isinstance(item, Tunnel)] == [signalling]


def test_a_node_has_one_row_of_numbers_for_all_its_home_addresses() -> None:
    """ESP covers no home address option, and there are prefixes that a checksum does not tell apart."""
    agent = Agent(DORA)
    prefixes = (*SETTINGS.prefixes, HomePrefix(prefix=IPv6Network("2001:db8:7::/64")))
    agent.machine.handle(PrefixesChanged(prefixes), 1.0)
    other = "2001:db8:7::23"
    assert acknowledged(agent.hear(sealed(clear(5)))) == [(0, 5, 75)]
    header = update(sequence=5, nai=None, stamp=None, key=None, alternate=CARE_OF)
    assert acknowledged(agent.hear(sealed(heard(header, home=other)))) == [(135, 5, 0)]
    header = update(sequence=6, nai=None, stamp=None, key=None, alternate=CARE_OF)
    assert acknowledged(agent.hear(sealed(heard(header, home=other)))) == [(0, 6, 75)]
