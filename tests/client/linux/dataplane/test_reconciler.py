"""The order in which a plan is made true, and what happens when it cannot be."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from client.core.errors import KernelError
from client.core.plan import ANCHOR, EMPTY, Anchor, End, Item, Neighbour, Plan, Relay, Route, Rule, Table, Tunnel
from client.linux.dataplane.reconciler import Reconciler

HOME = IPv4Address("10.1.0.7")
AGENT = IPv4Address("198.51.100.1")
ANCHOR_ITEM = Anchor(1480, HOME)
MARKED = Rule(order=0, table=Table.MAIN, marked=True)
REST = Rule(order=3, table=Table.OURS)


def default(interface: int) -> Route:
    return Route(destination=IPv4Network("0.0.0.0/0"), interface=interface)


def tunnel(local: str) -> Tunnel:
    return Tunnel(end=End.MOBILE, home_address=HOME, local=IPv4Address(local), remote=AGENT)


def neighbour(last: int) -> Neighbour:
    return Neighbour(interface=7, address=AGENT, link_layer_address=bytes(5) + bytes([last]))


AWAY: Plan = (ANCHOR_ITEM, tunnel("203.0.113.5"), MARKED, REST, default(ANCHOR))


@dataclass
class Kernel:
    """A model of the kernel that keeps a diary, refuses call number `refuse`, and can be robbed."""

    diary: list[tuple[str, Item]] = field(default_factory=list)
    held: dict[object, Item] = field(default_factory=dict)
    refuse: frozenset[int] = frozenset()
    calls: int = 0
    descriptor: int | None = 99

    def add(self, item: Item) -> None:
        self._call("add", item)
        self.held[item.key] = item

    def remove(self, item: Item) -> None:
        self._call("remove", item)
        self.held.pop(item.key, None)

    def replaced(self, old: Item, new: Item) -> None:
        self._call("replaced", new)

    def settle(self, item: Item) -> None:
        pass  # only a real kernel learns anything by itself

    def standing(self) -> frozenset[object]:
        return frozenset(self.held)

    def stands(self, item: Item, standing: frozenset[object]) -> bool:
        return item.key in standing

    def forget(self, item: Item) -> None:
        self.diary.append(("forget", item))

    def _call(self, what: str, item: Item) -> None:
        self.calls += 1
        if self.calls in self.refuse:
            raise KernelError(errno.ENOBUFS, "No buffer space available")
        self.diary.append((what, item))


@dataclass
class Plane:
    """A data plane that writes into the same diary."""

    diary: list[tuple[str, Item]]
    attached: bool = False

    def add(self, item: Tunnel | Relay) -> None:
        self.diary.append(("add", item))

    def remove(self, item: Tunnel | Relay) -> None:
        self.diary.append(("remove", item))

    def attach(self, descriptor: int, mtu: int, *, shortcut: bool = False) -> None:
        self.attached = True

    def detach(self) -> None:
        self.attached = False


class Scene:
    """A reconciler on the model, with a clock."""

    def __init__(self, refuse: frozenset[int] = frozenset()) -> None:
        self.kernel = Kernel(refuse=refuse)
        self.plane = Plane(self.kernel.diary)
        self.now = 0.0
        self.reconciler = Reconciler(self.kernel, self.plane, lambda: self.now)

    def apply(self, plan: Plan) -> tuple[str, ...]:
        self.kernel.diary.clear()
        return self.reconciler.apply(plan)

    @property
    def diary(self) -> list[tuple[str, Item]]:
        return self.kernel.diary


def test_tunnels_come_first_and_the_rest_in_plan_order() -> None:
    scene = Scene()
    assert scene.apply(AWAY) == ()
    assert [item for _, item in scene.diary] == [tunnel("203.0.113.5"), ANCHOR_ITEM, MARKED, REST, default(ANCHOR)]
    assert scene.plane.attached


def test_relay_is_the_data_planes() -> None:
    scene = Scene()
    relay = Relay(interface=7, home_address=HOME, broadcasts=True)
    assert scene.apply((*AWAY, relay)) == ()
    assert [item for _, item in scene.diary][:2] == [tunnel("203.0.113.5"), relay]
    assert relay.key not in scene.kernel.held
    assert not scene.reconciler.audit(by_others=True)
    scene.apply(AWAY)
    assert scene.diary == [("remove", relay)]


def test_same_plan_again_does_nothing() -> None:
    scene = Scene()
    scene.apply(AWAY)
    assert scene.apply(AWAY) == ()
    assert scene.diary == []


def test_new_stands_before_old_falls_and_tunnels_fall_last() -> None:
    scene = Scene()
    scene.apply(AWAY)
    moved: Plan = (ANCHOR_ITEM, tunnel("203.0.113.99"), MARKED, REST, default(ANCHOR), neighbour(1))
    scene.apply(moved)
    assert scene.diary == [
        ("add", tunnel("203.0.113.99")),
        ("add", neighbour(1)),
        ("remove", tunnel("203.0.113.5")),
    ]


def test_replacing_by_key_removes_nothing() -> None:
    scene = Scene()
    scene.apply(AWAY)
    scene.apply((*AWAY[:-1], default(7)))
    assert scene.diary == [("add", default(7)), ("replaced", default(7))]


def test_everything_goes_in_reverse_order() -> None:
    scene = Scene()
    scene.apply(AWAY)
    assert scene.reconciler.close() == ()
    removed = [item for what, item in scene.diary if what == "remove"]
    assert removed == [default(ANCHOR), REST, MARKED, ANCHOR_ITEM, tunnel("203.0.113.5")]
    assert scene.kernel.held == {}
    assert not scene.plane.attached


@pytest.mark.parametrize("call", range(1, 5))
def test_refused_item_is_reported_and_tried_again(call: int) -> None:
    scene = Scene(refuse=frozenset({call}))
    [reason] = scene.apply(AWAY)
    assert "No buffer space available" in reason
    assert len(scene.kernel.held) == 3
    assert scene.apply(AWAY) == ()
    assert [what for what, _ in scene.diary] == ["add"]
    assert len(scene.kernel.held) == 4


@pytest.mark.parametrize("call", range(5, 9))
def test_refused_removal_is_tried_again(call: int) -> None:
    scene = Scene(refuse=frozenset({call}))
    assert scene.apply(AWAY) == ()
    [reason] = scene.apply(EMPTY)
    assert "No buffer space available" in reason
    assert len(scene.kernel.held) == 1
    assert scene.apply(EMPTY) == ()
    assert scene.kernel.held == {}


def test_what_replaces_is_not_held_when_refused() -> None:
    scene = Scene(refuse=frozenset({5}))
    scene.apply(AWAY)
    [_reason] = scene.apply((*AWAY[:-1], default(7)))
    assert scene.kernel.held[default(7).key] == default(ANCHOR)
    assert ("replaced", default(7)) not in scene.diary
    assert scene.apply((*AWAY[:-1], default(7))) == ()
    assert scene.kernel.held[default(7).key] == default(7)


def test_what_others_delete_is_put_back() -> None:
    scene = Scene()
    scene.apply(AWAY)
    del scene.kernel.held[REST.key]
    assert scene.reconciler.audit(by_others=True)
    scene.apply(AWAY)
    assert scene.diary == [("add", REST)]
    assert not scene.reconciler.audit(by_others=True)


def rob(scene: Scene, *, by_others: bool = True) -> tuple[str, ...]:
    scene.kernel.held.pop(REST.key, None)
    scene.reconciler.audit(by_others=by_others)
    return scene.apply(AWAY)


def test_nobody_is_fought_more_than_three_times_a_minute() -> None:
    scene = Scene()
    scene.apply(AWAY)
    assert [rob(scene) for _ in range(3)] == [()] * 3
    [reason] = rob(scene)
    assert "another program keeps removing it" in reason
    scene.now = 59.0
    assert len(scene.apply(AWAY)) == 1
    scene.now = 60.0
    assert scene.apply(AWAY) == ()


def test_links_that_come_and_go_are_no_fight() -> None:
    scene = Scene()
    scene.apply(AWAY)
    assert [rob(scene, by_others=False) for _ in range(20)] == [()] * 20


def test_lost_anchor_is_left_before_it_is_built_again() -> None:
    scene = Scene()
    scene.apply(AWAY)
    del scene.kernel.held[ANCHOR_ITEM.key]
    scene.reconciler.audit(by_others=True)
    assert not scene.plane.attached
    scene.apply(AWAY)
    assert scene.plane.attached


def test_slot_is_taken_over_before_it_is_given_up() -> None:
    scene = Scene()
    old, new = tunnel("203.0.113.5"), tunnel("203.0.113.77")
    scene.apply((old,))
    gives_up = replace(old, sends=False)
    scene.apply((gives_up, new))
    assert scene.diary[:2] == [("add", new), ("add", gives_up)]
