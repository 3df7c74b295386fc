"""Which entries the BPF maps hold for which tunnels, and in which order they change."""

from __future__ import annotations

import errno
import struct
from collections import Counter
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from client.core.errors import KernelError
from client.core.plan import Delivery, Encapsulation, End, Tunnel
from client.linux.dataplane.fast_table import FastTable

HOME = IPv4Address("10.99.0.5")
HERE, THERE, ELSEWHERE = IPv4Address("10.7.0.1"), IPv4Address("10.7.0.2"), IPv4Address("10.8.0.3")
AWAY = Tunnel(end=End.MOBILE, home_address=HOME, local=HERE, remote=THERE, mtu=1480)
VISITOR = bytes.fromhex("02000000000a")
OURS = bytes.fromhex("02000000000b")

# layout.h by hand: home address, end, copy, zero.
MOBILE_KEY = bytes.fromhex("0a630005 00 00 0000")
HOME_KEYS = [bytes.fromhex("0a630005 01") + bytes([copy, 0, 0]) for copy in range(8)]
# Outer source, outer destination, home address, source port, end, encapsulation.
EXIT = bytes.fromhex("0a070002 0a070001 0a630005 0000 00 00")
EXIT_MINIMAL = bytes.fromhex("0a070002 0a070001 0a630005 0000 00 02")


@dataclass
class Map:
    """What the kernel does with a map, and a diary of it; `most` entries fit."""

    name: str
    diary: list[tuple[str, bytes]]
    most: int = 1000
    held: dict[bytes, bytes] = field(default_factory=dict)
    exhausted: bool = False  # the kernel has no memory for another value

    def put(self, key: bytes, value: bytes) -> None:
        if self.exhausted or (key not in self.held and len(self.held) >= self.most):
            raise KernelError(errno.E2BIG, "Argument list too long")
        self.held[key] = value
        self.diary.append((f"put {self.name}", key))

    def delete(self, key: bytes) -> bool:
        self.diary.append((f"delete {self.name}", key))
        return self.held.pop(key, None) is not None


@dataclass
class Maps:
    """The four of them."""

    diary: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entrances4, self.exits4 = Map("entrance", self.diary), Map("exit", self.diary)
        self.entrances6, self.exits6 = Map("entrance6", self.diary), Map("exit6", self.diary)

    def held(self) -> int:
        """Entries in all."""
        return sum(len(each.held) for each in (self.entrances4, self.exits4, self.entrances6, self.exits6))


@dataclass
class Scene:
    """A table, and what it learns from its surroundings."""

    maps: Maps = field(default_factory=Maps)
    counters: Counter[str] = field(default_factory=Counter)
    paths: dict[object, int] = field(default_factory=dict)  # MTUs for inner packets where the plan gives none
    guesses: dict[object, int] = field(default_factory=dict)
    links: dict[int, tuple[bytes, int]] = field(default_factory=lambda: {7: (OURS, 1400)})

    def __post_init__(self) -> None:
        self.table = FastTable(self.maps, self._mtu, self._guess, self.links.__getitem__, self.counters)

    def _mtu(self, tunnel: Tunnel) -> int:
        return tunnel.mtu or self.paths.get(tunnel.remote, 1480)

    def _guess(self, tunnel: Tunnel) -> int:
        return tunnel.mtu or self.guesses.get(tunnel.remote, 1480)

    def changes(self) -> list[tuple[str, bytes]]:
        """What was done to the maps since this was asked for."""
        done = list(self.maps.diary)
        self.maps.diary.clear()
        return done

    def entrance(self, key: bytes) -> tuple[IPv4Address, IPv4Address, int, int, int, int]:
        """Local, remote, interface, MTU, encapsulation and copies behind, of an entrance that is there."""
        local, remote, interface, mtu, encapsulation, copies, _ = struct.unpack(
            "=4s4sIHBB4s", self.maps.entrances4.held[key]
        )
        return IPv4Address(local), IPv4Address(remote), interface, mtu, encapsulation, copies


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_tunnel_is_one_entrance_and_one_exit_and_the_exit_stands_first(scene: Scene) -> None:
    scene.table.add(AWAY)
    assert scene.changes() == [("put exit", EXIT), ("put entrance", MOBILE_KEY)]
    assert scene.entrance(MOBILE_KEY) == (HERE, THERE, 0, 1480, 0, 0)
    assert scene.maps.exits4.held[EXIT] == struct.pack("=IH14s", 0, 1480, bytes(14))


def test_switch_to_a_new_care_of_address_is_one_update_of_the_entrance(scene: Scene) -> None:
    moved = replace(AWAY, local=ELSEWHERE, interface=9)
    scene.table.add(AWAY)
    scene.changes()
    scene.table.add(moved)
    scene.table.add(replace(AWAY, sends=False))
    scene.table.remove(replace(AWAY, sends=False))
    entrances = [change for change in scene.changes() if "entrance" in change[0]]
    assert entrances == [("put entrance", MOBILE_KEY)]
    assert scene.entrance(MOBILE_KEY)[:3] == (ELSEWHERE, THERE, 9)


def test_entrance_is_switched_before_all_else_and_not_again(scene: Scene) -> None:
    moved = replace(AWAY, local=ELSEWHERE)
    scene.table.add(AWAY)
    scene.changes()
    scene.table.switch(moved)
    assert scene.changes() == [("put entrance", MOBILE_KEY)]
    assert scene.entrance(MOBILE_KEY) == (ELSEWHERE, THERE, 0, 1480, 0, 0)
    scene.table.add(moved)
    assert {what for what, _ in scene.changes()} == {"put exit"}


def test_entrance_that_was_switched_on_a_guess_is_put_right(scene: Scene) -> None:
    moved = replace(AWAY, local=ELSEWHERE, mtu=None)
    scene.table.add(AWAY)
    scene.guesses[THERE] = 1480
    scene.paths[THERE] = 1380
    scene.table.switch(moved)
    scene.table.add(moved)
    assert scene.entrance(MOBILE_KEY)[3] == 1380


@pytest.mark.parametrize(
    "other",
    [
        replace(AWAY, home_address=IPv4Address("10.99.0.6")),
        replace(AWAY, sends=False),
        replace(AWAY, local=ELSEWHERE, copy=1),
        replace(AWAY, encapsulation=Encapsulation.GRE),
    ],
)
def test_what_may_be_refused_or_takes_no_slot_is_not_switched_ahead(scene: Scene, other: Tunnel) -> None:
    scene.table.add(AWAY)
    scene.changes()
    scene.table.switch(other)
    assert scene.changes() == []


@pytest.mark.rfc("5944", "4.3")
def test_packet_too_long_for_one_of_the_copies_is_the_other_planes_with_all(scene: Scene) -> None:
    """The programs would send the first copy, and drop the other without a word to the sender."""
    first = replace(AWAY, end=End.HOME, mtu=None)
    second = replace(first, remote=ELSEWHERE, copy=1)
    scene.table.add(first)
    scene.paths[ELSEWHERE] = 1380
    scene.table.add(second)
    assert [scene.entrance(key)[3] for key in HOME_KEYS[:2]] == [1380, 1380]
    scene.paths[ELSEWHERE] = 1280
    scene.table.path_changed(ELSEWHERE)
    assert [scene.entrance(key)[3] for key in HOME_KEYS[:2]] == [1280, 1280]
    scene.table.remove(second)
    assert scene.entrance(HOME_KEYS[0])[3] == 1480


def test_former_care_of_address_is_accepted_until_it_is_removed(scene: Scene) -> None:
    scene.table.add(AWAY)
    scene.table.add(replace(AWAY, local=ELSEWHERE))
    scene.table.add(replace(AWAY, sends=False))
    assert EXIT in scene.maps.exits4.held
    scene.table.remove(replace(AWAY, sends=False))
    assert EXIT not in scene.maps.exits4.held
    assert len(scene.maps.exits4.held) == 1


def test_all_that_was_put_is_taken_out_again(scene: Scene) -> None:
    tunnels = [
        AWAY,
        replace(AWAY, encapsulation=Encapsulation.MINIMAL),
        replace(AWAY, encapsulation=Encapsulation.UDP, ports=(434, 40001)),
        replace(AWAY, end=End.HOME),
        replace(AWAY, end=End.HOME, local=ELSEWHERE, copy=1),
        six(Encapsulation.IPIP),
        six(Encapsulation.DIRECT),
    ]
    for tunnel in tunnels:
        scene.table.add(tunnel)
    assert scene.maps.held() > len(tunnels)
    for tunnel in tunnels:
        scene.table.remove(tunnel)
    assert scene.maps.held() == 0
    assert scene.table.minimal == 0


def test_tunnel_that_only_receives_has_no_entrance_and_one_that_only_sends_no_exit(scene: Scene) -> None:
    scene.table.add(replace(AWAY, sends=False))
    assert scene.changes() == [("put exit", EXIT)]
    scene.table.add(replace(AWAY, receives=False))
    assert not scene.maps.exits4.held
    assert MOBILE_KEY in scene.maps.entrances4.held


def test_named_tunnel_has_no_entry(scene: Scene) -> None:
    scene.table.add(replace(AWAY, sends=False, receives=False))
    assert scene.maps.held() == 0


@pytest.mark.rfc("2004", "1")
def test_minimal_encapsulation_is_also_received_as_ip_in_ip(scene: Scene) -> None:
    scene.table.add(replace(AWAY, encapsulation=Encapsulation.MINIMAL))
    assert set(scene.maps.exits4.held) == {EXIT, EXIT_MINIMAL}
    assert scene.table.minimal == 1


@pytest.mark.parametrize("first", [Encapsulation.IPIP, Encapsulation.MINIMAL])
def test_exit_that_two_tunnels_share_stays_for_the_one_that_stays(scene: Scene, first: Encapsulation) -> None:
    other = {Encapsulation.IPIP: Encapsulation.MINIMAL, Encapsulation.MINIMAL: Encapsulation.IPIP}[first]
    scene.table.add(replace(AWAY, encapsulation=first))
    scene.table.add(replace(AWAY, encapsulation=other, mtu=1400))
    scene.table.remove(replace(AWAY, encapsulation=first))
    assert EXIT in scene.maps.exits4.held
    assert (EXIT_MINIMAL in scene.maps.exits4.held) == (other is Encapsulation.MINIMAL)


@pytest.mark.rfc("3519", "3.3")
def test_udp_tunnel_is_told_by_the_port_that_it_comes_from(scene: Scene) -> None:
    scene.table.add(replace(AWAY, encapsulation=Encapsulation.UDP, ports=(434, 40001)))
    assert set(scene.maps.exits4.held) == {bytes.fromhex("0a070002 0a070001 0a630005 9c41 00 03")}
    assert scene.maps.entrances4.held[MOBILE_KEY][-4:] == bytes.fromhex("01b2 9c41")


@pytest.mark.rfc("5944", "4.3")
def test_copy_stands_before_the_first_entrance_counts_it_and_goes_after_it_is_counted_no_more(scene: Scene) -> None:
    first = replace(AWAY, end=End.HOME)
    second = replace(first, remote=ELSEWHERE, copy=1)
    scene.table.add(first)
    scene.changes()
    scene.table.add(second)
    changes = [change for change in scene.changes() if "entrance" in change[0]]
    assert changes == [("put entrance", HOME_KEYS[1]), ("put entrance", HOME_KEYS[0])]
    assert scene.entrance(HOME_KEYS[0])[-1] == 1
    scene.table.remove(second)
    changes = [change for change in scene.changes() if "entrance" in change[0]]
    assert changes == [("put entrance", HOME_KEYS[0]), ("delete entrance", HOME_KEYS[1])]
    assert scene.entrance(HOME_KEYS[0])[-1] == 0


def test_copy_that_becomes_the_only_one_takes_the_first_place(scene: Scene) -> None:
    first = replace(AWAY, end=End.HOME)
    second = replace(first, remote=ELSEWHERE, copy=1)
    scene.table.add(first)
    scene.table.add(second)
    scene.table.add(replace(second, copy=0))
    scene.table.remove(first)
    assert set(scene.maps.entrances4.held) == {HOME_KEYS[0]}
    assert scene.entrance(HOME_KEYS[0]) == (HERE, ELSEWHERE, 0, 1480, 0, 0)


def test_more_copies_than_the_programs_make_are_all_left_to_the_other_plane(scene: Scene) -> None:
    copies = [replace(AWAY, end=End.HOME, remote=IPv4Address(f"10.8.0.{copy}"), copy=copy) for copy in range(5)]
    for tunnel in copies:
        scene.table.add(tunnel)
    assert not scene.maps.entrances4.held
    scene.table.remove(copies[4])
    assert {key: scene.entrance(key)[-1] for key in scene.maps.entrances4.held} == {
        HOME_KEYS[0]: 3,
        HOME_KEYS[1]: 2,
        HOME_KEYS[2]: 1,
        HOME_KEYS[3]: 0,
    }


def test_visitor_gets_frames_from_the_links_own_address_as_long_as_the_link_takes(scene: Scene) -> None:
    visit = replace(AWAY, delivery=Delivery(interface=7, link_layer_address=VISITOR))
    scene.table.add(visit)
    assert scene.maps.exits4.held[EXIT] == struct.pack("=IH6s6sH", 7, 1400, VISITOR, OURS, 0)
    scene.links[7] = (VISITOR[::-1], 1300)
    scene.table.visitors_moved(7)
    assert scene.maps.exits4.held[EXIT] == struct.pack("=IH6s6sH", 7, 1300, VISITOR, VISITOR[::-1], 0)


def test_path_that_takes_less_changes_the_entrances_that_lead_there(scene: Scene) -> None:
    homes = [IPv4Address(f"10.99.0.{last}") for last in range(3)]
    for home in homes:
        scene.table.add(replace(AWAY, end=End.HOME, home_address=home, mtu=None))
    scene.table.add(replace(AWAY, end=End.HOME, home_address=HOME, remote=ELSEWHERE, mtu=None))
    scene.changes()
    scene.paths[THERE] = 1380
    scene.table.path_changed(THERE)
    assert len(scene.changes()) == 3
    assert scene.entrance(HOME_KEYS[0])[3] == 1480
    assert [scene.entrance(bytes([10, 99, 0, last, 1, 0, 0, 0]))[3] for last in range(3)] == [1380] * 3


def test_who_left_a_path_is_not_told_of_it(scene: Scene) -> None:
    scene.table.add(AWAY)
    scene.table.add(replace(AWAY, remote=ELSEWHERE))
    scene.changes()
    scene.table.path_changed(THERE)
    assert scene.changes() == []
    scene.table.path_changed(ELSEWHERE)
    assert scene.changes() == [("put entrance", MOBILE_KEY)]


def test_entrances_are_renewed_as_far_as_they_are_still_there(scene: Scene) -> None:
    other = replace(AWAY, end=End.HOME, mtu=None)
    scene.table.add(AWAY)
    scene.table.add(other)
    keys = scene.table.entrances()
    scene.table.remove(AWAY)
    scene.changes()
    scene.paths[THERE] = 1300
    scene.table.renew(keys)
    assert scene.changes() == [("put entrance", HOME_KEYS[0])]
    assert scene.entrance(HOME_KEYS[0])[3] == 1300


def test_full_map_keeps_nothing_that_is_out_of_date(scene: Scene) -> None:
    scene.table.add(AWAY)
    scene.maps.exits4.most = 1
    scene.table.add(replace(AWAY, local=ELSEWHERE))
    assert scene.counters["ebpf_map_full"] == 1
    assert set(scene.maps.exits4.held) == {EXIT}
    assert scene.entrance(MOBILE_KEY)[0] == ELSEWHERE


def test_entrance_that_cannot_be_switched_leads_nowhere_rather_than_to_the_old_place(scene: Scene) -> None:
    scene.table.add(AWAY)
    scene.maps.entrances4.exhausted = True
    scene.table.add(replace(AWAY, local=ELSEWHERE))
    assert scene.counters["ebpf_map_full"] == 1
    assert not scene.maps.entrances4.held


def six(encapsulation: Encapsulation, end: End = End.MOBILE) -> Tunnel:
    home, here, there = (IPv6Address(f"2001:db8:{net}::1") for net in (9, 7, 8))
    return Tunnel(end=end, home_address=home, local=here, remote=there, encapsulation=encapsulation, mtu=1400)


@pytest.mark.rfc("6275", "11.3.1", "direct")
@pytest.mark.rfc("6275", "11.3.1", "reverse-tunnel")
def test_direct_way_is_for_one_correspondent_and_all_else_goes_home(scene: Scene) -> None:
    scene.table.add(six(Encapsulation.IPIP))
    scene.table.add(six(Encapsulation.DIRECT))
    home, here, there = (bytes.fromhex(f"20010db8000{net}") + bytes(9) + b"\1" for net in (9, 7, 8))
    assert set(scene.maps.entrances6.held) == {home + bytes(16) + bytes(4), home + there + bytes(4)}
    assert set(scene.maps.exits6.held) == {
        there + here + home + struct.pack("=HH", 0, 0),
        there + here + home + struct.pack("=HH", 0, 4),
    }


@pytest.mark.rfc("6275", "9.3.2", "look-up")
def test_correspondents_direct_way_is_found_by_its_own_address(scene: Scene) -> None:
    scene.table.add(six(Encapsulation.DIRECT, End.HOME))
    home, here = (bytes.fromhex(f"20010db8000{net}") + bytes(9) + b"\1" for net in (9, 7))
    assert set(scene.maps.entrances6.held) == {home + here + struct.pack("=I", 1)}


def test_what_the_programs_have_no_words_for_stays_with_the_other_plane(scene: Scene) -> None:
    scene.table.add(replace(AWAY, local=IPv6Address("2001:db8::1"), remote=IPv6Address("2001:db8::2")))
    scene.table.add(replace(AWAY, encapsulation=Encapsulation.DIRECT))
    scene.table.add(six(Encapsulation.GRE))
    assert scene.maps.held() == 0
