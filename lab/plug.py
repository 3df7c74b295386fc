"""Plugs a laptop's cable into another network, as a hand would."""

from __future__ import annotations

import time

from lab.errors import LabError
from lab.namespaces import ip_batch
from lab.site import Site
from lab.topology import LAPTOP, NETWORKS, SECOND_CABLE, WIRE

HAND = 0.05
"""Seconds that a cable hangs free between two sockets."""


SECOND = f"{LAPTOP}-{SECOND_CABLE}"
"""The cable of the laptop's second network card. Cables are named in `lab.topology.MOVING_PORTS`."""


def move(site: Site, network: str, cable: str = LAPTOP) -> tuple[int, int]:
    """Pull the cable and put it into another network. The times of both, in nanoseconds since 1970."""
    unplugged = unplug(site, cable)
    time.sleep(HAND)
    return unplugged, plug(site, network, cable)


def unplug(site: Site, cable: str = LAPTOP) -> int:
    """Pull the cable; the node sees its carrier go. Returns the time in nanoseconds since 1970."""
    now = time.time_ns()
    ip_batch([f"link set {cable} down nomaster"], site.namespace(WIRE))
    return now


def plug(site: Site, network: str, cable: str = LAPTOP) -> int:
    """Put the cable into a network; the node sees a carrier. Returns the time in nanoseconds since 1970."""
    if network not in NETWORKS:
        raise LabError(f"there is no network '{network}': {', '.join(NETWORKS)}")
    ip_batch([f"link set {cable} master {network}"], site.namespace(WIRE))
    now = time.time_ns()
    ip_batch([f"link set {cable} up"], site.namespace(WIRE))
    return now
