"""Has a link use new IPv6 addresses while duplicate address detection still runs (RFC 4429)."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from client.core.errors import KernelError
from client.linux.dataplane.link_settings import Values

_SETTINGS = Path("/proc/sys/net/ipv6/conf")  # netlink tells of these, but sets none


class OptimisticSettings:
    """By the files of sysctl; a kernel without CONFIG_IPV6_OPTIMISTIC_DAD has none of them."""

    wanted: Mapping[str, int] = MappingProxyType({"optimistic_dad": 1, "use_optimistic": 1})

    def read(self, interface: int) -> tuple[str, Values]:
        """The link's name, and those settings that there are. Raises KernelError."""
        try:
            name = socket.if_indextoname(interface)
            files = {key: _SETTINGS / name / key for key in self.wanted}
            return name, {key: int(file.read_text(encoding="ascii")) for key, file in files.items() if file.exists()}
        except OSError as error:
            raise KernelError(errno.ENODEV, f"there is no link {interface}") from error

    def write(self, interface: int, values: Values) -> None:
        """Set them. Raises KernelError."""
        try:
            name = socket.if_indextoname(interface)
            for key, value in values.items():
                (_SETTINGS / name / key).write_text(str(value), encoding="ascii")
        except OSError as error:
            gone = error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV)
            raise KernelError(errno.ENODEV if gone else error.errno, error.strerror) from error
