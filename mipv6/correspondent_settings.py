"""How a correspondent deals with mobile nodes."""

from __future__ import annotations

from dataclasses import dataclass

MAX_TOKEN_LIFETIME = 210.0
MAX_NONCE_LIFETIME = 240.0
MAX_RR_BINDING_LIFETIME = 420
"""Seconds (RFC 6275 §12)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrespondentSettings:
    """Limits of the correspondent role; all times in seconds."""

    capacity: int = 1024  # bindings at one time; who comes when it is full is refused with status 130
    longest_lifetime: int = MAX_RR_BINDING_LIFETIME
    nonce_interval: float = 30.0  # between a nonce's first use and the next nonce
    nonce_lifetime: float = MAX_NONCE_LIFETIME  # after its first use
    answers_per_second: int = 20  # unsigned answers and errors, to one /64
    anchor_mtu: int = 1476  # bytes: an Ethernet frame without the type 2 routing header
