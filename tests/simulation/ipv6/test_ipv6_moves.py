"""Moves in a quiet IPv6 world: how many messages, and how soon; and that the oracle sees what breaks a rule."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest

from client.core.plan import Encapsulation, End, Tunnel
from tests.simulation.ipv6.adversary import ATTACKER
from tests.simulation.ipv6.play import Scene
from tests.simulation.ipv6.world import ABLE, AWAY, CARD, HOME_ADDRESS, HOME_AGENT, UNABLE
from tests.simulation.journal import Violation

pytestmark = pytest.mark.simulation


def abroad() -> Scene:
    """Bound at the first visited link, with direct paths."""
    scene = Scene(1)
    scene.start()
    scene.run(3.0)
    scene.world.go("one")
    assert scene.wait(lambda: scene.is_direct("able", ABLE), 20.0)
    return scene


@pytest.mark.rfc("6275", "11.7.1")
def test_each_move_without_loss_takes_one_home_update() -> None:
    """Also the one home."""
    scene = abroad()
    for place in (*AWAY[1:], "one", "home", "two"):
        before = scene.oracle.home_updates
        scene.world.go(place)
        scene.run(30.0)
        assert scene.bound()
        assert scene.oracle.home_updates == before + 1


@pytest.mark.rfc("6275", "11.6.1")
def test_a_direct_path_is_back_soon_after_a_move() -> None:
    """The home token is still good: only the care-of test is needed."""
    scene = abroad()
    scene.world.go("two")
    start = scene.timeline.now
    assert scene.wait(lambda: scene.is_direct("able", ABLE), 5.0)
    assert scene.timeline.now - start <= 0.25


@pytest.mark.rfc("6275", "11.3.5")
def test_who_cannot_is_reached_through_the_tunnel() -> None:
    """Packets flow both ways, and none is direct."""
    scene = abroad()
    scene.run(5.0)
    assert scene.traffics[UNABLE].both_since(scene.timeline.now - 2.0)
    plan = scene.world.mobile_node.plan
    assert not [one for one in plan if isinstance(one, Tunnel) and one.remote == UNABLE]


@pytest.mark.rfc("6275", "11.5.5")
def test_at_home_nothing_is_left_of_a_binding() -> None:
    """Neither at the home agent nor at a correspondent."""
    scene = abroad()
    scene.world.go("home")
    assert scene.wait(scene.bound, 10.0)
    assert scene.wait(lambda: scene.is_forgotten("able") and scene.is_forgotten("local"), 10.0)
    scene.run(3.0)
    assert scene.talking(scene.timeline.now - 2.0)


@pytest.mark.rfc("6275", "11.5.3")
def test_nothing_is_signalled_from_an_address_under_test() -> None:
    """The address is lost and formed anew: programs' packets go on, and nothing speaks from it before it is tested."""
    scene = abroad()
    scene.world.mobile_node.knows_optimism = False
    own = scene.world.mobile_node.addresses[CARD]
    own.held = [one for one in own.held if one.ip.is_link_local]
    scene.world.processes["mobile"].links_changed()
    assert scene.wait(scene.bound, 60.0)
    scene.run(60.0)
    assert scene.is_direct("able", ABLE)


def far(remote: IPv6Address, encapsulation: Encapsulation, local: IPv6Address) -> Tunnel:
    """What a deceived host would hold."""
    return Tunnel(end=End.HOME, home_address=HOME_ADDRESS, local=local, remote=remote, encapsulation=encapsulation)


@pytest.mark.parametrize(
    ("name", "tunnel", "rule"),
    [
        ("home", far(ATTACKER, Encapsulation.IPIP, HOME_AGENT), "had"),
        ("able", far(ATTACKER, Encapsulation.DIRECT, ABLE), "had"),
        ("unable-by-test", far(IPv6Address("2001:db8:2::ff:fe00:99"), Encapsulation.DIRECT, UNABLE), "tokens"),
    ],
)
def test_oracle_sees_a_tunnel_that_must_not_be(name: str, tunnel: Tunnel, rule: str) -> None:
    """To an address that the mobile node never had, and without a token for it."""
    scene = abroad()
    process = scene.world.processes["able"]
    if name == "unable-by-test":
        process.host.name = name  # from this host no token was ever sent
    with pytest.raises(Violation) as broken:
        scene.oracle.planned(process, (tunnel,))
    assert broken.value.rule == rule


def test_oracle_sees_a_care_of_address_that_reaches_programs() -> None:
    """A kernel that delivers the outer header's address."""
    scene = abroad()
    with pytest.raises(Violation, match="visible"):
        scene.traffics[ABLE].judge(scene.world.care_of_addresses[0])
