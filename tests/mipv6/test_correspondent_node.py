"""The correspondent role, spoken to in bytes laid out by hand (RFC 6275 §5.2, §9)."""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import NEVER, Correspondence, LinksChanged, Send6, Timeout
from client.core.plan import ANCHOR, Anchor, Encapsulation, End, MobilityHeaders, Route, Table, Tunnel
from mipv6.correspondent_node import CorrespondentNode
from mipv6.correspondent_settings import CorrespondentSettings
from tests.mipv6.headers import CARE_OF, COOKIE, CORRESPONDENT, HOME, carried, checksum
from tests.mipv6.return_routability_by_hand import (
    LINK,
    OTHER_CARE_OF,
    authenticator,
    binding_error,
    dice,
    from_home_address,
    heard,
    init,
    key,
    links,
    plain,
    sent,
    update,
)

UPDATE_WITH_H = 0xC000
NO_ACKNOWLEDGEMENT = 0
SECOND_ADDRESS = IPv6Address("2001:db8:3::98")


@dataclass
class Host:
    """A correspondent, and a mobile node that speaks to it by hand."""

    settings: CorrespondentSettings = field(default_factory=CorrespondentSettings)
    registered: dict[IPv6Address, IPv6Address] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.node = CorrespondentNode(self.settings, dice(), self.registered.get)
        self.node.handle(LinksChanged(links(f"{CORRESPONDENT}/64", f"{SECOND_ADDRESS}/64")), 0.0)

    def hear(self, packet: IPv6Packet, now: float = 0.0) -> list[Send6]:
        """What it says to a packet."""
        return sent(self.node.handle(heard(packet), now))

    def token(self, address: IPv6Address, kind: int, now: float = 0.0) -> tuple[int, bytes]:
        """Nonce index and token of a home (1) or care-of (2) test."""
        [answer] = self.hear(carried(init(kind, COOKIE), address), now)
        header = answer.packet.payload
        assert (header[2], header[8:16]) == (kind + 2, COOKIE)
        return struct.unpack("!H", header[6:8])[0], header[16:24]

    def tokens(self, care_of: IPv6Address = CARE_OF, now: float = 0.0) -> tuple[tuple[int, int], bytes]:
        """Nonce indices and Kbm of both tests."""
        (home_index, home), (care_of_index, away) = self.token(HOME, 1, now), self.token(care_of, 2, now)
        return (home_index, care_of_index), key(home, away)

    def bind(
        self, sequence: int = 1, care_of: IPv6Address = CARE_OF, now: float = 0.0, units: int = 105
    ) -> list[Send6]:
        """The answer to a right Binding Update."""
        indices, kbm = self.tokens(care_of, now)
        header = update(sequence, kbm, care_of, indices=indices, units=units)
        return self.hear(from_home_address(header, care_of), now)

    @property
    def care_of(self) -> IPv6Address | None:
        """Where packets to the home address go."""
        tunnels = [item for item in self.node.plan() if isinstance(item, Tunnel) and item.sends]
        assert len(tunnels) < 2
        remote = tunnels[0].remote if tunnels else None
        assert not isinstance(remote, IPv4Address)
        return remote


@pytest.fixture
def host() -> Host:
    """A correspondent that nobody has spoken to."""
    return Host()


def status_of(send: Send6) -> int:
    """The status of a Binding Acknowledgement."""
    assert send.packet.payload[2] == 6
    return send.packet.payload[6]


def echo_request(source: IPv6Address, home: IPv6Address | None = None, next_header: int = NextHeader.TCP) -> IPv6Packet:
    """Some packet of a program's, with a home address option perhaps."""
    return IPv6Packet(
        source=source, destination=CORRESPONDENT, next_header=next_header, payload=bytes(20), home_address=home
    )


# --- return routability ---------------------------------------------------------------------------


@pytest.mark.rfc("6275", "9.4.1", "material")
@pytest.mark.rfc("6275", "9.4.1", "made-first")
@pytest.mark.rfc("6275", "5.2.5", "home-token")
@pytest.mark.rfc("6275", "5.2.5", "care-of-token")
def test_tokens_are_what_the_formula_says() -> None:
    """First (64, HMAC_SHA1 (Kcn, (address | nonce | 0 or 1))); here each draw of chance gives 80 00 00 00."""
    node = CorrespondentNode(CorrespondentSettings(), lambda: 0.5)
    node.handle(LinksChanged(links()), 0.0)
    node_key, nonce = bytes.fromhex("80000000" * 5), bytes.fromhex("80000000" * 2)
    [home_test] = sent(node.handle(heard(carried(init(1, COOKIE), HOME)), 0.0))
    [care_of_test] = sent(node.handle(heard(carried(init(2, COOKIE), CARE_OF)), 0.0))
    expected = hmac.new(node_key, HOME.packed + nonce + b"\0", "sha1").digest()[:8]
    assert home_test.packet.payload[16:24] == expected
    expected = hmac.new(node_key, CARE_OF.packed + nonce + b"\1", "sha1").digest()[:8]
    assert care_of_test.packet.payload[16:24] == expected


@pytest.mark.rfc("6275", "6.1", "past-bindings")
@pytest.mark.rfc("6275", "9.3.2", "mobility-messages")
@pytest.mark.rfc("6275", "9.4.3", "home-test")
def test_a_home_test_goes_to_the_home_address_with_the_cookie(host: Host) -> None:
    """Its source is the address that was asked; no routing header, whatever is bound."""
    host.bind()
    [answer] = host.hear(carried(init(1, COOKIE), HOME))
    assert answer.packet.payload[:4] == bytes((59, 2, 3, 0))
    assert answer.packet.payload[8:16] == COOKIE
    assert (answer.packet.source, answer.packet.destination) == (CORRESPONDENT, HOME)
    assert answer.packet.routing is None
    assert (answer.interface, answer.signalling) == (LINK, True)


@pytest.mark.rfc("6275", "9.4.4", "care-of-test")
def test_a_care_of_test_goes_to_the_care_of_address(host: Host) -> None:
    """With the token for that address."""
    [answer] = host.hear(carried(init(2, COOKIE), CARE_OF))
    assert answer.packet.payload[2] == 4
    assert answer.packet.destination == CARE_OF


@pytest.mark.rfc("6275", "9.4.1", "no-option")
@pytest.mark.rfc("6275", "9.4.1", "silent")
@pytest.mark.rfc("6275", "9.4.2", "no-option")
@pytest.mark.rfc("6275", "9.4.2", "silent")
@pytest.mark.parametrize("kind", [1, 2])
def test_a_test_init_with_a_home_address_option_is_ignored(host: Host, kind: int) -> None:
    """It would be answered to an address that was not shown to be its sender's."""
    assert host.hear(from_home_address(init(kind, COOKIE))) == []
    assert host.node.counters["test-ignored"] == 1


def test_tests_leave_nothing_behind(host: Host) -> None:
    """A flood of them costs no memory (threat T16): neither bindings, nor plan, nor timers."""
    for number in range(1000):
        host.hear(carried(init(1 + number % 2, COOKIE), IPv6Address(int(HOME) + number)), now=number / 10)
    assert list(host.node.bindings) == []
    assert host.node.plan() == (MobilityHeaders(),)
    assert host.node.deadline == NEVER


# --- Binding Updates: what is accepted ------------------------------------------------------------


@pytest.mark.rfc("6275", "9.5.2", "cache")
@pytest.mark.rfc("6275", "9.5.4", "asked")
@pytest.mark.rfc("6275", "9.5.4", "accepted")
@pytest.mark.rfc("6275", "9.5.4", "authorization-right")
@pytest.mark.rfc("6275", "9.5.4", "to-source")
@pytest.mark.rfc("6275", "9.5.4", "routing-header")
def test_an_update_with_both_tokens_is_bound_and_acknowledged(host: Host) -> None:
    """The acknowledgement, byte by byte: status 0, the sequence number, 105 units of 4 s, the authenticator."""
    indices, kbm = host.tokens()
    [answer] = host.hear(from_home_address(update(77, kbm, CARE_OF, indices=indices)))
    expected = bytes((59, 3, 6, 0, 0, 0, 0, 0)) + struct.pack("!HH", 77, 105) + bytes((1, 4, 0, 0, 0, 0, 5, 12))
    assert plain(answer.packet) == expected + authenticator(kbm, CARE_OF, expected)
    packet = answer.packet
    assert (packet.source, packet.destination, packet.routing) == (CORRESPONDENT, CARE_OF, HOME)
    assert host.care_of == CARE_OF


@pytest.mark.rfc("6275", "9.3.2", "routing-header")
def test_a_binding_is_a_route_into_the_anchor_and_a_direct_tunnel(host: Host) -> None:
    """By a type 2 routing header to the care-of address, from the address that the mobile node spoke to."""
    host.bind()
    assert host.node.plan() == (
        MobilityHeaders(),
        Anchor(mtu=1476),
        Tunnel(
            end=End.HOME,
            home_address=HOME,
            local=CORRESPONDENT,
            remote=CARE_OF,
            encapsulation=Encapsulation.DIRECT,
            interface=LINK,
        ),
        Route(destination=IPv6Network(HOME), interface=ANCHOR, source=CORRESPONDENT, table=Table.MAIN),
    )
    assert host.node.plan() is host.node.plan()


@pytest.mark.rfc("6275", "5.2.6", "alternate-key")
@pytest.mark.rfc("6275", "9.5.1", "alternate")
@pytest.mark.rfc("6275", "9.5.1", "care-of")
def test_the_alternate_care_of_address_is_the_one_that_counts(host: Host) -> None:
    """Its token, and the authenticator over it; the acknowledgement still goes to the source."""
    indices, kbm = host.tokens(OTHER_CARE_OF)
    header = update(1, kbm, OTHER_CARE_OF, indices=indices, alternate=OTHER_CARE_OF)
    [answer] = host.hear(from_home_address(header, CARE_OF))
    assert (status_of(answer), answer.packet.destination) == (0, CARE_OF)
    assert host.care_of == OTHER_CARE_OF


@pytest.mark.rfc("6275", "9.5.4", "not-asked")
def test_an_accepted_update_without_the_a_bit_is_not_acknowledged(host: Host) -> None:
    """It is bound all the same."""
    indices, kbm = host.tokens()
    header = update(1, kbm, CARE_OF, indices=indices, flags=NO_ACKNOWLEDGEMENT)
    assert host.hear(from_home_address(header)) == []
    assert host.care_of == CARE_OF


@pytest.mark.rfc("6275", "5.2.6", "lifetime")
@pytest.mark.rfc("6275", "9.5.2", "lifetime")
@pytest.mark.parametrize(("asked", "granted"), [(105, 105), (106, 105), (65535, 105), (25, 25)])
def test_a_binding_lasts_at_most_420_seconds_and_never_longer_than_asked(asked: int, granted: int) -> None:
    """In units of 4 s."""
    host = Host()
    [answer] = host.bind(units=asked)
    assert struct.unpack("!H", answer.packet.payload[10:12]) == (granted,)
    host.node.handle(Timeout(), granted * 4 - 0.1)
    assert host.care_of == CARE_OF


@pytest.mark.rfc("6275", "9.5.2", "expired")
@pytest.mark.rfc("6275", "9.6", "expired")
def test_a_binding_is_deleted_when_its_lifetime_ends(host: Host) -> None:
    """The machine asks to be woken for that."""
    host.bind()
    for _ in range(3):
        host.node.handle(Timeout(), host.node.deadline)
        if host.care_of is None:
            break
    assert host.care_of is None
    assert host.node.plan() == (MobilityHeaders(),)


@pytest.mark.rfc("6275", "9.1", "cache-per-address")
def test_each_own_address_has_its_own_bindings(host: Host) -> None:
    """A mobile node that has spoken to one of them is not bound at the other."""
    host.bind()
    to_other = replace(echo_request(CARE_OF, HOME), destination=SECOND_ADDRESS)
    [error] = host.hear(to_other)
    assert error.packet.payload[6] == 1


def test_after_a_move_packets_from_the_former_care_of_address_are_taken_for_a_moment(host: Host) -> None:
    """They were under way; nothing is sent there."""
    host.bind(1, CARE_OF, 0.0)
    host.bind(2, OTHER_CARE_OF, 10.0)
    former = [item for item in host.node.plan() if isinstance(item, Tunnel) and item.remote == CARE_OF]
    assert [(item.sends, item.receives) for item in former] == [(False, True)]
    assert host.hear(echo_request(CARE_OF, HOME), 11.9) == []
    assert host.care_of == OTHER_CARE_OF
    host.node.handle(Timeout(), 12.0)
    assert [item.remote for item in host.node.plan() if isinstance(item, Tunnel)] == [OTHER_CARE_OF]
    assert len(host.hear(echo_request(CARE_OF, HOME), 12.1)) == 1


# --- Binding Updates: what is refused -------------------------------------------------------------


@pytest.mark.rfc("6275", "9.5.1", "tokens")
@pytest.mark.rfc("6275", "9.5.1", "authorization-right")
@pytest.mark.rfc("6275", "9.5.1", "silent")
@pytest.mark.rfc("6275", "9.5.4", "discarded")
def test_a_forged_authenticator_is_dropped_in_silence_and_counted(host: Host) -> None:
    """By another key, over another address, or with a bit turned over."""
    indices, kbm = host.tokens()
    right = update(1, kbm, CARE_OF, indices=indices)
    forged = [
        update(1, bytes(20), CARE_OF, indices=indices),
        update(1, kbm, OTHER_CARE_OF, indices=indices),
        update(1, kbm, CARE_OF, indices=indices, correspondent=SECOND_ADDRESS),
        right[:-1] + bytes([right[-1] ^ 1]),
        right[:7] + bytes([right[7] ^ 1]) + right[8:],
    ]
    assert [host.hear(from_home_address(header)) for header in forged] == [[]] * 5
    assert host.node.counters["update-not-authorised"] == 5
    assert host.care_of is None


@pytest.mark.rfc("6275", "9.5.1", "tokens")
def test_nobody_binds_another_home_address_or_care_of_address(host: Host) -> None:
    """The tokens are made anew for the addresses in the packet."""
    indices, kbm = host.tokens()
    victim = IPv6Address("2001:db8:1::66")
    assert host.hear(from_home_address(update(1, kbm, CARE_OF, indices=indices), CARE_OF, victim)) == []
    header = update(1, kbm, OTHER_CARE_OF, indices=indices)
    assert host.hear(from_home_address(header, OTHER_CARE_OF)) == []
    assert list(host.node.bindings) == []


@pytest.mark.rfc("6275", "9.5.1", "nonce-indices")
@pytest.mark.rfc("6275", "9.5.1", "authorization")
def test_an_update_without_its_options_is_dropped(host: Host) -> None:
    """Neither nonce indices nor authorization data; one without the other."""
    host.tokens()
    bare = struct.pack("!BBBBHHHH", 59, 1, 5, 0, 0, 1, 0x8000, 105) + b"\1\2\0\0"
    indices_alone = struct.pack("!BBBBHHHH", 59, 2, 5, 0, 0, 1, 0x8000, 105) + b"\4\4\0\1\0\1" + b"\1\4\0\0\0\0"
    authorization_alone = struct.pack("!BBBBHHHH", 59, 3, 5, 0, 0, 1, 0x8000, 105) + b"\1\4\0\0\0\0\5\x0c" + bytes(12)
    for header in (bare, indices_alone, authorization_alone):
        assert host.hear(from_home_address(header)) == []
    assert host.node.counters["update-incomplete"] == 3


@pytest.mark.rfc("6275", "9.5.1", "last-option")
@pytest.mark.rfc("6275", "9.5.1", "no-padding")
def test_nothing_follows_the_authorization_data(host: Host) -> None:
    """Not even padding: eight bytes of it behind an option that is right by itself."""
    indices, kbm = host.tokens()
    options = struct.pack("!BBHH", 4, 4, *indices)
    header = struct.pack("!BBBBHHHH", 59, 4, 5, 0, 0, 1, 0x8000, 105) + options + b"\5\x0c"
    padded = header + authenticator(kbm, CARE_OF, header) + b"\1\6" + bytes(6)
    assert host.hear(from_home_address(padded)) == []
    assert host.node.counters["update-not-authorised"] == 1


@pytest.mark.rfc("6275", "9.5.1", "sequence-refused")
@pytest.mark.rfc("6275", "9.5.1", "modulo")
@pytest.mark.rfc("6275", "9.1", "modulo")
@pytest.mark.rfc("6275", "9.5.4", "authorization")
@pytest.mark.parametrize("sequence", [15, 14, 0, 32783, 65535])
def test_a_sequence_number_that_is_not_greater_is_refused_with_the_last_one(host: Host, sequence: int) -> None:
    """After 15: 0 to 15 and 32783 to 65535 (the RFC's own example); status 135, signed."""
    host.bind(15)
    indices, kbm = host.tokens(OTHER_CARE_OF)
    [answer] = host.hear(from_home_address(update(sequence, kbm, OTHER_CARE_OF, indices=indices), OTHER_CARE_OF))
    header = plain(answer.packet)
    assert (header[6], struct.unpack("!H", header[8:10])) == (135, (15,))
    assert header[-12:] == authenticator(kbm, OTHER_CARE_OF, header[:-12])
    assert host.care_of == CARE_OF


@pytest.mark.rfc("6275", "9.5.1", "modulo")
@pytest.mark.parametrize("sequence", [16, 32782])
def test_sequence_numbers_wrap_around(host: Host, sequence: int) -> None:
    """After 15, 16 to 32782 are greater."""
    host.bind(15)
    assert status_of(host.bind(sequence)[0]) == 0


@pytest.mark.rfc("6275", "9.5.1", "any-first-sequence")
@pytest.mark.parametrize("sequence", [0, 1, 40000, 65535])
def test_without_a_binding_any_sequence_number_will_do(sequence: int) -> None:
    """The mobile node begins where it likes."""
    assert status_of(Host().bind(sequence)[0]) == 0


@pytest.mark.rfc("6275", "9.5.1", "indices-recent")
@pytest.mark.rfc("6275", "9.5.1", "stale-nonces")
@pytest.mark.rfc("6275", "9.5.4", "no-authorization")
@pytest.mark.rfc("6275", "9.5.4", "refused")
@pytest.mark.parametrize(("stale", "status"), [((1, 0), 136), ((0, 1), 137), ((1, 1), 138)])
def test_unknown_nonce_indices_are_told_unsigned(host: Host, stale: tuple[int, int], status: int) -> None:
    """136, 137, 138 for the home, the care-of, or both indices; sixteen bytes, without the A bit, too."""
    indices, kbm = host.tokens()
    wrong = (indices[0] ^ stale[0] * 0x5555, indices[1] ^ stale[1] * 0x5555)
    header = update(9, kbm, CARE_OF, indices=wrong, flags=NO_ACKNOWLEDGEMENT)
    [answer] = host.hear(from_home_address(header))
    expected = bytes((59, 1, 6, 0, 0, 0, status, 0)) + struct.pack("!HH", 9, 0) + b"\1\2\0\0"
    assert plain(answer.packet) == expected


@pytest.mark.rfc("6275", "5.2.7", "nonce-lifetime")
@pytest.mark.parametrize(("age", "status"), [(239.9, 0), (240.0, 138)])
def test_a_nonce_is_good_for_240_seconds_after_its_first_use(host: Host, age: float, status: int) -> None:
    """MAX_NONCE_LIFETIME; before that a token holds for at least MAX_TOKEN_LIFETIME, 210 s."""
    indices, kbm = host.tokens(now=100.0)
    for moment in range(110, 340, 10):
        host.token(OTHER_CARE_OF, 2, float(moment))
    [answer] = host.hear(from_home_address(update(1, kbm, CARE_OF, indices=indices)), 100.0 + age)
    assert status_of(answer) == status


@pytest.mark.rfc("6275", "5.2.7", "token-honoured")
def test_a_token_holds_for_210_seconds_whenever_it_was_given(host: Host) -> None:
    """A new nonce every 30 s of use; the last token of one is as good as the first."""
    host.tokens(now=0.0)
    indices, kbm = host.tokens(now=29.9)
    assert host.token(HOME, 1, 30.0)[0] != indices[0]
    [answer] = host.hear(from_home_address(update(1, kbm, CARE_OF, indices=indices)), 29.9 + 210)
    assert status_of(answer) == 0


@pytest.mark.rfc("6275", "9.5.1", "type-kept")
@pytest.mark.rfc("6275", "9.5.1", "type-change")
def test_a_binding_is_not_made_where_the_home_agent_has_one(host: Host) -> None:
    """Status 139, signed; the home registration stays what it is."""
    host.registered[HOME] = CARE_OF
    [answer] = host.bind()
    assert status_of(answer) == 139
    assert list(host.node.bindings) == []


@pytest.mark.rfc("6275", "9.1", "not-deleted")
@pytest.mark.rfc("6275", "9.5.2", "full")
def test_when_the_cache_is_full_newcomers_are_refused() -> None:
    """Status 130, signed; those who are there may move."""
    host = Host(CorrespondentSettings(capacity=1))
    host.bind(1)
    other = IPv6Address("2001:db8:1::24")
    (home_index, home), (care_of_index, away) = host.token(other, 1), host.token(CARE_OF, 2)
    header = update(1, key(home, away), CARE_OF, indices=(home_index, care_of_index))
    [answer] = host.hear(from_home_address(header, CARE_OF, other))
    assert status_of(answer) == 130
    assert status_of(host.bind(2, OTHER_CARE_OF)[0]) == 0


@pytest.mark.rfc("6275", "6.1.7")
@pytest.mark.rfc("6275", "9.5.1", "home-address")
@pytest.mark.parametrize("care_of", ["fe80::7", "ff02::1", "::", "::1"])
def test_a_care_of_address_that_cannot_be_routed_is_dropped(host: Host, care_of: str) -> None:
    """Even with a token, which nobody gets for it."""
    indices, kbm = host.tokens()
    address = IPv6Address(care_of)
    header = update(1, kbm, address, indices=indices, alternate=address)
    assert host.hear(from_home_address(header)) == []
    assert host.node.counters["update-not-routable"] == 1


@pytest.mark.rfc("6275", "9.5.4", "not-unicast")
@pytest.mark.rfc("6275", "9.5.4", "not-unicast-dropped")
@pytest.mark.parametrize("source", ["fe80::7", "ff02::1", "::"])
def test_an_update_from_a_source_that_cannot_be_routed_is_dropped(host: Host, source: str) -> None:
    """Although its alternate care-of address is right: the answer would go there."""
    indices, kbm = host.tokens()
    header = update(1, kbm, CARE_OF, indices=indices, alternate=CARE_OF)
    assert host.hear(from_home_address(header, IPv6Address(source))) == []
    assert host.care_of is None


def test_nobody_binds_a_home_address_to_ourselves(host: Host) -> None:
    """Packets would go in a circle; status 174."""
    assert status_of(host.bind(1, CORRESPONDENT)[0]) == 174


@pytest.mark.rfc("6275", "10.3.1", "not-home-agent")
def test_who_takes_us_for_a_home_agent_is_told(host: Host) -> None:
    """Status 131: home registration not supported."""
    header = struct.pack("!BBBBHHHH", 59, 1, 5, 0, 0, 5, UPDATE_WITH_H, 105) + b"\1\2\0\0"
    [answer] = host.hear(from_home_address(header))
    assert status_of(answer) == 131


# --- deletion -------------------------------------------------------------------------------------


def deletion(host: Host, sequence: int, now: float = 0.0) -> bytes:
    """Kbm = SHA-1(home keygen token), over the home address, lifetime 0, care-of index of no meaning."""
    index, token = host.token(HOME, 1, now)
    return update(sequence, key(token), HOME, indices=(index, 0), units=0)


@pytest.mark.rfc("6275", "9.5.1", "home")
@pytest.mark.rfc("6275", "9.5.3", "delete")
@pytest.mark.rfc("6275", "9.5.1", "deletion-care-of-index")
@pytest.mark.rfc("6275", "9.5.4", "to-home")
@pytest.mark.rfc("6275", "9.5.4", "no-routing-header")
def test_a_deletion_from_home_needs_the_home_token_alone(host: Host) -> None:
    """It comes from the home address itself; so does its answer go there, without a routing header."""
    host.bind(1)
    header = deletion(host, 2)
    [answer] = host.hear(carried(header, HOME))
    assert (status_of(answer), answer.packet.destination, answer.packet.routing) == (0, HOME, None)
    assert host.care_of is None


@pytest.mark.rfc("6275", "9.5.3", "delete")
def test_a_deletion_from_abroad_is_told_to_the_care_of_address(host: Host) -> None:
    """With a home address option there, and a routing header back; the key is the same."""
    host.bind(1)
    [answer] = host.hear(from_home_address(deletion(host, 2)))
    assert (answer.packet.destination, answer.packet.routing) == (CARE_OF, HOME)
    assert host.care_of is None


@pytest.mark.rfc("6275", "9.5.3", "not-created")
def test_a_deletion_of_nothing_leaves_nothing(host: Host) -> None:
    """It is acknowledged."""
    [answer] = host.hear(carried(deletion(host, 2), HOME))
    assert status_of(answer) == 0
    assert host.node.deadline == NEVER


@pytest.mark.rfc("6275", "9.5.1", "deletion-index")
def test_a_deletion_needs_a_home_nonce_that_is_known(host: Host) -> None:
    """Status 136."""
    host.bind(1)
    header = update(2, key(bytes(8)), HOME, indices=(0, 0), units=0)
    assert status_of(host.hear(carried(header, HOME))[0]) == 136
    assert host.care_of == CARE_OF


def test_a_key_for_deletion_binds_nothing(host: Host) -> None:
    """And one for a binding deletes nothing."""
    host.bind(1)
    index, token = host.token(HOME, 1)
    assert host.hear(from_home_address(update(2, key(token), CARE_OF, indices=(index, index)))) == []
    indices, kbm = host.tokens()
    assert host.hear(from_home_address(update(3, kbm, HOME, indices=indices, units=0))) == []
    assert host.care_of == CARE_OF


@pytest.mark.rfc("6275", "9.5.3", "nonces-spent")
@pytest.mark.rfc("6275", "5.2.8", "sequence-kept")
@pytest.mark.rfc("6275", "9.6", "replay")
def test_a_recorded_update_is_worth_nothing_after_the_deletion(host: Host) -> None:
    """Its sequence number is remembered for as long as its nonces are good; then these are unknown."""
    indices, kbm = host.tokens()
    recorded = from_home_address(update(1, kbm, CARE_OF, indices=indices))
    host.hear(recorded)
    host.hear(carried(deletion(host, 2), HOME))
    assert status_of(host.hear(recorded, 1.0)[0]) == 135
    assert status_of(host.hear(recorded, 239.0)[0]) == 135
    assert status_of(host.hear(recorded, 241.0)[0]) == 138
    assert host.care_of is None


@pytest.mark.rfc("6275", "5.2.8", "sequence-kept")
def test_a_recorded_update_is_worth_nothing_after_the_end_of_a_short_binding(host: Host) -> None:
    """A binding of 8 s ends while its nonces are still good."""
    indices, kbm = host.tokens()
    recorded = from_home_address(update(1, kbm, CARE_OF, indices=indices, units=2))
    host.hear(recorded)
    host.node.handle(Timeout(), 9.0)
    assert host.care_of is None
    assert status_of(host.hear(recorded, 9.0)[0]) == 135


def test_what_is_remembered_of_a_deleted_binding_ends(host: Host) -> None:
    """Nothing is kept for ever."""
    host.bind(1)
    host.hear(carried(deletion(host, 2), HOME))
    for _ in range(5):
        host.node.handle(Timeout(), min(host.node.deadline, 1000.0))
    assert host.node.deadline == NEVER


# --- home address options -------------------------------------------------------------------------


@pytest.mark.rfc("6275", "5.5", "option-limited")
@pytest.mark.rfc("6275", "9.3.1", "binding-needed")
@pytest.mark.rfc("6275", "9.3.1", "error")
@pytest.mark.rfc("6275", "9.3.3", "home-address")
def test_a_home_address_without_a_binding_is_answered_with_an_error(host: Host) -> None:
    """Binding Error 1 to the source as it was on the wire, with the home address of the option."""
    [error] = host.hear(echo_request(CARE_OF, HOME))
    assert plain(error.packet) == binding_error(1, HOME)
    assert (error.packet.source, error.packet.destination) == (CORRESPONDENT, CARE_OF)
    assert error.packet.home_address is None
    assert error.packet.routing is None


@pytest.mark.rfc("6275", "9.3.1", "care-of-source")
def test_a_bound_home_address_must_come_from_its_care_of_address(host: Host) -> None:
    """Or from where it was bound a moment ago."""
    host.bind()
    assert host.hear(echo_request(CARE_OF, HOME)) == []
    assert len(host.hear(echo_request(OTHER_CARE_OF, HOME))) == 1
    assert host.node.counters["unknown-binding"] == 1


@pytest.mark.rfc("6275", "9.3.1", "protected-headers")
@pytest.mark.parametrize("next_header", [50, 51])
def test_before_esp_and_ah_the_option_needs_no_binding(host: Host, next_header: int) -> None:
    """Nor before a mobility header, as every first Binding Update shows."""
    assert host.hear(echo_request(CARE_OF, HOME, next_header)) == []


@pytest.mark.rfc("6275", "9.3.1", "unicast")
@pytest.mark.parametrize("home", ["ff0e::1", "fe80::1", "::"])
def test_a_home_address_that_cannot_be_routed_is_refused_before_anything_else(host: Host, home: str) -> None:
    """Even before a mobility header."""
    header = carried(init(1, COOKIE), CARE_OF)
    [error] = host.hear(replace(header, home_address=IPv6Address(home)))
    assert plain(error.packet) == binding_error(1, IPv6Address(home))


def test_a_home_registration_is_a_binding_for_its_node(host: Host) -> None:
    """The home agent on this host bound it."""
    host.registered[HOME] = CARE_OF
    assert host.hear(echo_request(CARE_OF, HOME)) == []
    assert len(host.hear(echo_request(OTHER_CARE_OF, HOME))) == 1


@pytest.mark.rfc("6275", "9.1", "option-changes-nothing")
def test_a_home_address_option_changes_no_binding(host: Host) -> None:
    """Only Binding Updates do."""
    host.bind()
    before = host.node.plan()
    host.hear(echo_request(OTHER_CARE_OF, HOME))
    assert host.node.plan() is before


@pytest.mark.rfc("6275", "9.3.3", "unicast")
@pytest.mark.parametrize("source", ["ff02::1", "::"])
def test_no_error_goes_to_an_address_that_is_not_of_one_node(host: Host, source: str) -> None:
    """Nor for a packet that was sent to a group."""
    assert host.hear(echo_request(IPv6Address(source), HOME)) == []
    to_all = replace(echo_request(CARE_OF, HOME), destination=IPv6Address("ff02::1"))
    assert host.hear(to_all) == []


@pytest.mark.rfc("6275", "9.3.3", "rate")
def test_errors_are_limited_in_rate_for_each_network(host: Host) -> None:
    """Twenty a second to one /64; another one is not kept waiting."""
    told = [host.hear(echo_request(IPv6Address(int(CARE_OF) + number), HOME)) for number in range(100)]
    assert sum(map(len, told)) == 20
    assert len(host.hear(echo_request(OTHER_CARE_OF, HOME))) == 1
    assert sum(len(host.hear(echo_request(CARE_OF, HOME), 1.0)) for _ in range(100)) == 20


def test_a_flood_from_invented_networks_has_an_end(host: Host) -> None:
    """Two hundred errors a second in all, and bounded memory (threat T17)."""
    sources = [IPv6Address((0x2001 << 112) + (number << 64)) for number in range(5000)]
    assert sum(len(host.hear(echo_request(source, HOME))) for source in sources) == 200


# --- mobility headers that we cannot read ---------------------------------------------------------


@pytest.mark.rfc("6275", "9.2", "known-type")
def test_an_unknown_type_is_answered_with_binding_error_2(host: Host) -> None:
    """The home address is that of the option, or none."""
    [error] = host.hear(carried(bytes((59, 0, 200, 0, 0, 0, 0, 0))))
    assert plain(error.packet) == binding_error(2, IPv6Address("::"))
    [error] = host.hear(from_home_address(bytes((59, 0, 200, 0, 0, 0, 0, 0))))
    assert plain(error.packet) == binding_error(2, HOME)


@pytest.mark.rfc("6275", "9.2", "payload-proto")
@pytest.mark.rfc("6275", "9.2", "payload-proto-told")
@pytest.mark.rfc("6275", "9.2", "payload-proto-pointer")
@pytest.mark.rfc("6275", "9.2", "header-length")
@pytest.mark.rfc("6275", "9.2", "header-length-told")
@pytest.mark.rfc("6275", "9.2", "header-length-pointer")
@pytest.mark.parametrize(("header", "pointer"), [(init(1, COOKIE), 40), (bytes((59, 0, 1, 0, 0, 0, 0, 0)), 41)])
def test_a_wrong_field_is_pointed_out(host: Host, header: bytes, pointer: int) -> None:
    """Parameter Problem, code 0, with the packet; its checksum recomputed by scapy."""
    packet = carried(b"\x06" + header[1:] if pointer == 40 else header)
    [problem] = host.hear(packet)
    body = problem.packet.payload
    assert problem.packet.next_header == NextHeader.ICMPV6
    assert body[:2] == b"\4\0"
    assert body[2:4] == checksum(body[:2] + bytes(2) + body[4:], CORRESPONDENT, CARE_OF, NextHeader.ICMPV6)
    assert struct.unpack("!I", body[4:8]) == (pointer,)
    assert body[8:] == packet.pack()


@pytest.mark.rfc("6275", "9.2", "checksum")
def test_a_wrong_checksum_is_dropped_in_silence(host: Host) -> None:
    """And counted."""
    right = carried(init(1, COOKIE), HOME)
    assert host.hear(replace(right, payload=right.payload[:-1] + b"\0")) == []
    assert host.node.counters["malformed"] == 1


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_taken(payload: bytes, named: bool) -> None:
    """Whatever comes, it comes to nothing worse than an error."""
    host = Host()
    packet = IPv6Packet(
        source=CARE_OF,
        destination=CORRESPONDENT,
        next_header=NextHeader.MOBILITY,
        payload=payload,
        home_address=HOME if named else None,
    )
    assert len(host.hear(packet)) <= 1
    assert list(host.node.bindings) == []


# --- whom it concerns, and what becomes of bindings -------------------------------------------------


def test_what_is_not_for_an_address_of_ours_is_left_alone(host: Host) -> None:
    """Addresses of others, and what a routing header brought here."""
    other = IPv6Address("2001:db8:3::1")
    assert host.hear(replace(carried(init(1, COOKIE), HOME, other))) == []
    assert host.hear(replace(carried(init(1, COOKIE), HOME), routing=CORRESPONDENT)) == []


@pytest.mark.rfc("6275", "9.5.5", "stop")
def test_a_binding_in_use_is_asked_about_before_it_ends(host: Host) -> None:
    """To the home address, 20 s before the end, three times 5 s apart, until an update comes."""
    host.bind()
    host.node.handle(Correspondence({HOME: 7}), 395.0)
    asked = []
    while host.node.deadline < 419.0:
        now = host.node.deadline
        asked += [(now, send.packet) for send in sent(host.node.handle(Timeout(), now))]
    assert [now for now, _ in asked] == [400.0, 405.0, 410.0]
    assert {plain(packet) for _, packet in asked} == {bytes((59, 0, 0, 0, 0, 0, 0, 0))}
    assert {(packet.destination, packet.routing) for _, packet in asked} == {(HOME, None)}


@pytest.mark.rfc("6275", "9.5.5", "stop")
def test_an_update_ends_the_questions(host: Host) -> None:
    """The next ones come before the new end."""
    host.bind()
    host.node.handle(Correspondence({HOME: 7}), 395.0)
    assert len(host.node.handle(Timeout(), 400.0)) == 1
    host.bind(2, now=401.0)
    assert host.node.handle(Timeout(), 405.0) == []


@pytest.mark.rfc("6275", "9.5.5", "stop")
def test_an_update_that_is_refused_ends_the_questions_too(host: Host) -> None:
    """The mobile node has heard them."""
    host.bind()
    host.node.handle(Correspondence({HOME: 7}), 395.0)
    assert len(host.node.handle(Timeout(), 400.0)) == 1
    header = update(2, bytes(20), CARE_OF, indices=(0, 0))
    assert status_of(host.hear(from_home_address(header), 401.0)[0]) == 138
    assert host.node.handle(Timeout(), 405.0) == []


def test_a_binding_that_nobody_uses_is_not_asked_about(host: Host) -> None:
    """It may end."""
    host.bind()
    host.node.handle(Correspondence({HOME: 7}), 300.0)
    assert host.node.handle(Timeout(), 400.0) == []


def unreachable(source: IPv6Address = OTHER_CARE_OF) -> IPv6Packet:
    """Destination Unreachable about a packet that went by the binding: behind its header the routing header."""
    quoted = bytes((0x60, 0, 0, 0, 0, 44, 43, 64)) + CORRESPONDENT.packed + CARE_OF.packed
    quoted += bytes((6, 2, 2, 1, 0, 0, 0, 0)) + HOME.packed + bytes(20)
    body = bytes((1, 3, 0, 0, 0, 0, 0, 0)) + quoted
    body = body[:2] + checksum(body, source, CORRESPONDENT, NextHeader.ICMPV6) + body[4:]
    return IPv6Packet(source=source, destination=CORRESPONDENT, next_header=NextHeader.ICMPV6, payload=body)


@pytest.mark.rfc("6275", "9.3.4", "unreachable")
def test_a_binding_that_leads_nowhere_for_long_is_deleted(host: Host) -> None:
    """Five errors through ten seconds at least."""
    host.bind()
    led_to = []
    for moment in (3.0, 4.0, 5.0, 6.0, 12.9, 13.0):
        host.hear(unreachable(), moment)
        led_to.append(host.care_of)
    assert led_to == [*[CARE_OF] * 5, None]
    assert host.node.counters["unreachable"] == 1


def test_errors_about_a_former_binding_count_no_more(host: Host) -> None:
    """The mobile node has moved meanwhile."""
    host.bind()
    for moment in (3.0, 4.0, 5.0, 6.0):
        host.hear(unreachable(), moment)
    host.bind(2, OTHER_CARE_OF, 7.0)
    host.bind(3, CARE_OF, 8.0)
    host.hear(unreachable(), 20.0)
    assert host.care_of == CARE_OF


def test_bindings_of_an_address_that_we_lost_are_not_in_the_plan(host: Host) -> None:
    """They are when it is back; by the link that leads to the care-of address then."""
    host.bind()
    host.node.handle(LinksChanged(links(f"{SECOND_ADDRESS}/64")), 1.0)
    assert host.node.plan() == (MobilityHeaders(),)
    host.node.handle(LinksChanged(links(index=7)), 2.0)
    assert [item.interface for item in host.node.plan() if isinstance(item, Tunnel)] == [7]
