"""Marks that tell what in the kernel is ours: by them a successor removes what a crashed daemon left."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.plan import Table

MAIN_TABLE = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One of our daemons, as the kernel knows it."""

    anchor: str  # name of its TUN interface
    alias: str  # of that interface
    ours: int  # number of Table.OURS
    reverse: int  # number of Table.REVERSE
    protocol: int  # of its routes, rules and neighbour entries
    rule_base: int  # a rule's priority is this plus its order
    rule_span: int  # orders run from 0 to below this
    mark: int  # of its sockets
    segmenter: tuple[str, str]  # names of the pair of interfaces that cuts packets for minimal encapsulation
    priority: int  # of its filters, where they are asked one after the other
    most_tunnels: int  # of IPv4 that its BPF maps hold; what is more goes by the TUN plane
    most_tunnels6: int  # of IPv6
    bridges: bool = False  # whether a bridge may be one of its links

    @property
    def name(self) -> str:
        """Which daemon it is: our filters' names begin so."""
        return self.alias.partition(":")[0]

    def table(self, table: Table) -> int:
        """The kernel's number of a table."""
        return {Table.MAIN: MAIN_TABLE, Table.OURS: self.ours, Table.REVERSE: self.reverse}[table]


MOBILE_NODE = Owner(
    anchor="mip0",
    alias="mobilenode:anchor",
    ours=434,
    reverse=434,
    protocol=143,
    rule_base=4340,
    rule_span=10,
    mark=0x434,
    segmenter=("mipseg0", "mipseg1"),
    priority=434,
    most_tunnels=64,
    most_tunnels6=64,
)

# A router's home network is often a bridge; a laptop's bridges are its containers'.
MOBILITY_AGENT = Owner(
    anchor="mipa0",
    alias="mobilityagent:anchor",
    ours=435,
    reverse=436,
    protocol=144,
    rule_base=4350,
    rule_span=40,
    mark=0x435,
    segmenter=("mipaseg0", "mipaseg1"),
    priority=435,
    most_tunnels=1 << 20,
    most_tunnels6=1 << 10,
    bridges=True,
)

OWNERS = (MOBILE_NODE, MOBILITY_AGENT)
