"""A home agent whose node speaks ESP with keys set by hand (RFC 3776 §3, RFC 6275 §10.3.1)."""

from __future__ import annotations

import hmac
import struct
from dataclasses import replace
from ipaddress import IPv6Address

import pytest

from agents.home6.home_agent import HomeAgent6
from agents.home6.node import Node6
from agents.nodes import Node, Nodes, NodesChanged
from client.core.machine import Heard6, LinksChanged, Output, Send6
from client.core.plan import EspHeaders
from client.core.secret import Secret
from mipv6.esp import Association, Associations
from tests.agents.home6.by_hand import ALICE, CARE_OF, HOME, HOME_AGENT, KEY, LINKS, SETTINGS, A, H, heard, icmp, update
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
    assert EspHeaders() in agent.machine.plan()
    agent.machine.handle(NodesChanged(Nodes((ALICE,))), 1.0)
    assert EspHeaders() not in agent.machine.plan()
