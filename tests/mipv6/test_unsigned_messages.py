"""What a mobile node hears of correspondents that nobody has signed (RFC 6275 §11.3.5, §11.3.6, §11.7.4)."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import Send6
from client.core.plan import ANCHOR
from tests.mipv6.headers import CARE_OF, CORRESPONDENT, HOME, carried, checksum
from tests.mipv6.laptop import COTI, HOTI, UPDATE, Laptop, kinds
from tests.mipv6.return_routability_by_hand import LINK, OTHER_CARE_OF, binding_error, init, plain, update

REFRESH_REQUEST = bytes((59, 0, 0, 0, 0, 0, 0, 0))
STRANGER = IPv6Address("2001:db8:9::9")


@pytest.fixture
def laptop() -> Laptop:
    """Bound at home from abroad."""
    return Laptop()


def error(
    about: bytes, pointer: int, code: int = 1, source: IPv6Address = CORRESPONDENT, to: IPv6Address = CARE_OF
) -> IPv6Packet:
    """An ICMPv6 Parameter Problem: |4|code|checksum|pointer|packet ... (RFC 4443 §3.4)."""
    body = bytes((4, code, 0, 0)) + struct.pack("!I", pointer) + about
    body = body[:2] + checksum(body, source, to, NextHeader.ICMPV6) + body[4:]
    return IPv6Packet(source=source, destination=to, next_header=NextHeader.ICMPV6, payload=body)


def on_the_wire(send: Send6) -> bytes:
    """As the correspondent got it: some routers later."""
    packet = send.packet.pack()
    return packet[:7] + bytes([57]) + packet[8:]


# --- Parameter Problems ---------------------------------------------------------------------------


@pytest.mark.rfc("6275", "11.3.5", "unable")
@pytest.mark.rfc("6275", "11.3.5", "unable-for-a-while")
@pytest.mark.rfc("6275", "11.6.2", "unable")
@pytest.mark.parametrize("number", [0, 1])
def test_who_does_not_know_mobility_headers_is_not_able_for_ten_minutes(laptop: Laptop, number: int) -> None:
    """Either test shows it; packets go by the tunnel, and nothing more is sent."""
    asked = laptop.exchange()[number]
    way, to = ((ANCHOR, HOME), (LINK, CARE_OF))[number]
    assert laptop.hear(error(on_the_wire(asked), 6, to=to), interface=way) == []
    assert laptop.path == "unable"
    assert laptop.exchange(1000, 599.0) == []
    assert kinds(laptop.exchange(1000, 600.0)) == [HOTI, COTI]


@pytest.mark.rfc("6275", "11.3.5", "unable")
def test_a_binding_update_may_show_it_too(laptop: Laptop) -> None:
    """Behind its destination options, whose next header is the one that is pointed at."""
    update = laptop.test()
    laptop.hear(error(on_the_wire(update), 40))
    assert laptop.path == "unable"


@pytest.mark.rfc("6275", "11.3.5")
def test_an_error_must_quote_what_was_sent(laptop: Laptop) -> None:
    """Another cookie, another pointer, another code, another sender, or nothing under way: it is counted."""
    home, _ = laptop.exchange()
    quoted = on_the_wire(home)
    forged = quoted[:-1] + bytes([quoted[-1] ^ 1])
    laptop.hear(error(forged, 6, to=HOME), interface=ANCHOR)
    laptop.hear(error(quoted, 7, to=HOME), interface=ANCHOR)
    laptop.hear(error(quoted, 6, code=2, to=HOME), interface=ANCHOR)
    laptop.hear(error(quoted, 6, code=0, to=HOME), interface=ANCHOR)
    laptop.hear(error(quoted, 6, source=STRANGER, to=HOME), interface=ANCHOR)
    laptop.hear(error(quoted, 5000, to=HOME), interface=ANCHOR)
    laptop.hear(error(b"", 0, to=HOME), interface=ANCHOR)
    assert laptop.path == "testing"
    assert laptop.counters["error-ignored"] == 2
    laptop.home_test(home)
    laptop.hear(error(quoted, 6, to=HOME), interface=ANCHOR)
    assert laptop.path == "testing"


@pytest.mark.rfc("6275", "11.3.5", "no-entries")
def test_no_entry_is_made_by_an_error(laptop: Laptop) -> None:
    """Nobody was asked."""
    quoted = carried(bytes((59, 1, 1, 0, 0, 0, 0, 0)) + bytes(8), HOME).pack()
    laptop.hear(error(quoted, 6, to=HOME), interface=ANCHOR)
    assert laptop.node.status(0.0) == []


@given(st.binary(max_size=100), st.integers(0, 120))
def test_any_quotation_is_taken(about: bytes, pointer: int) -> None:
    """Whatever stands in it."""
    laptop = Laptop()
    laptop.exchange()
    laptop.hear(error(about, pointer))
    assert laptop.path == "testing"


# --- Binding Errors -------------------------------------------------------------------------------


def lost(laptop: Laptop, now: float, home: IPv6Address = HOME, to: IPv6Address = CARE_OF) -> list[Send6]:
    """Binding Error 1."""
    return laptop.hear(carried(binding_error(1, home), CORRESPONDENT, to), now)


@pytest.mark.rfc("6275", "11.3.6", "stranger")
def test_a_binding_error_from_a_stranger_is_ignored(laptop: Laptop) -> None:
    """And makes no entry."""
    assert lost(laptop, 0.0) == []
    assert laptop.counters["from-a-stranger"] == 1
    assert laptop.node.status(0.0) == []


@pytest.mark.rfc("6275", "11.3.6", "no-progress")
def test_a_lost_binding_means_the_tunnel_and_new_tests(laptop: Laptop) -> None:
    """The correspondent has restarted: its tokens are worth nothing either."""
    laptop.bind()
    assert kinds(lost(laptop, 20.0)) == [HOTI, COTI]
    assert (laptop.direct, laptop.path) == ([], "testing")
    assert laptop.received == [CARE_OF]  # it might be forged: what still comes directly is not lost
    assert laptop.counters["binding-lost"] == 1


@pytest.mark.rfc("6275", "11.3.6")
def test_while_packets_come_directly_no_error_is_believed(laptop: Laptop) -> None:
    """They would not come if it were true; two seconds after the last one it may be."""
    laptop.bind()
    laptop.exchange(5, 20.0, direct=2)
    for _ in range(1000):
        assert lost(laptop, 21.9) == []
    assert laptop.direct == [CARE_OF]
    assert laptop.counters["error-ignored"] == 1000
    laptop.exchange(5, 21.9, direct=0)
    lost(laptop, 22.0)
    assert laptop.direct == []


@pytest.mark.rfc("6275", "11.3.6")
def test_a_flood_of_errors_starts_one_procedure_in_ten_seconds(laptop: Laptop) -> None:
    """Every time the binding stands again somebody forges the next one."""
    laptop.bind()
    started = 0
    for tick in range(300):
        now = 20.0 + tick / 10
        laptop.exchange(1, now)
        said = lost(laptop, now) + [send for _, send in laptop.wait(now)]
        if kinds(said) == [HOTI, COTI]:
            started += 1
            laptop.home_test(said[0], now)
            [update] = laptop.care_of_test(said[1], now)
            laptop.acknowledge(update, now)
    assert started == 3


@pytest.mark.rfc("6275", "11.3.6")
def test_an_error_takes_nothing_but_its_own_entry(laptop: Laptop) -> None:
    """Other correspondents, another home address, another place of ours."""
    laptop.bind()
    lost(laptop, 20.0, home=IPv6Address("2001:db8:1::77"))
    lost(laptop, 20.0, to=OTHER_CARE_OF)
    assert laptop.direct == [CARE_OF]
    laptop.exchange(now=20.0, peer=STRANGER)
    laptop.hear(carried(binding_error(1, HOME), STRANGER, CARE_OF), 20.0)
    assert laptop.direct == [CARE_OF]


@pytest.mark.rfc("6275", "11.3.6", "unexpected")
@pytest.mark.rfc("6275", "11.3.6", "cease")
def test_an_unrecognised_type_counts_only_while_an_answer_is_expected(laptop: Laptop) -> None:
    """Then it means that it is not able."""
    laptop.bind()
    unknown = carried(binding_error(2, HOME), CORRESPONDENT, CARE_OF)
    laptop.hear(unknown, 5.0)
    assert laptop.direct == [CARE_OF]
    other = Laptop()
    other.exchange()
    other.hear(carried(binding_error(2, IPv6Address("::")), CORRESPONDENT, CARE_OF))
    assert other.path == "unable"


@pytest.mark.rfc("6275", "11.3.6")
def test_an_unrecognised_type_does_not_cost_what_still_comes_directly(laptop: Laptop) -> None:
    """Forged during a renewal: ignored while packets come directly, else they are taken until the binding ends."""
    unknown = carried(binding_error(2, HOME), CORRESPONDENT, CARE_OF)
    laptop.bind()
    laptop.exchange(1, 300.0)
    now, _ = laptop.next()
    laptop.exchange(1, now, direct=1)
    laptop.hear(unknown, now + 1.9)
    assert laptop.path == "direct"
    laptop.hear(unknown, now + 2.0)
    assert (laptop.path, laptop.direct, laptop.received) == ("unable", [], [CARE_OF])
    laptop.wait(420.0)
    assert laptop.received == []


# --- what others want of us -----------------------------------------------------------------------


@pytest.mark.rfc("6275", "9.2", "known-type")
def test_a_mobile_node_answers_an_unknown_type(laptop: Laptop) -> None:
    """With Binding Error 2, to whoever sent it to an address of ours."""
    [answer] = laptop.hear(carried(bytes((59, 0, 99, 0, 0, 0, 0, 0)), STRANGER, HOME), interface=ANCHOR)
    assert plain(answer.packet) == binding_error(2, IPv6Address("::"))
    assert (answer.packet.source, answer.signalling) == (HOME, False)
    assert laptop.hear(carried(bytes((59, 0, 99, 0, 0, 0, 0, 0)), STRANGER, OTHER_CARE_OF)) == []


@pytest.mark.parametrize("kind", [1, 2])
def test_who_takes_us_for_a_correspondent_is_told_that_we_are_none(laptop: Laptop, kind: int) -> None:
    """Parameter Problem, code 1, at the next header field: as from a host that knows no mobility header."""
    asked = carried(init(kind, bytes(8)), STRANGER, HOME)
    [answer] = laptop.hear(asked, interface=ANCHOR)
    assert answer.packet.payload[:2] == b"\4\1"
    assert answer.packet.payload[4:] == struct.pack("!I", 6) + asked.pack()


def test_the_field_is_the_options_own_behind_a_home_address(laptop: Laptop) -> None:
    """A Binding Update: its mobility header is named by the destination options."""
    header = update(1, bytes(20), CARE_OF, indices=(0, 0))
    asked = replace(carried(header, STRANGER, HOME), source=OTHER_CARE_OF, home_address=STRANGER)
    [answer] = laptop.hear(asked, interface=ANCHOR)
    quoted, place = answer.packet.payload[8:], struct.unpack("!I", answer.packet.payload[4:8])[0]
    assert (place, quoted[place]) == (40, 135)


# --- Binding Refresh Requests ---------------------------------------------------------------------


def refresh(laptop: Laptop, now: float) -> list[Send6]:
    """It comes to the home address, by the tunnel."""
    return laptop.hear(carried(REFRESH_REQUEST, CORRESPONDENT, HOME), now, ANCHOR)


@pytest.mark.rfc("6275", "11.7.4", "update")
def test_a_refresh_request_renews_a_binding_in_use(laptop: Laptop) -> None:
    """With good tokens the update goes at once, else tests do."""
    laptop.bind()
    laptop.exchange(now=50.0)
    assert kinds(refresh(laptop, 50.0)) == [UPDATE]
    other = Laptop()
    other.bind()
    other.exchange(now=300.0)
    assert kinds(refresh(other, 300.0)) == [HOTI, COTI]


@pytest.mark.rfc("6275", "11.7.4")
def test_refresh_requests_start_one_procedure_in_ten_seconds(laptop: Laptop) -> None:
    """However many are forged."""
    laptop.bind()
    updates = []
    for tick in range(300):
        now = 50.0 + tick / 10
        laptop.exchange(1, now)
        said = refresh(laptop, now)
        updates += said
        for each in said:
            laptop.acknowledge(each, now)
    assert kinds(updates) == [UPDATE] * 3


@pytest.mark.rfc("6275", "11.7.4")
def test_a_refresh_request_from_a_stranger_is_ignored(laptop: Laptop) -> None:
    """Neither without an entry, nor for one that has no binding or is not used."""
    assert refresh(laptop, 0.0) == []
    laptop.exchange()
    assert refresh(laptop, 0.5) == []
    other = Laptop()
    other.bind()
    assert refresh(other, 100.0) == []
    assert other.counters["refresh-ignored"] == 1
