"""The correspondents of IPv6: with whom packets go directly, and why not with others."""

from __future__ import annotations

from client.core import words
from client.core.status import Peer6, Status
from gui.view import phrases
from gui.view.model import Lost, Translate


def peers(status: Status | Lost, translate: Translate) -> tuple[tuple[str, str], ...]:
    """Address, and how packets go; those with whom it is directly first."""
    found = status.v6.peers if isinstance(status, Status) and status.v6 else []
    order = sorted(found, key=lambda peer: (peer.path != "direct", peer.address))
    return tuple((peer.address, _how(peer, translate)) for peer in order)


def _how(peer: Peer6, translate: Translate) -> str:
    known = words.PEER_PATHS.get(peer.path)
    left = translate("{time} left").format(time=phrases.left(peer.binding_s)) if peer.binding_s is not None else ""
    refused = phrases.meaning(f"v6:{peer.code}", translate) if peer.code else ""
    return ", ".join(part for part in (translate(known) if known else peer.path, left, refused) if part)
