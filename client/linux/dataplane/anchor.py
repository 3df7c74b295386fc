"""Our TUN interface: it holds the home address, and tunnelled packets pass through it.

It is not persistent: it goes when its descriptor is closed, so a killed daemon leaves none behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from ipaddress import IPv4Address

from client.core.errors import KernelError
from client.core.plan import Address, Anchor
from client.linux.mtu import LEAST_IPV6
from client.linux.netlink.codes import (
    AF_INET,
    AF_INET6,
    AF_UNSPEC,
    INET6_ADDR_GEN_MODE,
    INET6_ADDR_GEN_NONE,
    INET_CONF,
    LOCAL_TABLE,
    SCOPE_LINK,
    SCOPE_UNIVERSE,
    TYPE_BROADCAST,
    AddressAttribute,
    AddressFlag,
    Flag,
    LinkAttribute,
    LinkFlag,
    MessageType,
    RouteAttribute,
)
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import ADDRESS, LINK, ROUTE, Message, Request, attribute, attributes, nested, number
from client.linux.ownership import Owner

DEVICE = "/dev/net/tun"
_TUNSETIFF = 0x400454CA
_TUNGETIFF = 0x800454D2
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_REVERSE_PATH_FILTER = 8  # IPV4_DEVCONF_RP_FILTER
_LOOSE = 2


class AnchorInterface:
    """The interface while it exists."""

    def __init__(self, owner: Owner, netlink: Netlink) -> None:
        """Create it, or raise KernelError."""
        self._netlink = netlink
        self._name = owner.anchor
        self._protocol = owner.protocol
        self._broadcast: IPv4Address | None = None
        self.descriptor = _create(owner.anchor)
        try:
            self.index = socket.if_nametoindex(owner.anchor)
            self._prepare(owner)
        except OSError:
            self.close()
            raise

    def configure(self, anchor: Anchor) -> None:
        """Give it this MTU and these addresses (others stay until `forget`), and bring it up. Raises KernelError."""
        if anchor.address6 is not None and anchor.mtu < LEAST_IPV6:
            raise KernelError(errno.EINVAL, f"IPv6 needs an MTU of {LEAST_IPV6}")
        self._set(number(LinkAttribute.MTU, anchor.mtu), up=True)
        for address in addresses_of(anchor):
            body = _address_body(address, self.index)
            self._netlink.request(Request(MessageType.NEWADDR, Flag.CREATE | Flag.REPLACE, body))
        self._accept(anchor.broadcast)

    def forget(self, address: Address) -> None:
        """Take an address away from it."""
        body = _address_body(address, self.index)
        self._netlink.request(Request(MessageType.DELADDR, 0, body), allow=(errno.EADDRNOTAVAIL, errno.ENODEV))

    def exists(self) -> bool:
        """Whether nobody has deleted it."""
        try:
            return socket.if_indextoname(self.index) == self._name
        except OSError:
            return False

    def holds(self, anchor: Anchor) -> bool:
        """Whether it is up and has its addresses."""
        try:
            link = self._netlink.get(MessageType.GETLINK, LINK.pack(AF_UNSPEC, 0, self.index, 0, 0))
            told = self._netlink.dump(MessageType.GETADDR, ADDRESS.pack(AF_UNSPEC, 0, 0, 0, 0))
        except KernelError:
            return False
        found = {_address(message) for message in told}
        up = bool(LINK.unpack_from(link.body)[3] & LinkFlag.UP)
        return up and all((self.index, address.packed) in found for address in addresses_of(anchor))

    def close(self) -> None:
        """Make it go."""
        os.close(self.descriptor)

    def _accept(self, broadcast: IPv4Address | None) -> None:
        """Take packets to this address as broadcasts, and no longer those to the one before.

        By a route as the kernel makes it for an address that has a broadcast address (IFA_BROADCAST): that cannot be
        changed in an address which stays, and routes that prefer ours as source would go with it.
        """
        if broadcast == self._broadcast:
            return
        if broadcast is not None:
            body = self._broadcast_body(broadcast)
            self._netlink.request(Request(MessageType.NEWROUTE, Flag.CREATE | Flag.REPLACE, body))
        if self._broadcast is not None:
            body = self._broadcast_body(self._broadcast)
            self._netlink.request(Request(MessageType.DELROUTE, 0, body), allow=(errno.ESRCH, errno.ENODEV))
        self._broadcast = broadcast

    def _broadcast_body(self, address: IPv4Address) -> bytes:
        header = ROUTE.pack(AF_INET, 32, 0, 0, LOCAL_TABLE, self._protocol, SCOPE_LINK, TYPE_BROADCAST, 0)
        link = number(RouteAttribute.OUT_INTERFACE, self.index)
        return header + attribute(RouteAttribute.DESTINATION, address.packed) + link

    def _prepare(self, owner: Owner) -> None:
        self._set(attribute(LinkAttribute.ALIAS, owner.alias.encode()))
        # Loose, whatever stricter value "all" has: without a reverse tunnel, answers leave by another link.
        loose = nested(AF_INET, nested(INET_CONF, number(_REVERSE_PATH_FILTER, _LOOSE)))
        self._set(nested(LinkAttribute.AF_SPEC, loose))
        # No link-local address: IPv6 on an IPv4 tunnel is noise. EINVAL and the like: a kernel without IPv6.
        silence = nested(AF_INET6, attribute(INET6_ADDR_GEN_MODE, bytes([INET6_ADDR_GEN_NONE])))
        self._set(nested(LinkAttribute.AF_SPEC, silence), allow=(errno.EINVAL, errno.EAFNOSUPPORT, errno.EOPNOTSUPP))

    def _set(self, attributes: bytes, *, up: bool = False, allow: tuple[int, ...] = ()) -> None:
        flags = LinkFlag.UP if up else 0
        header = LINK.pack(AF_UNSPEC, 0, self.index, flags, flags)
        self._netlink.request(Request(MessageType.SETLINK, 0, header + attributes), allow)


def interface_of(descriptor: int) -> int | None:
    """The index of the TUN interface behind a descriptor, or None if there is none."""
    try:
        answer = fcntl.ioctl(descriptor, _TUNGETIFF, bytes(40))  # ifreq
        return socket.if_nametoindex(answer[:16].rstrip(b"\0").decode())
    except OSError:
        return None


def _create(name: str) -> int:
    try:
        descriptor = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise KernelError(error.errno, f"cannot open {DEVICE}: {error.strerror}") from error
    try:
        fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    except OSError as error:
        os.close(descriptor)
        raise KernelError(error.errno, f"cannot create {name}: {error.strerror}") from error
    return descriptor


def addresses_of(anchor: Anchor) -> tuple[Address, ...]:
    """The addresses that it is to have."""
    return tuple(address for address in (anchor.address, anchor.address6) if address is not None)


def _address_body(address: Address, index: int) -> bytes:
    """One of IPv6 is used at once: who answers for it while we are away is the home agent (RFC 6275 §11.5.5)."""
    version = (AF_INET, 0) if address.version == 4 else (AF_INET6, AddressFlag.NO_DETECTION)
    header = ADDRESS.pack(version[0], address.max_prefixlen, version[1], SCOPE_UNIVERSE, index)
    return header + b"".join(
        attribute(type_, address.packed) for type_ in (AddressAttribute.LOCAL, AddressAttribute.ADDRESS)
    )


def _address(message: Message) -> tuple[int, bytes | None]:
    """Interface and address of what an address dump shows; of IPv6 it has no local attribute."""
    _, _, _, _, index = ADDRESS.unpack_from(message.body)
    found = attributes(message.body[ADDRESS.size :])
    return index, found.get(AddressAttribute.LOCAL) or found.get(AddressAttribute.ADDRESS)
