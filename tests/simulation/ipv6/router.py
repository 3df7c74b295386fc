"""A router of a visited link: advertises its prefix at intervals and to whoever asks."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from client.core.ipv6 import ALL_NODES, group_link_layer_address
from mipv6.neighbour_options import AdvertisementInterval, NeighbourOption, PrefixInformation, SourceLinkLayerAddress
from mipv6.router_advertisement import RouterAdvertisement
from tests.simulation.chance import Chance
from tests.simulation.ipv6.host import Host
from tests.simulation.lan import Port
from tests.simulation.timeline import Timeline

LIFETIME = 1800
LONGEST_PAUSE = 10.0


class Router:
    """What radvd does for one port."""

    def __init__(self, host: Host, index: int, prefix: IPv6Network, timeline: Timeline, chance: Chance) -> None:
        self.host = host
        self.prefix = prefix
        self.valid = 3600
        self.silent = False
        self._port = host.ports[index]
        self._timeline = timeline
        self._chance = chance
        host.solicited = self._asked
        timeline.after(chance.between(0.0, LONGEST_PAUSE), self._advertise)

    def renumber(self, prefix: IPv6Network) -> None:
        """Another prefix from now on; the former one is said to be over."""
        former, self.prefix = self.prefix, prefix
        port = self._port.index
        self.host.addresses[port].add(f"{prefix.network_address + 1}/64")
        self._say(former, 0)

    def _asked(self, port: Port) -> None:
        if port is self._port:
            self._timeline.after(0.005, lambda: self._say(None, 0))

    def _advertise(self) -> None:
        self._say(None, 0)
        self._timeline.after(self._chance.between(3.0, LONGEST_PAUSE), self._advertise)

    def _say(self, former: IPv6Network | None, left: int) -> None:
        if self.silent or self._port.lan is None:
            return
        options: list[NeighbourOption] = [
            SourceLinkLayerAddress(self._port.link_layer_address),
            _information(self.prefix.network_address + 1, self.valid),
            AdvertisementInterval(LONGEST_PAUSE),
        ]
        if former is not None:
            options.append(_information(former.network_address + 1, left))
        advertisement = RouterAdvertisement(lifetime=LIFETIME, options=tuple(options))
        source = self.host.addresses[self._port.index].link_local(self._timeline.now).ip
        self.host.send_frame(self._port.index, group_link_layer_address(ALL_NODES), advertisement.packet(source))


def _information(address: IPv6Address, valid: int) -> PrefixInformation:
    return PrefixInformation(
        address=address,
        length=64,
        on_link=True,
        autonomous=True,
        valid_lifetime=valid,
        preferred_lifetime=valid,
    )
