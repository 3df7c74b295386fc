"""The tables of mobilityagentd's configuration file, and what each key is if it is left out."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from agents.home6.configuration import CorrespondentTable, Home6Table
from agents.settings import ReverseTunnel
from client.mipv4.authentication import Algorithm

TunnelKind: TypeAlias = Literal["ipip", "gre", "minimal", "udp"]


class StrictTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Every table: unknown keys are errors."""


class HomeAgentTable(StrictTable, frozen=True, kw_only=True):
    """[[home_agent]]"""

    address: str
    network: str
    interface: str | None = None
    max_lifetime: int = 600
    tolerance: float = 7.0
    reverse_tunnel: ReverseTunnel = ReverseTunnel.ALLOWED
    pool: str | None = None
    max_bindings: int = 10_000
    advertisement_lifetime: int = 9
    encapsulations: tuple[TunnelKind, ...] = ("ipip", "gre", "minimal", "udp")
    udp_lifetime: int = 300
    keepalive: int = 0
    forced_udp: bool = True
    simultaneous_bindings: int = 3
    broadcasts: bool = True
    multicast: bool = True
    shortcut: bool = False


class ForeignAgentTable(StrictTable, frozen=True, kw_only=True):
    """[[foreign_agent]]"""

    interface: str
    care_of_address: str
    registration_lifetime: int = 1800
    advertisement_lifetime: int = 9
    registration_required: bool = False
    reverse_tunnel: ReverseTunnel = ReverseTunnel.ALLOWED
    encapsulations: tuple[TunnelKind, ...] = ("ipip", "gre", "minimal")


class KeyTable(StrictTable, frozen=True, kw_only=True):
    """[[key]]"""

    peer_kind: Literal["home-agent", "foreign-agent", "mobile-node"] = msgspec.field(name="with")
    peer: str
    spi: int
    algorithm: Algorithm = Algorithm.HMAC_MD5
    secret: str


class Configuration(StrictTable, frozen=True, kw_only=True):
    """The whole file."""

    home_agent: list[HomeAgentTable] = []
    foreign_agent: list[ForeignAgentTable] = []
    home6: Home6Table | None = None
    correspondent: CorrespondentTable | None = None
    key: list[KeyTable] = []
