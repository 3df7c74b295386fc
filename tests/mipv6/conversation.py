"""An IPv6 mobile node in conversation: the test plays its links, routers, home agent and clocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Interface

from client.core.links import NO_DOUBT, Address6, Doubt, Link, Links
from client.core.machine import Event, Heard6, LinksChanged, Output, Send6, Timeout
from client.core.plan import ANCHOR, Plan
from client.core.secret import Secret
from mipv6.mn_ha_authentication import SecurityAssociation
from mipv6.mobile_node import MobileNode6
from mipv6.settings import Settings
from tests.mipv6.by_hand import (
    CARE_OF,
    ECHO_REQUEST,
    ETHERNET,
    HOME,
    HOME_AGENT,
    HOME_PREFIX,
    KEY,
    LINK_LOCAL,
    NAI,
    OTHER_CARE_OF,
    OUR_MAC,
    SPI,
    Update,
    acknowledgement,
    echo_reply,
    foreign,
    home_link,
    icmp_in,
    updates_in,
)

WALL = 1_800_000_000.0
"""2027: a time of day that can be right."""

SETTINGS = Settings(
    home_address=HOME,
    home_prefix=HOME_PREFIX,
    home_agents=(HOME_AGENT,),
    identity=NAI,
    association=SecurityAssociation(spi=SPI, key=Secret(KEY)),
)


@dataclass
class WallClock:
    """The time of day: follows the conversation's clock, with an error that the test may change."""

    now: float = 0.0
    error: float = 0.0

    def __call__(self) -> float:
        """What the machine reads."""
        return WALL + self.now + self.error


@dataclass
class Dice:
    """Numbers in [0, 1), the same ones in each run."""

    state: int = 1

    def throw(self) -> float:
        """The next one."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53


def address(ip: IPv6Address, doubts: Doubt = NO_DOUBT) -> Address6:
    """An address as the kernel shows it."""
    return Address6(IPv6Interface(f"{ip}/64"), doubts)


def link(
    *addresses: IPv6Address | Address6,
    index: int = ETHERNET,
    ups: int = 1,
    up: bool = True,
    gateway: IPv6Address | None = None,
    link_local: IPv6Address | None = LINK_LOCAL,
) -> Link:
    """An Ethernet link with these global addresses; its link-local address is our own."""
    return Link(
        index=index,
        name=f"eth{index}",
        link_layer_address=OUR_MAC,
        up=up,
        ups=ups,
        link_local=link_local,
        addresses6=tuple(one if isinstance(one, Address6) else address(one) for one in addresses),
        gateway6=gateway,
        routed6=gateway is not None,
    )


@dataclass
class Conversation:
    """Feeds a mobile node, remembers all that it sent and when, and never lets it spin."""

    settings: Settings = SETTINGS
    memory: bytes = b""
    wall: WallClock = field(default_factory=WallClock)
    sent: list[tuple[float, Output]] = field(default_factory=list)
    echo: bool = True  # are probes answered at once, through the tunnel?

    def __post_init__(self) -> None:
        self.node = MobileNode6(self.settings, self.wall, Dice().throw, self.memory)

    @property
    def now(self) -> float:
        """The machine's clock."""
        return self.wall.now

    def feed(self, event: Event) -> list[Output]:
        """Hand over one event now."""
        outputs = self.node.handle(event, self.now)
        self.sent += [(self.now, output) for output in outputs]
        for probe in icmp_in(outputs, ECHO_REQUEST) if self.echo else []:
            self.feed(echo_reply(probe, ANCHOR))
        return outputs

    def plug(self, *links: Link) -> list[Output]:
        """The links are now these."""
        return self.feed(LinksChanged(Links(links)))

    def wait(self, seconds: float) -> list[Output]:
        """Let time pass, with a timeout at each deadline; each of them must move the deadline on."""
        end, outputs = self.now + seconds, []
        while self.node.deadline <= end:
            self.wall.now = max(self.node.deadline, self.now)
            outputs += self.feed(Timeout())
            assert self.node.deadline > self.now, f"spins at {self.now}"
        self.wall.now = end
        return outputs

    def updates(self) -> list[Update]:
        """All Binding Updates to home agents so far."""
        return updates_in([output for _, output in self.sent])

    def update_times(self) -> list[float]:
        """When they were sent."""
        return [time for time, output in self.sent if updates_in([output])]

    def answer(self, update: Update | None = None, status: int = 0) -> list[Output]:
        """The home agent answers the last update (or this one)."""
        return self.feed(acknowledgement(update or self.updates()[-1], status))

    def icmp(self, kind: int) -> list[Send6]:
        """All ICMPv6 messages of this type so far."""
        return icmp_in([output for _, output in self.sent], kind)

    def plan(self) -> Plan:
        """What the kernel should hold."""
        return self.node.plan()


def away(settings: Settings = SETTINGS, memory: bytes = b"") -> tuple[Conversation, Update]:
    """A conversation on a foreign link, whose router was just heard, and the update that followed."""
    conversation = Conversation(settings, memory)
    conversation.plug(link(CARE_OF))
    [update] = updates_in(conversation.feed(foreign()))
    return conversation, update


def bound(settings: Settings = SETTINGS) -> Conversation:
    """A conversation on a foreign link, bound since second 0."""
    conversation, update = away(settings)
    conversation.answer(update)
    return conversation


def moved(conversation: Conversation, router: Heard6, own: IPv6Address = OTHER_CARE_OF) -> list[Output]:
    """To another link in the same interface: the kernel still has the former address."""
    ups = 1 + max(one.ups for one in conversation.node.links.links)
    outputs = conversation.plug(link(CARE_OF, own, ups=ups))
    return [*outputs, *conversation.feed(router)]


def at_home(settings: Settings = SETTINGS) -> Conversation:
    """A conversation on the home link, where the home agent has confirmed that nothing is bound."""
    conversation = Conversation(settings)
    conversation.plug(link())
    [update] = updates_in(conversation.feed(home_link()))
    conversation.answer(update)
    return conversation
