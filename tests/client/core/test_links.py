"""Looking things up in a snapshot of the links."""

from __future__ import annotations

from client.core.links import Link, Links

CABLE = Link(index=2, name="eth0", link_layer_address=bytes(6), up=False)
WIFI = Link(index=3, name="wlan0", link_layer_address=bytes(6), up=True)


def test_link_is_found_by_its_index() -> None:
    assert Links((CABLE, WIFI)).get(3) is WIFI
    assert Links((CABLE, WIFI)).get(4) is None


def test_only_links_that_are_up_can_carry_us() -> None:
    assert Links((CABLE, WIFI)).up() == (WIFI,)
    assert Links().up() == ()
