"""The IPv6 part of the picture: home address, care-of address, path, and correspondents with a path of their own."""

from __future__ import annotations

from collections.abc import Iterator

from client.cli.clock import left
from client.core import words
from client.core.explain import reason_words
from client.core.status import IPv6Status, Peer6, Setting

MOST_PEERS = 4


def rows(v6: IPv6Status, direct_paths: Setting | None, dataplane: str | None) -> Iterator[tuple[str, str]]:
    """Name and text of each line."""
    yield "Home", _home(v6)
    if v6.care_of_address:
        yield "Care-of", v6.care_of_address
    if v6.path:
        yield "Path", words.PATHS.get(v6.path, v6.path)
    if v6.mtu:
        plane = f", by {dataplane}" if dataplane else ""
        yield "Tunnel", f"IPv6-in-IPv6, MTU {v6.mtu}{plane}"
    yield from _direct(v6.peers, direct_paths)


def peer_words(peer: Peer6) -> str:
    """A correspondent, and how packets go."""
    binding = f", {left(peer.binding_s)} left" if peer.binding_s is not None else ""
    code = f": {reason_words(f'v6:{peer.code}')}" if peer.code else ""
    return f"{peer.address} {words.PEER_PATHS.get(peer.path, peer.path)}{binding}{code}"


def _home(v6: IPv6Status) -> str:
    agent = f" at {v6.home_agent}" if v6.home_agent else ""
    lifetime = f", {left(v6.expires_s)} left" if v6.expires_s is not None else ""
    return f"{v6.home_address or 'none yet'}{agent}{lifetime}"


def _direct(peers: list[Peer6], setting: Setting | None) -> Iterator[tuple[str, str]]:
    """With whom packets go straight; and that nobody may, where a person or the profile says so."""
    if setting is not None and setting.applied == "off":
        why = f": {reason_words(setting.why)}" if setting.why else ""
        yield "Direct", f"with nobody{why}"
        return
    straight = [peer.address for peer in peers if peer.path == "direct"]
    if straight:
        more = f" and {len(straight) - MOST_PEERS} more" if len(straight) > MOST_PEERS else ""
        yield "Direct", f"with {', '.join(straight[:MOST_PEERS])}{more}"
