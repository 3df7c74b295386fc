"""What the kernel holds for a home agent: a route into the tunnel for each node that is away (RFC 5944 §4.2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from agents.bindings import Binding, Bindings
from agents.priorities import HOME_ADDRESSES, SIGNALLING
from agents.settings import ANCHOR_MTU
from client.core.plan import ANCHOR, Anchor, End, Item, Plan, Route, Rule, Table, Tunnel


def home_agent_plan(address: IPv4Address, bindings: Bindings) -> Plan:
    """The anchor and rules stand from the start, so that a binding costs one tunnel and one route."""
    fixed = (
        Anchor(mtu=ANCHOR_MTU),
        Rule(order=SIGNALLING, table=Table.MAIN, marked=True),
        Rule(order=HOME_ADDRESSES, table=Table.OURS),
    )
    former = {(former.home_address, former.care_of_address) for former in bindings.former}
    items: list[Item] = []
    for binding in bindings:
        lingers = (binding.home_address, binding.care_of_address) in former
        former.discard((binding.home_address, binding.care_of_address))
        items += _binding_items(address, binding, receives=binding.reverse_tunnel or lingers)
    return (*fixed, *items, *_former_items(address, former))


def _binding_items(address: IPv4Address, binding: Binding, *, receives: bool) -> tuple[Item, Item]:
    tunnel = Tunnel(
        end=End.HOME,
        home_address=binding.home_address,
        local=address,
        remote=binding.care_of_address,
        receives=receives,
    )
    return tunnel, Route(destination=IPv4Network(binding.home_address), interface=ANCHOR)


def _former_items(address: IPv4Address, former: set[tuple[IPv4Address, IPv4Address]]) -> Iterator[Item]:
    for home_address, care_of_address in sorted(former):
        yield Tunnel(end=End.HOME, home_address=home_address, local=address, remote=care_of_address, sends=False)
