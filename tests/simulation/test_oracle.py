"""The oracle sees what is wrong: each rule is broken once by hand, and once kept by a hair."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from client.core.machine import Machine
from client.core.plan import End, Neighbour, Tunnel
from tests.simulation.home_rules import HomeRules
from tests.simulation.host import Host
from tests.simulation.journal import Journal, Violation
from tests.simulation.mobile_rules import MobileRules
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.topology import HOME_ADDRESS, HOME_AGENT
from tests.simulation.wall import TRUE_START, Clocks
from tests.simulation.wire import NTP_TO_UNIX, Datagram, Key, read_datagram, read_request

HOME = HOME_ADDRESS.ip.packed
AGENT = HOME_AGENT.packed
CARE_OF = bytes((10, 31, 0, 100))
KEY = Key(256, b"0123456789abcdef")
OTHER_CARE_OF = bytes((10, 32, 0, 100))
WRONG = Key(256, b"fedcba9876543210")


def stamp(seconds: float) -> int:
    """The identification of a virtual time."""
    return int((TRUE_START + seconds + NTP_TO_UNIX) * 2**32)


def signed(body: bytes, key: Key) -> Datagram:
    """By hand, as RFC 5944 §3.5.2 draws it."""
    covered = body + struct.pack("!BBI", 32, 20, key.spi)
    return Datagram(CARE_OF, AGENT, covered + hmac.new(key.value, covered, hashlib.md5).digest())


def request(at: float, *, key: Key = KEY, lifetime: int = 60, flags: int = 0x20, care_of: bytes = CARE_OF) -> Datagram:
    """A Registration Request."""
    return signed(struct.pack("!BBH4s4s4sQ", 1, flags, lifetime, HOME, AGENT, care_of, stamp(at)), key)


def reply(at: float, *, code: int = 0, key: Key = KEY, lifetime: int = 60) -> Datagram:
    """A Registration Reply."""
    return signed(struct.pack("!BBH4s4sQ", 3, code, lifetime, HOME, AGENT, stamp(at)), key)


def udp_reply(at: float) -> Datagram:
    """An acceptance whose extension 44 assents to UDP (RFC 3519 §3.2)."""
    fixed = struct.pack("!BBH4s4sQ", 3, 0, 60, HOME, AGENT, stamp(at))
    return signed(fixed + struct.pack("!BBBBHH", 44, 6, 0, 0, 0, 0), KEY)


@dataclass
class Bench:
    """Both rule books on a clock that the test moves."""

    timeline: Timeline
    journal: Journal
    home: HomeRules
    mobile: MobileRules
    process: Process

    def agree(self, at: float, lifetime: int = 60) -> None:
        """A request and its acceptance, all in order."""
        self.timeline.now = at
        self.mobile.sent(request(at, lifetime=lifetime), 64)
        self.home.heard(request(at, lifetime=lifetime), self.wall)
        self.home.sent(reply(at, lifetime=lifetime), self.wall)
        self.mobile.heard(reply(at, lifetime=lifetime))

    @property
    def wall(self) -> float:
        """The true time of day."""
        return TRUE_START + self.timeline.now


@pytest.fixture(name="bench")
def make_bench() -> Bench:
    """Nothing has happened yet."""
    timeline = Timeline()
    journal = Journal(lambda: timeline.now)
    home = HomeRules(HOME, (KEY,), timeline, journal)
    mobile = MobileRules(HOME, (KEY,), timeline, journal, home.expiry_of)

    def build(memory: bytes) -> Machine:
        raise AssertionError(memory)

    process = Process(Host("any", timeline), timeline, Clocks(timeline), journal, build)
    return Bench(timeline, journal, home, mobile, process)


def tunnel(end: End, *, sends: bool = True, care_of: bytes = CARE_OF, copy: int = 0) -> Tunnel:
    """To or from the care-of address."""
    own, other = HOME_AGENT, type(HOME_AGENT)(care_of)
    local, remote = (own, other) if end is End.HOME else (other, own)
    return Tunnel(end=end, home_address=HOME_ADDRESS.ip, local=local, remote=remote, sends=sends, copy=copy)


def side_by_side(bench: Bench, *, code: int = 0) -> None:
    """A second care-of address, asked for with the S bit."""
    bench.agree(1.0)
    bench.timeline.now = 3.0
    bench.home.heard(request(3.0, flags=0xA0, care_of=OTHER_CARE_OF), bench.wall)
    bench.home.sent(reply(3.0, code=code), bench.wall)


def test_an_orderly_life_breaks_nothing(bench: Bench) -> None:
    """Two registrations, both ends hold their tunnels, renewal in time."""
    for at in (10.0, 50.0):
        bench.agree(at)
        bench.home.planned(bench.process, (tunnel(End.HOME),))
        bench.mobile.planned(bench.process, (tunnel(End.MOBILE),))
    assert min(bench.journal.checks[rule] for rule in ("I1", "I2", "I3", "I4", "I5")) > 0


def _wrong_key(bench: Bench) -> None:
    bench.home.heard(request(1.0, key=WRONG), bench.wall)
    bench.home.sent(reply(1.0), bench.wall)


def _unsigned_acceptance(bench: Bench) -> None:
    bench.home.heard(request(1.0), bench.wall)
    bench.home.sent(reply(1.0, key=WRONG), bench.wall)


def _never_asked(bench: Bench) -> None:
    bench.home.sent(reply(1.0), bench.wall)


def _tunnel_without_binding(bench: Bench) -> None:
    bench.home.planned(bench.process, (tunnel(End.HOME),))


def _tunnel_without_agreement(bench: Bench) -> None:
    bench.mobile.planned(bench.process, (tunnel(End.MOBILE),))


def _ahead_of_the_first_binding(bench: Bench) -> None:
    bench.mobile.sent(request(1.0, flags=0x22), 64)
    bench.mobile.planned(bench.process, (tunnel(End.MOBILE),))


def _ahead_without_asking_for_a_reverse_tunnel(bench: Bench) -> None:
    bench.agree(1.0)
    bench.timeline.now = 3.0
    bench.mobile.sent(request(3.0, care_of=OTHER_CARE_OF), 64)
    bench.mobile.planned(bench.process, (tunnel(End.MOBILE, care_of=OTHER_CARE_OF),))


def _ahead_of_a_binding_that_ended(bench: Bench) -> None:
    bench.agree(1.0)
    bench.timeline.now = 62.0
    bench.mobile.sent(request(62.0, flags=0x22, care_of=OTHER_CARE_OF), 64)
    bench.mobile.planned(bench.process, (tunnel(End.MOBILE, care_of=OTHER_CARE_OF),))


def _agent_without_agreement(bench: Bench) -> None:
    bench.agree(1.0)  # co-located: it says nothing about an agent
    bench.mobile.planned(bench.process, (Neighbour(interface=2, address=HOME_AGENT, link_layer_address=b"agent!"),))


def _no_first_copy(bench: Bench) -> None:
    bench.agree(1.0)
    bench.home.planned(bench.process, (tunnel(End.HOME, copy=1),))


def _two_after_code_1(bench: Bench) -> None:
    side_by_side(bench, code=1)
    bench.home.planned(bench.process, (tunnel(End.HOME), tunnel(End.HOME, care_of=OTHER_CARE_OF, copy=1)))


def _udp_to_the_care_of_address(bench: Bench) -> None:
    behind_nat = request(1.0, care_of=OTHER_CARE_OF)  # its source is another address
    bench.home.heard(behind_nat, bench.wall)
    bench.home.sent(udp_reply(1.0), bench.wall)
    bench.home.planned(bench.process, (tunnel(End.HOME),))
    bench.home.planned(bench.process, (tunnel(End.HOME, care_of=OTHER_CARE_OF),))


def _takes_from_the_past(bench: Bench) -> None:
    bench.agree(1.0)
    bench.timeline.now = 5.0
    bench.home.heard(request(5.0, lifetime=0, care_of=HOME), bench.wall)
    bench.home.sent(reply(5.0, lifetime=0), bench.wall)
    bench.timeline.now = 8.0
    bench.home.planned(bench.process, (tunnel(End.HOME, sends=False),))


def _accepted_twice(bench: Bench) -> None:
    bench.agree(1.0)
    bench.agree(3.0)
    bench.home.heard(request(1.0), bench.wall)
    bench.home.sent(reply(1.0), bench.wall)


def _accepted_stale(bench: Bench) -> None:
    bench.timeline.now = 10.0
    bench.home.heard(request(1.0), bench.wall)
    bench.home.sent(reply(1.0), bench.wall)


def _accepted_out_of_order(bench: Bench) -> None:
    bench.agree(3.0)
    bench.home.heard(request(2.0), bench.wall)
    bench.home.sent(reply(2.0), bench.wall)


def _sent_out_of_order(bench: Bench) -> None:
    bench.agree(1.0)
    bench.timeline.now = 5.0
    bench.mobile.sent(request(0.5), 64)


def _mismatch_that_echoes_nobody(bench: Bench) -> None:
    bench.home.sent(reply(0.3, code=133), bench.wall)


def _mismatch_that_lies(bench: Bench) -> None:
    bench.home.heard(request(-60.0), bench.wall)
    bench.home.sent(reply(-60.0, code=133), bench.wall)


def _too_soon(bench: Bench) -> None:
    bench.agree(1.0)
    bench.timeline.now = 1.9
    bench.mobile.sent(request(1.9), 64)


def _three_in_a_second(bench: Bench) -> None:
    for at in (1.0, 1.1, 1.2):
        bench.timeline.now = at
        bench.mobile.moved()
        bench.mobile.sent(request(at), 64)


def _granted_more(bench: Bench) -> None:
    bench.home.heard(request(0.1, lifetime=60), bench.wall)
    bench.home.sent(reply(0.1, lifetime=61), bench.wall)


def _kept_too_long(bench: Bench) -> None:
    bench.agree(1.0)
    bench.timeline.now = 61.5
    bench.home.planned(bench.process, (tunnel(End.HOME),))


def _used_too_long(bench: Bench) -> None:
    bench.agree(1.0)
    bench.timeline.now = 61.5
    bench.mobile.planned(bench.process, (tunnel(End.MOBILE),))


def _low_ttl(bench: Bench) -> None:
    through_agent = Datagram(CARE_OF, CARE_OF, request(1.0, flags=0x22).payload)
    bench.mobile.sent(through_agent, 64)


BROKEN: list[tuple[str, Callable[[Bench], None]]] = [
    ("I1", _wrong_key),
    ("I1", _unsigned_acceptance),
    ("I1", _never_asked),
    ("I1", _tunnel_without_binding),
    ("I1", _tunnel_without_agreement),
    ("I1", _ahead_of_the_first_binding),
    ("I1", _ahead_without_asking_for_a_reverse_tunnel),
    ("I1", _ahead_of_a_binding_that_ended),
    ("I1", _agent_without_agreement),
    ("I1", _takes_from_the_past),
    ("I1", _no_first_copy),
    ("I1", _two_after_code_1),
    ("I1", _udp_to_the_care_of_address),
    ("I2", _accepted_twice),
    ("I2", _accepted_stale),
    ("I3", _accepted_out_of_order),
    ("I3", _sent_out_of_order),
    ("I3", _mismatch_that_echoes_nobody),
    ("I3", _mismatch_that_lies),
    ("I4", _too_soon),
    ("I4", _three_in_a_second),
    ("I5", _granted_more),
    ("I5", _kept_too_long),
    ("I5", _used_too_long),
    ("TTL", _low_ttl),
]


@pytest.mark.parametrize(("rule", "misdeed"), BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_each_broken_rule_is_seen(bench: Bench, rule: str, misdeed: Callable[[Bench], None]) -> None:
    """And named."""
    with pytest.raises(Violation) as caught:
        misdeed(bench)
    assert caught.value.rule == rule


def test_the_s_bit_keeps_both_and_one_goes_by_its_name(bench: Bench) -> None:
    """RFC 5944 §3.8.2.2."""
    side_by_side(bench)
    both = (tunnel(End.HOME), tunnel(End.HOME, care_of=OTHER_CARE_OF, copy=1))
    bench.home.planned(bench.process, both)
    bench.home.heard(request(4.0, lifetime=0), bench.wall)
    bench.home.sent(reply(4.0, lifetime=0), bench.wall)
    bench.home.planned(bench.process, (tunnel(End.HOME, care_of=OTHER_CARE_OF),))
    with pytest.raises(Violation, match="I1"):
        bench.home.planned(bench.process, both)


def test_packets_may_go_right_behind_the_request_for_their_way(bench: Bench) -> None:
    """Where the home agent has a binding for us already."""
    bench.agree(1.0)
    bench.timeline.now = 3.0
    bench.mobile.sent(request(3.0, flags=0x22, care_of=OTHER_CARE_OF), 64)
    bench.mobile.planned(bench.process, (tunnel(End.MOBILE, care_of=OTHER_CARE_OF),))


def test_a_move_permits_one_early_request(bench: Bench) -> None:
    """RFC 5944 §3.6.3 and §3.6."""
    bench.agree(1.0)
    bench.timeline.now = 1.2
    bench.mobile.moved()
    bench.mobile.sent(request(1.2), 64)
    assert bench.mobile.requests == 2


def test_only_an_authentic_133_permits_a_lower_identification(bench: Bench) -> None:
    """To the latest request, and once."""
    bench.timeline.now = 10.0
    bench.mobile.sent(request(100.0), 64)
    bench.mobile.heard(reply(100.0, code=133))
    bench.timeline.now = 12.0
    bench.mobile.sent(request(12.0), 64)
    bench.mobile.heard(reply(12.0, code=133, key=WRONG))
    bench.timeline.now = 14.0
    with pytest.raises(Violation, match="I3"):
        bench.mobile.sent(request(11.0), 64)


def test_bytes_are_read_as_the_rfc_draws_them() -> None:
    """Written out by hand: type, flags, lifetime, three addresses, 64 bits of identification."""
    body = bytes.fromhex("0122003c0a0100320a0100020a1f0064eee16b73f375935a")
    read = read_request(signed(body, KEY), (KEY,))
    assert read is not None
    assert (read.flags, read.lifetime, read.identification, read.authentic) == (0x22, 60, 0xEEE16B73F375935A, True)
    assert read.care_of_address == CARE_OF
    spoiled = signed(body, KEY)
    other = Datagram(spoiled.source, spoiled.destination, b"\x01\x23" + spoiled.payload[2:])
    reread = read_request(other, (KEY,))
    assert reread is not None
    assert not reread.authentic


def test_a_wrong_udp_checksum_is_no_datagram() -> None:
    """But a zero one is none at all (RFC 768)."""
    header = bytes.fromhex("4500002000000000401100000a1f00640a010002")
    for checksum, good in ((b"\0\0", True), (b"\x12\x34", False)):
        udp = bytes.fromhex("01b201b2000c") + checksum + b"abcd"
        assert (read_datagram(header + udp) is not None) is good
