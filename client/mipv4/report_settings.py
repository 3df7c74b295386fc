"""The switches in a mobile node's status: what is asked for, what is in force, and why they differ."""

from __future__ import annotations

from client.core.asking import Settled
from client.core.choice import Switch
from client.core.status import Setting
from client.mipv4.advertisement import AgentFlags
from client.mipv4.mobile_node import MobileNode
from client.mipv4.movement import AtHome, ViaAgent
from client.mipv4.registration_state import Binding

ALL_PREFIXES = "all"


def binding_in_force(node: MobileNode) -> Binding | None:
    """The binding that serves where we are: home means nothing elsewhere, and a tunnel nothing on another link."""
    binding, target = node.registration.binding, node.registration.target
    if binding is None or target is None:
        return None
    same = (binding.target.place, binding.target.link) == (target.place, target.link)
    alive = binding.lifetime > 0 or binding.target.at_home
    return binding if same and alive else None


def settings(node: MobileNode) -> dict[str, Setting]:
    """Every switch by its name."""
    return {
        "reverse_tunnel": _reverse_tunnel(node),
        "broadcasts": _broadcasts(node),
        "prefixes": _prefixes(node),
    }


def _reverse_tunnel(node: MobileNode) -> Setting:
    binding, target = _binding_away(node), node.registration.target
    applied = binding is not None and binding.target.reverse_tunnel
    settled = isinstance(node.registration.state, Settled)
    pending = target is not None and not target.at_home and target.reverse_tunnel != applied and not settled
    return Setting(wanted=node.wanted.value, applied=_on_off(applied), pending=pending, why=why_not(node))


def why_not(node: MobileNode) -> str | None:
    """Why the reverse tunnel is not as it was asked for."""
    binding = binding_in_force(node)
    if isinstance(node.attachment, AtHome):
        return "home"
    if binding is None or node.wanted is Switch.AUTO or binding.target.reverse_tunnel == (node.wanted is Switch.ON):
        return None
    if node.registration.taught_by is not None:
        return f"v4:{node.registration.taught_by}"
    without = isinstance(node.attachment, ViaAgent) and not node.attachment.agent.offers(AgentFlags.REVERSE_TUNNEL)
    return "foreign-agent" if without else None


def _broadcasts(node: MobileNode) -> Setting:
    binding, target = _binding_away(node), node.registration.target
    applied = binding is not None and binding.target.broadcasts
    settled = isinstance(node.registration.state, Settled)
    pending = target is not None and not target.at_home and target.broadcasts != applied and not settled
    why = "home" if isinstance(node.attachment, AtHome) else None
    return Setting(wanted=_on_off(node.wishes.broadcasts), applied=_on_off(applied), pending=pending, why=why)


def _prefixes(node: MobileNode) -> Setting:
    """They are rules of our own: nobody is asked, and they hold at once."""
    named = ALL_PREFIXES if node.tunnelled is None else " ".join(map(str, node.tunnelled))
    return Setting(wanted=named, applied=named)


def _binding_away(node: MobileNode) -> Binding | None:
    binding = binding_in_force(node)
    return None if binding is None or binding.target.at_home else binding


def _on_off(value: bool) -> str:  # what JSON and people see
    return "on" if value else "off"
