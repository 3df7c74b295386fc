"""What people see of an agent: one snapshot, whose JSON only ever grows."""

from __future__ import annotations

import msgspec

from agents.bindings import Binding
from agents.foreign_agent import ForeignAgent
from agents.home6.agents6 import Agents6
from agents.home6.bindings import Binding6
from agents.home6.home_agent import HomeAgent6
from agents.home_agent import HomeAgent
from agents.mobility_agent import MobilityAgent
from agents.path import Path
from agents.visitors import Visitor
from client.core.plan import Encapsulation


class HomeAgentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A home network that we serve."""

    address: str
    network: str
    interface: str | None
    nodes: int
    bindings: int


class Home6Status(msgspec.Struct, frozen=True, kw_only=True):
    """A home link that we serve for IPv6."""

    address: str
    prefixes: list[str]
    interface: str | None
    nodes: int
    bindings: int


class ForeignLinkStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A link for visitors."""

    interface: str
    care_of_address: str


class BindingStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A mobile node that is away."""

    nai: str
    home_address: str
    care_of_address: str
    home_agent: str
    place: str  # "foreign-agent" or "co-located"
    reverse_tunnel: bool
    expires_s: int
    encapsulation: str
    tunnel_to: str  # where packets go: with UDP the address and port that the request came from
    broadcasts: bool
    groups: list[str]  # joined through the reverse tunnel


class VisitorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A mobile node that we serve on a link for visitors."""

    nai: str | None
    home_address: str
    home_agent: str
    care_of_address: str
    interface: str
    link_layer_address: str
    place: str
    reverse_tunnel: bool
    expires_s: int
    encapsulation: str


class AgentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshot."""

    v: int = 1
    home_agents: list[HomeAgentStatus]
    foreign_links: list[ForeignLinkStatus]
    home6: Home6Status | None = None
    correspondent_bindings: int | None = None  # mobile nodes that we send to directly; None: that is not our role
    bindings: list[BindingStatus] = []
    visitors: list[VisitorStatus] = []
    pending: int = 0  # requests that wait for a home agent
    counters: dict[str, int] = {}  # what was done, denied and dropped, by reason
    problems: list[str] = []  # what a person should look at
    dataplane: str | None = None


def inspect(
    agent: MobilityAgent, agents6: Agents6, now: float, problems: tuple[str, ...] = (), dataplane: str | None = None
) -> AgentStatus:
    """The snapshot of an agent; `now` is its own clock's time."""
    foreign, home6, correspondent = agent.foreign_agent, agents6.home_agent, agents6.correspondent
    return AgentStatus(
        home_agents=[_home_agent(home) for home in agent.home_agents],
        foreign_links=[
            ForeignLinkStatus(interface=link.interface, care_of_address=str(link.care_of_address))
            for link in (foreign.settings.links if foreign else ())
        ],
        home6=_home6(home6) if home6 else None,
        correspondent_bindings=len(list(correspondent.bindings)) if correspondent else None,
        bindings=[
            *(_binding(home, binding, now) for home in agent.home_agents for binding in home.bindings),
            *(_binding6(binding, now) for binding in (home6.bindings if home6 else ())),
        ],
        visitors=[_visitor(foreign, visitor, now) for visitor in foreign.visitors] if foreign else [],
        pending=len(foreign.visitors.pending) if foreign else 0,
        counters=dict(sorted((agent.counters + agents6.counters).items())),
        problems=list(problems),
        dataplane=dataplane,
    )


def without_places(status: AgentStatus) -> AgentStatus:
    """What those may see who may not know where people are."""
    return msgspec.structs.replace(status, bindings=[], visitors=[])


def _home_agent(home: HomeAgent) -> HomeAgentStatus:
    return HomeAgentStatus(
        address=str(home.settings.address),
        network=str(home.settings.network),
        interface=home.settings.interface,
        nodes=home.node_count,
        bindings=len(home.bindings),
    )


def _binding(home: HomeAgent, binding: Binding, now: float) -> BindingStatus:
    return BindingStatus(
        nai=binding.nai,
        home_address=str(binding.home_address),
        care_of_address=str(binding.care_of_address),
        home_agent=str(home.settings.address),
        place=_place(co_located=binding.co_located),
        reverse_tunnel=binding.reverse_tunnel,
        expires_s=max(0, int(binding.expires - now)),
        encapsulation=binding.path.encapsulation.value,
        tunnel_to=_other_end(binding.path),
        broadcasts=binding.broadcasts,
        groups=[str(group) for group in sorted(home.memberships.of(binding.home_address))],
    )


def _home6(home: HomeAgent6) -> Home6Status:
    return Home6Status(
        address=str(home.settings.address),
        prefixes=[str(each.prefix) for each in home.prefixes.all],
        interface=home.settings.interface,
        nodes=home.node_count,
        bindings=len(home.bindings),
    )


def _binding6(binding: Binding6, now: float) -> BindingStatus:
    """The same columns as for IPv4; there is one way to be away, and its packets go both ways through the tunnel."""
    return BindingStatus(
        nai=binding.nai,
        home_address=str(binding.home_address),
        care_of_address=str(binding.care_of_address),
        home_agent=str(binding.home_agent),
        place=_place(co_located=True),
        reverse_tunnel=True,
        expires_s=max(0, int(binding.expires - now)),
        encapsulation=Encapsulation.IPIP.value,
        tunnel_to=str(binding.care_of_address),
        broadcasts=False,
        groups=[],
    )


def _visitor(foreign: ForeignAgent, visitor: Visitor, now: float) -> VisitorStatus:
    return VisitorStatus(
        nai=visitor.nai,
        home_address=str(visitor.home_address),
        home_agent=str(visitor.home_agent),
        care_of_address=str(visitor.care_of_address),
        interface=foreign.link_name(visitor.interface),
        link_layer_address=visitor.link_layer_address.hex(":"),
        place=_place(co_located=visitor.co_located),
        reverse_tunnel=visitor.reverse_tunnel,
        expires_s=max(0, int(visitor.expires - now)),
        encapsulation=visitor.encapsulation.value,
    )


def _other_end(path: Path) -> str:
    return f"{path.remote}:{path.ports[1]}" if path.ports else str(path.remote)


def _place(*, co_located: bool) -> str:
    return "co-located" if co_located else "foreign-agent"
