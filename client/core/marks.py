"""Hides what tells who and where somebody is: in a text that is given away, names and addresses become marks.

The same address has the same mark everywhere, so that the text can still be understood. Ports, codes, prefix lengths
and the addresses that everybody has (loopback, unspecified) stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

_MAC = re.compile(r"(?<![\w:])[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![\w:])")
_IPV4 = re.compile(r"(?<![\w.:])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\w)")  # also with a port behind it
_ADDRESS = re.compile(r"(?<![\w.:])[0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]*")


class Marks:
    """Gives each name and address a mark, from the first time that it is seen."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._marks: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._names = sorted({name for name in names if name}, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text with marks."""
        for name in self._names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", self._mark("name", name), text)
        text = _MAC.sub(lambda found: self._mark("mac", found[0].lower()), text)
        text = _IPV4.sub(lambda found: self._address(found[0]), text)
        return _ADDRESS.sub(lambda found: self._address(found[0]), text)

    def _address(self, text: str) -> str:
        bare = text.rstrip(".:") if not text.endswith("::") else text
        try:
            address = ip_address(bare)
        except ValueError:
            return text
        if address.is_loopback or address.is_unspecified:
            return text
        return self._mark(_kind(address), str(address)) + text[len(bare) :]

    def _mark(self, kind: str, value: str) -> str:
        known = self._marks.get((kind, value))
        if known is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            known = self._marks[kind, value] = f"<{kind}-{self._counts[kind]}>"
        return known


def _kind(address: IPv4Address | IPv6Address) -> str:
    return f"v{address.version}"
