"""The mobile node's home signalling in ESP (RFC 3776 §3, RFC 6275 §5.1): packets laid out by hand, opened by hand."""

from __future__ import annotations

import hmac
import struct
from dataclasses import replace
from ipaddress import IPv6Address

import pytest

from client.core.ipv6 import IPv6Packet
from client.core.machine import Correspondence, Heard6, Output, Send6
from client.core.plan import ANCHOR, EspHeaders, Tunnel
from client.core.secret import Secret
from client.core.status import State
from mipv6.esp import Association, Associations, associations
from mipv6.report import headline, settings, status
from mipv6.settings import Settings
from tests.mipv6.by_hand import (
    CARE_OF,
    HOME,
    HOME_AGENT,
    OTHER_CARE_OF,
    ROUTER_MAC,
    SECOND_AGENT,
    elsewhere,
    foreign,
    heard,
    home_link,
    icmp,
    prefix_option,
)
from tests.mipv6.conversation import SETTINGS, Conversation, link, moved
from tests.mipv6.conversation import bound as signed
from tests.mipv6.headers import checksum

ESP, MOBILITY, ICMPV6 = 50, 135, 58
KEY = bytes(range(0x40, 0x54))
OUT, IN = 0x1001, 0x1002
SECURED = replace(
    SETTINGS,
    association=None,
    identity=None,
    timestamps=False,
    esp=Associations(inbound=Association(IN, Secret(KEY)), outbound=Association(OUT, Secret(KEY))),
)


def opened(output: Output) -> tuple[int, int, bytes]:
    """An ESP packet by hand (RFC 4303 §2): sequence number, next header, payload; its check value must be right."""
    assert isinstance(output, Send6)
    assert output.packet.next_header == ESP
    data, icv = output.packet.payload[:-12], output.packet.payload[-12:]
    assert hmac.digest(KEY, data, "sha1")[:12] == icv
    spi, number = struct.unpack_from("!II", data)
    assert spi == OUT
    length, kind = data[-2:]
    assert data[-2 - length : -2] == bytes(range(1, length + 1))
    assert len(data) % 4 == 0
    return number, kind, data[8 : -2 - length]


def sealed(event: Heard6, spi: int = IN, key: bytes = KEY) -> Heard6:
    """The same packet with its payload in ESP."""
    packet = event.packet
    padding = bytes(range(1, 1 + -(len(packet.payload) + 2) % 4))
    data = struct.pack("!II", spi, 1) + packet.payload + padding + bytes((len(padding), packet.next_header))
    payload = data + hmac.digest(key, data, "sha1")[:12]
    return replace(event, packet=replace(packet, next_header=ESP, payload=payload))


def in_esp(outputs: list[Output]) -> list[Send6]:
    return [each for each in outputs if isinstance(each, Send6) and each.packet.next_header == ESP]


def sequence(update: Output) -> int:
    """| 59 | length | 5 | 0 | checksum | sequence | ..."""
    return int.from_bytes(opened(update)[2][6:8])


def answer(
    update: Send6, *, status: int = 0, number: int | None = None, source: IPv6Address = HOME_AGENT, lifetime: int = 600
) -> Heard6:
    """A Binding Acknowledgement (RFC 6275 §6.1.8) without any option, back to where the update came from."""
    number = sequence(update) if number is None else number
    body = struct.pack("!BBBBHBBHH4x", 59, 1, 6, 0, 0, status, 0, number, lifetime // 4)
    care_of = update.packet.source
    routing = HOME if update.packet.home_address else None
    body = body[:4] + checksum(body, source, routing or care_of, MOBILITY) + body[6:]
    packet = IPv6Packet(source=source, destination=care_of, next_header=MOBILITY, payload=body, routing=routing)
    return heard(packet)


def away(wanted: Settings = SECURED, memory: bytes = b"") -> tuple[Conversation, Send6]:
    conversation = Conversation(wanted, memory)
    conversation.plug(link(CARE_OF))
    [update] = in_esp(conversation.feed(foreign()))
    return conversation, update


def bound() -> tuple[Conversation, Send6]:
    conversation, update = away()
    conversation.feed(sealed(answer(update)))
    assert headline(conversation.node, conversation.now)[0] is State.LIMITED or conversation.node.registration.binding
    return conversation, update


@pytest.mark.rfc("6275", "11.7.1", "alternate")
@pytest.mark.rfc("6275", "5.1", "esp-able")
def test_update_is_home_address_option_esp_and_mobility_header_with_the_care_of_address_inside() -> None:
    _, update = away()
    packet = update.packet
    assert (packet.source, packet.destination, packet.home_address) == (CARE_OF, HOME_AGENT, HOME)
    assert update.link_layer_destination == ROUTER_MAC
    number, kind, body = opened(update)
    assert (number, kind) == (1, MOBILITY)
    assert body[2] == 5
    assert int.from_bytes(body[8:10]) & 0xC000 == 0xC000  # A and H
    assert bytes((3, 16)) + CARE_OF.packed in body
    assert bytes((9, 17)) not in body  # no authenticator of RFC 4285
    assert checksum(body[:4] + bytes(2) + body[6:], HOME, HOME_AGENT, MOBILITY) == body[4:6]


def test_each_update_has_the_next_esp_sequence_number() -> None:
    conversation, _ = away()
    conversation.wait(10)
    numbers = [opened(each)[0] for each in in_esp([output for _, output in conversation.sent])]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 2


@pytest.mark.rfc("6275", "11.7.3")
def test_acknowledgement_in_esp_binds() -> None:
    conversation, update = away()
    conversation.feed(sealed(answer(update)))
    shown = status(conversation.node, conversation.now)
    assert (shown.care_of_address, shown.protection, shown.code) == (str(CARE_OF), "esp", 0)
    assert conversation.node.registration.binding is not None


@pytest.mark.rfc("6275", "5.1", "esp-able")
def test_acknowledgement_in_clear_is_worth_nothing_and_counted() -> None:
    conversation, update = away()
    conversation.feed(answer(update))
    conversation.feed(answer(update, status=129))
    assert conversation.node.registration.binding is None
    assert conversation.node.registration.refusal is None
    assert conversation.node.counters["unprotected"] == 2


@pytest.mark.parametrize(
    ("spi", "key", "counted"),
    [(IN, b"X" * 20, "esp-not-authentic"), (OUT, KEY, None), (IN + 1, KEY, None)],
    ids=["wrong key", "our own packet reflected", "of somebody else"],
)
def test_acknowledgement_under_another_key_is_worth_nothing(spi: int, key: bytes, counted: str | None) -> None:
    conversation, update = away()
    conversation.feed(sealed(answer(update), spi, key))
    assert conversation.node.registration.binding is None
    assert counted is None or conversation.node.counters[counted] == 1


def test_esp_opens_nothing_but_home_signalling_of_home_agents() -> None:
    conversation, update = away()
    conversation.feed(sealed(answer(update, source=SECOND_AGENT)))
    conversation.feed(sealed(elsewhere()))
    assert conversation.node.registration.binding is None
    assert conversation.node.counters["esp-not-home-signalling"] == 2


def test_esp_is_none_of_ours_without_associations() -> None:
    conversation = Conversation()
    conversation.plug(link(CARE_OF))
    assert in_esp(conversation.feed(foreign())) == []
    conversation.feed(sealed(home_link()))
    assert conversation.node.target is not None
    assert not conversation.node.target.at_home


@pytest.mark.rfc("6275", "11.7.3", "resynchronise")
def test_status_135_resynchronises_but_an_old_one_played_again_does_not() -> None:
    """ESP with keys set by hand knows no replays: a number behind ours is no news (RFC 6275 §11.7.3)."""
    conversation, update = away()
    [again] = in_esp(conversation.feed(sealed(answer(update, status=135, number=4000))))
    assert sequence(again) == 4001
    assert in_esp(conversation.feed(sealed(answer(again, status=135, number=3000)))) == []
    conversation.feed(sealed(answer(again)))  # the genuine answer is not missed for the old one
    assert conversation.node.registration.binding is not None
    conversation.wait(590)
    later = in_esp([output for _, output in conversation.sent])
    assert all(sequence(each) > 4000 for each in later[1:])


def test_at_home_the_update_is_in_esp_from_the_home_address() -> None:
    conversation, _ = bound()
    outputs = [*conversation.plug(link(ups=2)), *conversation.feed(home_link())]
    [update] = in_esp(outputs)
    assert (update.packet.source, update.packet.home_address) == (HOME, None)
    assert opened(update)[2][10:12] == b"\0\0"  # lifetime 0
    conversation.feed(sealed(answer(update, lifetime=0)))
    binding = conversation.node.registration.binding
    assert binding is not None
    assert binding.at_home


@pytest.mark.rfc("6275", "5.4", "esp-able")
@pytest.mark.rfc("6275", "6.7", "ipsec-able")
@pytest.mark.rfc("6275", "11.4.2", "ipsec-able")
def test_prefix_discovery_is_in_esp_both_ways_and_in_clear_not_believed() -> None:
    conversation, update = away()
    outputs = in_esp(conversation.feed(sealed(answer(update, status=1))))
    [(_, kind, body)] = [opened(each) for each in outputs]
    assert (kind, body[0]) == (ICMPV6, 146)
    message = struct.pack("!BBHHH", 147, 0, 0, int.from_bytes(body[4:6]), 0)
    message += prefix_option(SECURED.home_prefix, valid=300, preferred=200)
    told = heard(icmp(message, HOME_AGENT, CARE_OF, hop_limit=60, routing=HOME))
    conversation.feed(told)
    assert conversation.node.prefixes.valid_until == float("inf")
    assert conversation.node.counters["unprotected"] == 1
    conversation.feed(sealed(told))
    assert conversation.node.prefixes.valid_until == conversation.now + 300


def test_after_a_move_one_update_goes_in_esp() -> None:
    conversation, _ = bound()
    [update] = in_esp(moved(conversation, elsewhere()))
    assert update.packet.source == OTHER_CARE_OF


def test_plan_hears_esp_under_our_spi_alone() -> None:
    conversation, _ = away()
    assert [item for item in conversation.plan() if isinstance(item, EspHeaders)] == [EspHeaders(IN, IN)]


def test_direct_paths_need_the_risk_accepted_since_nothing_hides_the_home_test() -> None:
    """RFC 6275 §15.4.1: its secrecy between home agent and mobile node is what return routability rests on."""
    conversation, _ = bound()
    assert settings(conversation.node)["direct_paths"].why == "unprotected"
    accepting, _ = away(replace(SECURED, accept_unprotected=True))
    assert settings(accepting.node)["direct_paths"].applied == "on"


@pytest.mark.parametrize("both", [True, False])
def test_home_signalling_has_one_protection(both: bool) -> None:
    association, esp = (SETTINGS.association, SECURED.esp) if both else (None, None)
    with pytest.raises(ValueError, match="one of them"):
        replace(SETTINGS, association=association, esp=esp)


# --- home tests, in tunnel mode ---------------------------------------------------------------------


HIDDEN = replace(SECURED, esp=associations(IN, OUT, Secret(KEY + bytes(range(16)))))
WEB = IPv6Address("2001:db8:5::80")
HOME_TEST_INIT, HOME_TEST = 1, 3


def tunnelled(inner: IPv6Packet, source: IPv6Address = HOME_AGENT) -> Heard6:
    """The packet in ESP with the null cipher, from the home agent to the care-of address."""
    outer = IPv6Packet(source=source, destination=CARE_OF, next_header=41, payload=inner.pack())
    return sealed(heard(outer))


def talking() -> tuple[Conversation, bytes]:
    """A program talks to a correspondent; and the Home Test Init that went out for it, the whole packet."""
    conversation, update = away(replace(SECURED, accept_unprotected=True))
    conversation.feed(sealed(answer(update)))
    outputs = in_esp(conversation.feed(Correspondence(packets={WEB: 100}, direct={})))
    [(_, kind, inner)] = [opened(each) for each in outputs]
    assert kind == 41
    return conversation, inner


def home_test(init: bytes, source: IPv6Address = WEB, kind: int = HOME_TEST) -> IPv6Packet:
    """RFC 6275 §6.1.5: | 59 | 2 | 3 | 0 | checksum | nonce index | cookie | keygen token |"""
    body = bytes((59, 2, kind, 0, 0, 0)) + b"\0\7" + init[48:56] + b"token!!!"
    body = body[:4] + checksum(body, source, HOME, MOBILITY) + body[6:]
    return IPv6Packet(source=source, destination=HOME, next_header=MOBILITY, payload=body)


@pytest.mark.rfc("6275", "11.6.3", "protect")
@pytest.mark.rfc("6275", "11.6.3", "outer-source")
@pytest.mark.rfc("6275", "6.1.3", "esp")
def test_home_test_init_goes_in_esp_to_the_home_agent_and_the_care_of_test_in_clear() -> None:
    conversation, inner = talking()
    assert inner[8:40] == HOME.packed + WEB.packed
    assert (inner[6], inner[42]) == (MOBILITY, HOME_TEST_INIT)
    outer = in_esp([output for _, output in conversation.sent])[-1]
    assert (outer.packet.source, outer.packet.destination) == (CARE_OF, HOME_AGENT)
    assert (outer.packet.home_address, outer.link_layer_destination) == (None, ROUTER_MAC)
    clear = [each for _, each in conversation.sent if isinstance(each, Send6) and each.packet.next_header == MOBILITY]
    assert [each.packet.payload[2] for each in clear] == [2]


@pytest.mark.rfc("6275", "11.6.3", "protect")
def test_home_test_counts_in_esp_and_not_in_clear() -> None:
    conversation, init = talking()
    conversation.feed(heard(home_test(init), interface=ANCHOR))
    assert conversation.node.counters["unprotected"] == 1
    before = conversation.node.counters["esp-not-home-signalling"]
    entry = conversation.node.correspondents._entries[WEB]
    assert entry._tests.home(conversation.now) is None
    conversation.feed(tunnelled(home_test(init)))
    assert entry._tests.home(conversation.now) is not None
    assert conversation.node.counters["esp-not-home-signalling"] == before


def test_what_the_home_agent_passes_on_is_never_taken_for_its_own_word() -> None:
    """Anybody can send a packet in its name to our home address."""
    conversation, init = talking()
    update = in_esp([output for _, output in conversation.sent])[0]
    forged = answer(update, status=130).packet
    conversation.feed(tunnelled(replace(forged, destination=HOME, routing=None)))
    conversation.feed(tunnelled(home_test(init, source=HOME_AGENT)))
    conversation.feed(tunnelled(home_test(init), source=SECOND_AGENT))
    conversation.feed(tunnelled(replace(home_test(init), next_header=17)))
    assert conversation.node.counters["esp-not-home-signalling"] == 4
    assert conversation.node.registration.refusal is None


def test_with_a_cipher_direct_paths_need_no_risk() -> None:
    conversation, _ = away(HIDDEN)
    assert settings(conversation.node)["direct_paths"].applied == "on"


def test_tunnel_withholds_mobility_headers_from_who_has_esp() -> None:
    for conversation, signalling in ((signed(), True), (bound()[0], False)):
        assert [item.signalling for item in conversation.plan() if isinstance(item, Tunnel)] == [signalling]
