"""The IPv6 addresses of links, from rtnetlink messages, and what the kernel doubts of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Interface

from client.core.links import Address6, Doubt
from client.linux.netlink.codes import SCOPE_LINK, SCOPE_UNIVERSE, AddressAttribute, AddressFlag
from client.linux.netlink.messages import ADDRESS, attributes, unsigned


@dataclass(frozen=True, slots=True)
class _Held:
    address: Address6
    temporary: bool  # it changes for privacy (RFC 8981): others are better for a care-of address
    scope: int


@dataclass(slots=True)
class Addresses6:
    """What the messages so far add up to."""

    _held: dict[int, dict[IPv6Address, _Held]] = field(default_factory=dict)  # by link, in the order they came

    def take(self, body: bytes, *, new: bool) -> None:
        """Learn from one message about an address."""
        _, length, few_flags, scope, index = ADDRESS.unpack_from(body)
        found = attributes(body[ADDRESS.size :])
        packed = found.get(AddressAttribute.LOCAL) or found.get(AddressAttribute.ADDRESS)
        if packed is None or len(packed) != 16:
            return
        flags = AddressFlag(unsigned(found.get(AddressAttribute.FLAGS), few_flags))
        held = self._held.setdefault(index, {})
        interface = IPv6Interface((packed, length))
        # A duplicate that the kernel made of a prefix goes at once: that somebody else has it is worth knowing.
        if new or AddressFlag.DUPLICATE in flags:
            held[interface.ip] = _Held(Address6(interface, _doubts(flags)), AddressFlag.TEMPORARY in flags, scope)
        else:
            held.pop(interface.ip, None)

    def clear(self) -> None:
        """Before all are told anew."""
        self._held.clear()

    def forget(self, index: int) -> None:
        """A link went, or begins anew."""
        self._held.pop(index, None)

    def forget_duplicates(self, index: int) -> None:
        """The link was somewhere else: what is taken there may be free here."""
        held = self._held.get(index, {})
        for ip in [ip for ip, each in held.items() if Doubt.DUPLICATE in each.address.doubts]:
            del held[ip]

    def link_local(self, index: int) -> IPv6Address | None:
        """The link's first link-local address that may be used."""
        of_link = (each.address for each in self._held.get(index, {}).values() if each.scope == SCOPE_LINK)
        return next((address.ip for address in of_link if address.is_usable), None)

    def wide(self, index: int) -> tuple[Address6, ...]:
        """The link's addresses of global scope, temporary ones last."""
        held = [each for each in self._held.get(index, {}).values() if each.scope == SCOPE_UNIVERSE]
        return tuple(each.address for each in sorted(held, key=lambda each: each.temporary))


def _doubts(flags: AddressFlag) -> Doubt:
    """The kernel calls an optimistic address tentative as well (RFC 4429 §3.1)."""
    doubts = Doubt(0)
    if AddressFlag.DUPLICATE in flags:
        doubts |= Doubt.DUPLICATE
    elif AddressFlag.TENTATIVE in flags:
        doubts |= Doubt.OPTIMISTIC if AddressFlag.OPTIMISTIC in flags else Doubt.TENTATIVE
    if AddressFlag.DEPRECATED in flags:
        doubts |= Doubt.DEPRECATED
    return doubts
