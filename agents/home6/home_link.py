"""The home agent on its home link: it speaks for those who are away (RFC 6275 §10.4.1)."""

from __future__ import annotations

from ipaddress import IPv6Address

from agents.home6.announcements import Announcements6
from agents.home6.bindings import Binding6, Bindings6
from agents.home6.neighbours import proxy_reply
from agents.home6.settings import Home6Settings
from agents.interfaces import link_named
from client.core.ipv6 import ANY6
from client.core.links import Link, Links
from client.core.machine import Heard6, Output, Send6
from mipv6.neighbour_messages import NeighbourSolicitation


class HomeLink:
    """What the kernel says of the link, and what the link is told."""

    def __init__(self, settings: Home6Settings, bindings: Bindings6) -> None:
        self._settings = settings
        self._bindings = bindings
        self._links = Links()
        self._announcements = Announcements6()
        self._seen_at_home: dict[IPv6Address, bytes] = {}  # link-layer addresses of nodes, as they last had them

    @property
    def deadline(self) -> float:
        """The next repetition of an announcement."""
        return self._announcements.deadline

    @property
    def link(self) -> Link | None:
        """The home link, if there is one now."""
        return link_named(self._links, self._settings.interface)

    @property
    def up(self) -> Link | None:
        """The home link, if it can carry packets now."""
        link = self.link
        return link if link is not None and link.up else None

    def adopt(self, links: Links, now: float) -> list[Send6]:
        """The kernel's links are these; one that came up has not heard yet who is away."""
        before, self._links = self.up, links
        after = self.up
        if after is None or (before is not None and before.ups == after.ups):
            return []
        return [output for binding in self._bindings for output in self.announce(binding, now)]

    def announce(self, binding: Binding6, now: float) -> list[Send6]:
        """What is sent to a node that has left comes to us from now on."""
        link = self.up
        if link is None:
            return []
        source = self._source(link)
        return [self._announcements.announce(address, link, source, now) for address in binding.defended]

    def leave(self, binding: Binding6) -> None:
        """The node speaks for itself again, or nobody does."""
        for address in binding.defended:
            self._announcements.stop(address)

    def due(self, now: float) -> list[Send6]:
        """What is to be said again now."""
        link = self.up
        return self._announcements.due(link, self._source(link), now)

    def came_back(self, home_address: IPv6Address, heard: Heard6) -> None:
        """A node deregistered: if it did so here, this is its link-layer address."""
        link = self.link
        if link is not None and heard.interface == link.index and heard.link_layer_source:
            self._seen_at_home[home_address] = heard.link_layer_source

    def wants(self, heard: Heard6, solicitation: NeighbourSolicitation) -> bool:
        """Does somebody ask whether he may have an address: neither we nor the node whose home address it is?"""
        link = self.link
        ours = link is not None and heard.link_layer_source == link.link_layer_address
        return heard.packet.source == ANY6 and not ours and not self.is_its_own(heard, solicitation.target)

    def is_its_own(self, heard: Heard6, home_address: IPv6Address) -> bool:
        """Did the node itself say this, at home? It may be heard late, when the node has left."""
        return self._seen_at_home.get(home_address) == heard.link_layer_source

    def answer(self, heard: Heard6, solicitation: NeighbourSolicitation) -> list[Output]:
        """For who is away."""
        link = self.link
        return [*proxy_reply(heard, solicitation, link, self._bindings, self._seen_at_home)] if link else []

    def _source(self, link: Link | None) -> IPv6Address:
        """Our own address there."""
        return (link.link_local if link is not None else None) or self._settings.address
