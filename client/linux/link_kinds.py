"""Which Ethernet interfaces lead out of this machine."""

from __future__ import annotations

from client.linux.netlink.codes import LinkAttribute, LinkInfoAttribute
from client.linux.netlink.messages import attributes, text
from client.linux.ownership import OWNERS, Owner

# Kinds of virtual links that lead out of this machine; physical ones have no kind.
_KINDS = ("", "veth", "macvlan", "ipvlan", "vlan", "bond", "team", "vxlan")
_PORTS = ("bridge", "bond", "team")
_SEGMENTERS = frozenset(name for owner in OWNERS for name in owner.segmenter)


def leads_out(found: dict[int, bytes], owner: Owner) -> bool:
    """Whether the link with these attributes could carry us: no anchor, no port, nothing that ends in here."""
    info = attributes(found.get(LinkAttribute.LINKINFO, b""))
    kind = text(info.get(LinkInfoAttribute.KIND))
    if kind not in _KINDS and not (kind == "bridge" and owner.bridges):
        return False
    if text(info.get(LinkInfoAttribute.SLAVE_KIND)) in _PORTS:
        return False
    return text(found.get(LinkAttribute.NAME)) not in _SEGMENTERS
