"""Reply codes (RFC 5944 §3.4, RFC 2794 §5, RFC 3024 §3.4): who speaks, and what we do about it."""

from __future__ import annotations

from enum import Enum, IntEnum


class Code(IntEnum):
    """The code of a Registration Reply."""

    ACCEPTED = 0
    ACCEPTED_NO_SIMULTANEOUS = 1
    FA_UNSPECIFIED = 64
    FA_PROHIBITED = 65
    FA_RESOURCES = 66
    FA_MOBILE_NODE_AUTHENTICATION = 67
    FA_HOME_AGENT_AUTHENTICATION = 68
    FA_LIFETIME_TOO_LONG = 69
    FA_POORLY_FORMED_REQUEST = 70
    FA_POORLY_FORMED_REPLY = 71
    FA_ENCAPSULATION_UNAVAILABLE = 72
    FA_RESERVED = 73
    FA_REVERSE_TUNNEL_UNAVAILABLE = 74
    FA_REVERSE_TUNNEL_MANDATORY = 75
    FA_TOO_DISTANT = 76
    FA_INVALID_CARE_OF_ADDRESS = 77
    FA_TIMEOUT = 78
    FA_DELIVERY_UNSUPPORTED = 79
    HOME_NETWORK_UNREACHABLE = 80
    HOME_AGENT_HOST_UNREACHABLE = 81
    HOME_AGENT_PORT_UNREACHABLE = 82
    HOME_AGENT_UNREACHABLE = 88
    NONZERO_HOME_ADDRESS_REQUIRED = 96
    MISSING_NAI = 97
    MISSING_HOME_AGENT = 98
    MISSING_HOME_ADDRESS = 99
    HA_UNSPECIFIED = 128
    HA_PROHIBITED = 129
    HA_RESOURCES = 130
    HA_MOBILE_NODE_AUTHENTICATION = 131
    HA_FOREIGN_AGENT_AUTHENTICATION = 132
    HA_IDENTIFICATION_MISMATCH = 133
    HA_POORLY_FORMED_REQUEST = 134
    HA_TOO_MANY_BINDINGS = 135
    HA_UNKNOWN_HOME_AGENT = 136
    HA_REVERSE_TUNNEL_UNAVAILABLE = 137
    HA_REVERSE_TUNNEL_MANDATORY = 138
    HA_ENCAPSULATION_UNAVAILABLE = 139
    HA_UDP_ENCAPSULATION_UNAVAILABLE = 142  # RFC 3519
    INVALID_HOME_AGENT_ADDRESS = 194


class Remedy(Enum):
    """What the mobile node does by itself after a refusal."""

    RESYNCHRONISE = "resynchronise"  # take the home agent's clock as an offset, ask once more
    SHORTER_LIFETIME = "shorter-lifetime"  # ask again with the lifetime of the reply
    REVERSE_TUNNEL = "reverse-tunnel"  # ask again with the T bit
    NO_REVERSE_TUNNEL = "no-reverse-tunnel"  # ask again without the T bit, unless a person insists
    OTHER_ENCAPSULATION = "other-encapsulation"  # ask again with the next one that a person would have
    ONLY_BINDING = "only-binding"  # ask again without the S bit
    NO_UDP_TUNNEL = "no-udp-tunnel"  # ask again without RFC 3519's extension
    OTHER_HOME_AGENT = "other-home-agent"  # take the address in the reply
    OTHER_CARE_OF_ADDRESS = "other-care-of-address"  # go round this foreign agent
    LATER = "later"  # back off and try again
    PERSON = "person"  # only a person can mend it: try seldom


_REMEDIES = {
    Code.FA_LIFETIME_TOO_LONG: Remedy.SHORTER_LIFETIME,
    Code.HA_IDENTIFICATION_MISMATCH: Remedy.RESYNCHRONISE,
    Code.HA_UNKNOWN_HOME_AGENT: Remedy.OTHER_HOME_AGENT,
    Code.FA_REVERSE_TUNNEL_UNAVAILABLE: Remedy.NO_REVERSE_TUNNEL,
    Code.HA_REVERSE_TUNNEL_UNAVAILABLE: Remedy.NO_REVERSE_TUNNEL,
    Code.FA_REVERSE_TUNNEL_MANDATORY: Remedy.REVERSE_TUNNEL,
    Code.HA_REVERSE_TUNNEL_MANDATORY: Remedy.REVERSE_TUNNEL,
    Code.FA_ENCAPSULATION_UNAVAILABLE: Remedy.OTHER_ENCAPSULATION,
    Code.HA_ENCAPSULATION_UNAVAILABLE: Remedy.OTHER_ENCAPSULATION,
    Code.HA_UDP_ENCAPSULATION_UNAVAILABLE: Remedy.NO_UDP_TUNNEL,
    Code.HA_TOO_MANY_BINDINGS: Remedy.ONLY_BINDING,
    Code.HA_MOBILE_NODE_AUTHENTICATION: Remedy.PERSON,
    Code.HA_PROHIBITED: Remedy.PERSON,
    Code.FA_RESERVED: Remedy.PERSON,
    Code.INVALID_HOME_AGENT_ADDRESS: Remedy.PERSON,
    Code.MISSING_NAI: Remedy.PERSON,
    Code.MISSING_HOME_AGENT: Remedy.PERSON,
}
_LATER = frozenset(
    {
        Code.FA_RESOURCES,
        Code.FA_TIMEOUT,
        Code.HOME_NETWORK_UNREACHABLE,
        Code.HOME_AGENT_HOST_UNREACHABLE,
        Code.HOME_AGENT_PORT_UNREACHABLE,
        Code.HOME_AGENT_UNREACHABLE,
    }
)


def is_accepted(code: int) -> bool:
    """0 and 1 are the two ways to say yes."""
    return code in (Code.ACCEPTED, Code.ACCEPTED_NO_SIMULTANEOUS)


def is_from_foreign_agent(code: int) -> bool:
    """Does this code speak for the foreign agent: a hint, without the home agent's authenticator (RFC 5944 §3.4)?"""
    return 64 <= code <= 127 or code == Code.INVALID_HOME_AGENT_ADDRESS


def remedy(code: int) -> Remedy:
    """What to do about a refusal, also about one with a code that nobody has told us of."""
    known = _REMEDIES.get(Code(code)) if code in Code._value2member_map_ else None
    if known:
        return known
    if code in _LATER:
        return Remedy.LATER
    return Remedy.OTHER_CARE_OF_ADDRESS if is_from_foreign_agent(code) else Remedy.LATER
