"""A mobile node in conversation: the test plays its links, its agents and its clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from client.core.links import Link
from client.core.machine import Event, Heard, LinksChanged, Output, Send, SendArp, Timeout
from client.core.plan import ANCHOR, Plan
from client.core.status import Status
from client.mipv4.mobile_node import MobileNode
from client.mipv4.registration_state import Binding
from client.mipv4.report import report
from client.mipv4.settings import Settings
from tests.client.mipv4.by_hand import (
    AGENT_MAC,
    CARE_OF,
    ETHERNET,
    GATEWAY,
    SETTINGS,
    WALL,
    Asked,
    arps_in,
    heard_advertisement,
    heard_echo,
    heard_home_agent,
    heard_reply,
    link,
    links,
    probes_in,
    reply_bytes,
    requests_in,
    solicitations_in,
)

THROUGH_OUR_TUNNEL = (ANCHOR, b"")


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


@dataclass
class Conversation:
    """Feeds a mobile node, remembers all that it sent and when, and never lets it spin."""

    settings: Settings = SETTINGS
    memory: bytes = b""
    wall: WallClock = field(default_factory=WallClock)
    sent: list[tuple[float, Output]] = field(default_factory=list)
    echo: tuple[int, bytes] | None = None  # by which interface and whose hand probes are answered at once

    def __post_init__(self) -> None:
        self._advertisements: dict[Heard, float] = {}
        self.node = MobileNode(self.settings, self.wall, Dice().throw, self.memory)

    @property
    def now(self) -> float:
        """The machine's clock."""
        return self.wall.now

    def feed(self, event: Event) -> list[Output]:
        """Hand over one event now."""
        outputs = self.node.handle(event, self.now)
        self.sent += [(self.now, output) for output in outputs]
        if self.echo:
            for probe in probes_in(outputs):
                self.prove(*self.echo, probe)
        return outputs

    def plug(self, *all_links: Link) -> list[Output]:
        """The links are now these."""
        return self.feed(LinksChanged(links(*all_links)))

    def wait(self, seconds: float) -> list[Output]:
        """Let time pass, with a timeout at each deadline; each of them must move the deadline on."""
        end, outputs = self.now + seconds, []
        while self.node.deadline <= end:
            self.wall.now = max(self.node.deadline, self.now)
            outputs += self.feed(Timeout())
            assert self.node.deadline > self.now, f"spins at {self.now}"
        self.wall.now = end
        return outputs

    def answer(self, asked: Asked, payload: bytes | None = None) -> list[Output]:
        """The reply to a request; without a payload it is accepted as asked, and signed."""
        return self.feed(heard_reply(asked, reply_bytes(asked) if payload is None else payload))

    def live(self, seconds: float, reply: Callable[[Asked], bytes] = reply_bytes, every: float = 3) -> None:
        """Let time pass while the home agent answers each request at once, and agents once heard go on advertising."""
        end = self.now + seconds
        while self.now < end:
            known = len(self.requests())
            self.wait(min(every, end - self.now, max(self.node.deadline - self.now, 0)))
            for asked in self.requests()[known:]:
                self.answer(asked, reply(asked))
            for advertisement, last in list(self._advertisements.items()):
                if self.now >= last + every:
                    self.advertise(advertisement)

    def advertise(self, advertisement: Heard) -> list[Output]:
        """An agent says this now, and again while the node lives."""
        self._advertisements[advertisement] = self.now
        return self.feed(advertisement)

    def binding(self) -> Binding | None:
        """What the node thinks that the home agent granted."""
        return self.node.registration.binding

    def requests(self) -> list[Asked]:
        """All Registration Requests so far."""
        return requests_in(output for _, output in self.sent)

    def request_times(self) -> list[float]:
        """When they were sent."""
        return [time for time, output in self.sent if requests_in([output])]

    def solicitation_times(self) -> list[float]:
        """When the solicitations were sent."""
        return [time for time, output in self.sent if solicitations_in([output])]

    def arps(self) -> list[SendArp]:
        """All ARP packets so far."""
        return arps_in(output for _, output in self.sent)

    def probes(self) -> list[Send]:
        """All echo requests so far."""
        return probes_in(output for _, output in self.sent)

    def prove(self, interface: int = ANCHOR, mac: bytes = b"", probe: Send | None = None) -> list[Output]:
        """A probe, by default the last one, is answered."""
        return self.feed(heard_echo(probe or self.probes()[-1], interface=interface, mac=mac))

    def plan(self) -> Plan:
        """What the kernel should hold."""
        return self.node.plan()

    def status(self) -> Status:
        """What people see."""
        return report(self.node, self.now, self.wall())


def hear(conversation: Conversation, heard: Heard) -> list[Asked]:
    """The requests that hearing something causes at once."""
    return requests_in(conversation.feed(heard))


def registered_through_agent(
    settings: Settings = SETTINGS, advertisement: Heard | None = None
) -> tuple[Conversation, Asked]:
    """A conversation on a foreign link, bound through the foreign agent, at second 0."""
    conversation = Conversation(settings, echo=(ETHERNET, AGENT_MAC))
    conversation.plug(link())
    [asked] = requests_in(conversation.advertise(advertisement or heard_advertisement()))
    conversation.answer(asked)
    return conversation, asked


def registered_co_located(settings: Settings = SETTINGS) -> tuple[Conversation, Asked]:
    """A conversation on a foreign link with an address of its own, bound at second 0."""
    conversation = Conversation(settings, echo=THROUGH_OUR_TUNNEL)
    [asked] = requests_in(conversation.plug(link(2, f"{CARE_OF}/24", gateway=GATEWAY)))
    conversation.answer(asked)
    return conversation, asked


def at_home(settings: Settings = SETTINGS) -> tuple[Conversation, Asked]:
    """A conversation on the home link, heard of by the home agent's advertisement, at second 0."""
    conversation = Conversation(settings)
    conversation.plug(link())
    [asked] = requests_in(conversation.advertise(heard_home_agent()))
    conversation.answer(asked)
    return conversation, asked
