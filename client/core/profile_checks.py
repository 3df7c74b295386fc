"""What no profile may say, whoever made it (threat T23). Each raises ValueError("field: what is wrong")."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network, ip_address

SHORTEST_KEY = 16
"""Bytes (RFC 5944 §5.1: 128 bits or more)."""

LONGEST_KEY = 1024
LONGEST_NAI = 255
"""Bytes: the NAI extension's length is one byte (RFC 2794 §2)."""

SHORTEST_PREFIX = 8
"""No home network is larger than ten million hosts; a shorter prefix would swallow the Internet."""

MOST_PREFIXES = 256
"""Each is a policy rule, which every packet may have to pass."""

DYNAMIC = "dynamic"
DISCOVER = "discover"

_HOST_NAME = re.compile(r"\A(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?\Z")
_NAI = re.compile(r"\A[^\s@\x00-\x1f\x7f]+(@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?\Z")
_DOTTED_NUMBERS = re.compile(r"\A[0-9.]+\Z")


def printable(name: str, text: str) -> None:
    """Nothing that could confuse a terminal."""
    if not text.isprintable():
        raise ValueError(f"{name}: holds characters that cannot be printed")


def nai(text: str | None) -> None:
    """A network access identifier (RFC 2794, RFC 4282): user, or user@realm."""
    if text is not None and (not _NAI.match(text) or len(text.encode()) > LONGEST_NAI):
        raise ValueError("nai: is no name like alice@example.net")


def read_home_address(text: str) -> IPv4Interface | None:
    """An address with its prefix length, or None for "dynamic"."""
    if text == DYNAMIC:
        return None
    try:
        interface = IPv4Interface(text)
    except ValueError:
        interface = None
    if interface is None or not re.fullmatch(r"[0-9.]+/[0-9]+", text):
        raise ValueError(f'home_address: {text[:40]!r} is neither like "198.51.100.23/24" nor "dynamic"')
    return interface


def home_address(interface: IPv4Interface) -> None:
    """A unicast address of a network of ordinary size."""
    network = interface.network
    if network.prefixlen < SHORTEST_PREFIX:
        raise ValueError(f"home_address: a home network of /{network.prefixlen} is too large; /8 at most")
    host("home_address", interface.ip)
    if network.prefixlen < 31 and interface.ip in (network.network_address, network.broadcast_address):
        raise ValueError(f"home_address: {interface.ip} is not a host in {network}")


def host(name: str, address: IPv4Address | IPv6Address) -> None:
    """One host that others can reach."""
    kinds = {
        "unspecified": address.is_unspecified,
        "loopback": address.is_loopback,
        "multicast": address.is_multicast,
        "link-local": address.is_link_local,
        "reserved": address.version == 4 and (address.is_reserved or int(address) < 2**24),
    }
    kind = next((kind for kind, is_so in kinds.items() if is_so), None)
    if kind:
        raise ValueError(f"{name}: {address} is a{'n' if kind[0] == 'u' else ''} {kind} address")


def home_agents(agents: Sequence[str], home: IPv4Interface | None) -> None:
    """Addresses, host names, or "discover"; each once; none the mobile node itself."""
    distinct("home_agents", agents)
    for agent in agents:
        if agent != DISCOVER:
            server("home_agents", agent, version=4)
        if home and agent == str(home.ip):
            raise ValueError(f"home_agents: {agent} is the home address itself")


def server(name: str, text: str, version: int | None = None) -> None:
    """An address (of this IP version, if given) or a host name."""
    try:
        address = ip_address(text)
    except ValueError:
        if len(text) > 253 or not _HOST_NAME.match(text) or _DOTTED_NUMBERS.match(text):
            raise ValueError(f"{name}: {text[:40]!r} is neither an address nor a host name") from None
        return
    if version not in (None, address.version):
        raise ValueError(f"{name}: {address} is not an IPv{version} address")
    host(name, address)


def domain(name: str, text: str) -> None:
    """A domain, "~domain" (only for look-ups), or "~." for all."""
    if text != "~." and (len(text) > 253 or not _HOST_NAME.match(text.removeprefix("~"))):
        raise ValueError(f"{name}: {text[:40]!r} is no domain")


def distinct(name: str, values: Sequence[Hashable]) -> None:
    """At least one value, and none twice."""
    if not values or len(set(values)) != len(values):
        raise ValueError(f"{name}: must hold at least one value, and none twice")


def prefixes(name: str, texts: Sequence[str]) -> tuple[IPv4Network, ...]:
    """IPv4 networks like 10.0.0.0/8, each once and not too many; an address alone is a network of one."""
    if len(texts) > MOST_PREFIXES:
        raise ValueError(f"{name}: holds {len(texts)} prefixes; {MOST_PREFIXES} at most")
    networks = tuple(_prefix(name, text) for text in texts)
    distinct(name, networks)
    return networks


def _prefix(name: str, text: str) -> IPv4Network:
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        network = None
    if network is None or not re.fullmatch(r"[0-9.]+(/[0-9]+)?", text):
        raise ValueError(f"{name}: {text[:40]!r} is no prefix like 10.0.0.0/8")
    if str(network.network_address) != text.partition("/")[0]:
        raise ValueError(f"{name}: {text} names a host in a network; did you mean {network}?")
    return network


def keys(associations: Sequence[tuple[str, IPv4Address | None, int]]) -> None:
    """With one peer an SPI means one key (RFC 5944 §1.6)."""
    seen = set()
    for peer, address, spi in associations:
        if (peer, address, spi) in seen:
            raise ValueError(f"key: SPI {spi} is given twice for one {peer}")
        seen.add((peer, address, spi))


def secrets(needed: Mapping[str, str], lengths: Mapping[str, int]) -> None:
    """Every secret that is named is there, long enough, and none is there that nothing names."""
    for name, path in needed.items():
        if name not in lengths:
            raise ValueError(f"secrets: {name!r} is missing, which {path} names")
    for name, length in lengths.items():
        if name not in needed:
            raise ValueError(f"secrets: {name!r} is not used by any key")
        if not SHORTEST_KEY <= length <= LONGEST_KEY:
            raise ValueError(f"secrets: {name!r} has {length * 8} bits; 128 at least, {LONGEST_KEY * 8} at most")


def key_length(field: str, length: int, wanted: int) -> None:
    """An algorithm that takes keys of one length."""
    if length != wanted:
        raise ValueError(f"{field}: names a secret of {length * 8} bits; {wanted * 8} are needed")


def ipv6_home(address_text: str, prefix_text: str) -> None:
    """A unicast address, and the prefix that it lies in."""
    try:
        address, prefix = IPv6Interface(address_text).ip, IPv6Network(prefix_text)
    except ValueError as error:
        raise ValueError(f"home_address: {error}") from None
    host("home_address", address)
    if prefix.prefixlen < 16 or address not in prefix:
        raise ValueError(f"home_address: {address} does not lie in a home prefix {prefix}")


def ipv6_home_agents(agents: Sequence[str]) -> None:
    """Addresses, host names, or "dhaad" (discovery, RFC 6275 §11.4.1); each once."""
    distinct("home_agents", agents)
    for agent in agents:
        if agent != "dhaad":
            server("home_agents", agent, version=6)


def ipv6_network(name: str, text: str) -> None:
    """An IPv6 prefix."""
    try:
        IPv6Network(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
