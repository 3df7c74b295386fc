"""Where we are, as agents, links and experience have it; and how long to go on searching."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.links import Links
from client.core.machine import Random, Send
from client.mipv4.discovery import Discovery
from client.mipv4.movement import Attachment, CoLocated, Nowhere, Surroundings, ViaAgent
from client.mipv4.settings import Settings
from client.mipv4.trust import Trust, locate_with


class Whereabouts:
    """Discovery and trust, and what follows from both."""

    def __init__(self, settings: Settings, random: Random) -> None:
        self._settings = settings
        self.discovery = Discovery(random)
        self.trust = Trust()
        self.attachment: Attachment = Nowhere()

    @property
    def deadline(self) -> float:
        """When agents fall silent, or something is forgiven."""
        return min(self.discovery.deadline, self.trust.deadline)

    def locate(self, links: Links, home_address: IPv4Address | None, current: Attachment, now: float) -> Attachment:
        """Where these links would lead, for one who is at `current`."""
        around = Surroundings(
            settings=self._settings,
            home_address=home_address,
            links=links,
            agents=self.discovery.agents,
            now=now,
            current=current,
        )
        return locate_with(self.trust, around)

    def without(
        self, index: int, links: Links, home_address: IPv4Address | None, current: Attachment, now: float
    ) -> Attachment:
        """Where we would be without this link."""
        others = Links(tuple(link for link in links.links if link.index != index))
        return self.locate(others, home_address, current, now)

    def settle(self, now: float) -> list[Send]:
        """Keep in mind whom we use, and search no more where a care-of address is known."""
        attachment = self.attachment
        agent = attachment.agent if isinstance(attachment, ViaAgent | CoLocated) else None
        self.discovery.kept = frozenset({*self._settings.home_agents, *([agent.address] if agent else [])})
        settled = {attachment.link.index} if isinstance(attachment, CoLocated) else ()
        return self.discovery.settle(frozenset(settled), now)
