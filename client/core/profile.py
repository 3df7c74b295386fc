"""A profile: what a home agent's owner gives to a mobile node, as TOML. Format 1 is frozen.

Every field is read from the first day on; `not_acted_on` names those that are set to something which we
do not act on yet. An unknown or misspelt field is an error.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct, field

from client.core import profile_checks as check
from client.core.choice import Preference, Switch
from client.core.secret import Secret
from client.core.status import Limit

Name: TypeAlias = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9@._+-]*\Z", max_length=128)]
"""What may become the name of a file."""

Spi: TypeAlias = Annotated[int, Meta(ge=256, le=2**32 - 1)]
Lifetime: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]


HMAC_SHA1_96 = "hmac-sha1-96"
AES_CBC_HMAC_SHA1_96 = "aes-cbc-hmac-sha1-96"
ESP_SECRETS = {HMAC_SHA1_96: 20, AES_CBC_HMAC_SHA1_96: 36}
"""Bytes: the key of RFC 2404 §3, and behind it that of RFC 3602 §2.1."""


class Peer(Enum):
    """With whom a key is shared."""

    HOME_AGENT = "home-agent"
    FOREIGN_AGENT = "foreign-agent"
    AAA = "aaa"


class Key(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mobility security association; `secret` is a name in `[secrets]`."""

    peer: Peer
    spi: Spi
    secret: Name
    algorithm: Literal["hmac-md5", "md5-prefix-suffix"] = "hmac-md5"
    peer_address: IPv4Address | None = None

    def __post_init__(self) -> None:
        if (self.peer is Peer.FOREIGN_AGENT) != (self.peer_address is not None):
            raise ValueError('peer_address: belongs to peer = "foreign-agent", and only there')
        if self.peer_address:
            check.host("peer_address", self.peer_address)


class IPv4Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[mipv4]`: addresses, agents and keys (RFC 5944), and how to use them."""

    home_address_text: str = field(name="home_address")
    home_agents: Annotated[list[str], Meta(min_length=1, max_length=8)]
    key: Annotated[list[Key], Meta(min_length=1, max_length=16)]
    nai: str | None = None
    lifetime: Lifetime = 600
    care_of: Preference = Preference.AUTO
    reverse_tunnel: Switch = Switch.AUTO
    delivery: Literal["direct", "encapsulating"] = "direct"
    encapsulation: list[Literal["ipip", "udp", "gre", "minimal"]] = field(
        default_factory=lambda: ["ipip", "udp", "gre", "minimal"]
    )
    broadcasts: bool = False
    tunnelled: list[str] | None = None  # packets to these prefixes use the home address; not said: all
    overlap: bool | None = None  # not said: where the daemon can
    replay: Literal["timestamp", "nonce"] = "timestamp"

    def __post_init__(self) -> None:
        check.nai(self.nai)
        if self.home_address:
            check.home_address(self.home_address)
        elif self.nai is None:
            raise ValueError('nai: is missing; home_address = "dynamic" needs it (RFC 2794)')
        check.home_agents(self.home_agents, self.home_address)
        check.distinct("encapsulation", self.encapsulation)
        if self.tunnelled is not None:
            check.prefixes("tunnelled", self.tunnelled)
        check.keys([(key.peer.value, key.peer_address, key.spi) for key in self.key])
        if not self.keys(Peer.HOME_AGENT):
            raise ValueError('key: none with peer = "home-agent"; without it no home agent believes us')

    @property
    def home_address(self) -> IPv4Interface | None:
        """The home address with its prefix, or None if the home agent assigns it."""
        return check.read_home_address(self.home_address_text)

    @property
    def tunnelled_prefixes(self) -> tuple[IPv4Network, ...] | None:
        """The networks to which packets use the home address, or None for all."""
        return None if self.tunnelled is None else check.prefixes("tunnelled", self.tunnelled)

    def keys(self, peer: Peer) -> list[Key]:
        """The keys shared with this kind of peer, in their order."""
        return [key for key in self.key if key.peer is peer]


class Rfc4285(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="method", tag="rfc4285"):
    """Binding Updates with a mobility message authentication option (RFC 4285)."""

    id: str
    spi: Spi
    secret: Name
    replay: Literal["timestamp", "none"] = "timestamp"


class IpsecManual(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="method", tag="ipsec-manual"
):
    """Binding Updates in ESP with keys set by hand (RFC 3776 §3.1)."""

    spi_out: Spi
    spi_in: Spi
    secret: Name
    algorithm: str = HMAC_SHA1_96

    def __post_init__(self) -> None:
        if self.spi_in == self.spi_out:
            raise ValueError("spi_in: is the same as spi_out; each direction has its own")


class Ikev2(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="method", tag="ikev2"):
    """Binding Updates under ESP that IKEv2 keys; `ca` names a file beside the profile."""

    id: str
    ca: Name


class DirectPaths(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[mipv6.direct_paths]`: route optimisation, and with whom not."""

    default: Literal["on-demand", "off"] = "on-demand"
    after_packets: Annotated[int, Meta(ge=1, le=1_000_000)] = 10
    never: Annotated[list[str], Meta(max_length=256)] = field(default_factory=list)
    accept_unprotected: bool = False

    def __post_init__(self) -> None:
        for network in self.never:
            check.ipv6_network("never", network)


class IPv6Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[mipv6]` (RFC 6275)."""

    home_address: str
    home_prefix: str
    home_agents: Annotated[list[str], Meta(min_length=1, max_length=8)]
    auth: Rfc4285 | IpsecManual | Ikev2
    transport: Literal["auto", "native", "udp"] = "auto"
    lifetime: Lifetime = 600
    direct_paths: DirectPaths = field(default_factory=DirectPaths)

    def __post_init__(self) -> None:
        check.ipv6_home(self.home_address, self.home_prefix)
        check.ipv6_home_agents(self.home_agents)


class Dns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[dns]`: servers at home, and for which domains ("~." is all)."""

    servers: Annotated[list[str], Meta(max_length=8)] = field(default_factory=list)
    domains: Annotated[list[str], Meta(max_length=64)] = field(default_factory=list)

    def __post_init__(self) -> None:
        for server in self.servers:
            check.server("servers", server)
        for domain in self.domains:
            check.domain("domains", domain)


class Probe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[probe]`: who answers echo requests instead of the home agent."""

    target: str

    def __post_init__(self) -> None:
        check.server("target", self.target)


class Required(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[required]`: what the headline state needs."""

    families: Annotated[list[Literal["ipv4", "ipv6"]], Meta(min_length=1, max_length=2)]


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole profile, keys included. Only `read_profile` makes one."""

    format: Literal[1]
    id: Name
    serial: Annotated[int, Meta(ge=0, le=2**53)]
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    mipv4: IPv4Profile | None = None
    mipv6: IPv6Profile | None = None
    dns: Dns | None = None
    probe: Probe | None = None
    required: Required | None = None
    secrets: dict[Name, Secret] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check.printable("name", self.name)
        if self.mipv4 is None and self.mipv6 is None:
            raise ValueError("mipv4: is missing, and mipv6 too; a profile needs one of them")
        lengths = {name: len(secret) for name, secret in self.secrets.items()}
        check.secrets(self.secret_names, lengths)
        if self.mipv6 and isinstance(self.mipv6.auth, IpsecManual) and self.mipv6.auth.algorithm in ESP_SECRETS:
            wanted = ESP_SECRETS[self.mipv6.auth.algorithm]
            check.key_length("mipv6.auth.secret", lengths[self.mipv6.auth.secret], wanted)

    @property
    def secret_names(self) -> dict[str, str]:
        """The secrets that the profile needs, each with the field that names it."""
        names = {}
        if self.mipv4:
            names = {key.secret: f"mipv4.key[{index}].secret" for index, key in enumerate(self.mipv4.key)}
        if self.mipv6 and not isinstance(self.mipv6.auth, Ikev2):
            names[self.mipv6.auth.secret] = "mipv6.auth.secret"
        return names


def acts_on_ipv6(profile: Profile) -> bool:
    """Can we protect the signalling as this profile wants it?"""
    auth = profile.mipv6.auth if profile.mipv6 else None
    return isinstance(auth, Rfc4285) or (isinstance(auth, IpsecManual) and auth.algorithm in ESP_SECRETS)


def not_acted_on(profile: Profile) -> list[Limit]:
    """The fields set to something that today's daemon reads but does not act on; `detail` is the field's path."""
    paths = [name for name in ("dns", "probe") if getattr(profile, name)]
    if profile.mipv6 and not acts_on_ipv6(profile):
        paths.append("mipv6.auth")
    if profile.mipv6 and profile.mipv6.transport == "udp":
        paths.append("mipv6.transport")
    if profile.mipv4:
        paths += _not_acted_on(profile.mipv4)
    return [Limit(id="not-acted-on", detail=path) for path in paths]


def _not_acted_on(mipv4: IPv4Profile) -> list[str]:
    asked = {
        "home_agents": "discover" in mipv4.home_agents,
        "delivery": mipv4.delivery != "direct",
        "replay": mipv4.replay != "timestamp",
        "key": bool(mipv4.keys(Peer.AAA)),
    }
    return [f"mipv4.{name}" for name, set_ in asked.items() if set_]
