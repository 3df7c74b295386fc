"""What the codes of replies mean and what is done about them, in words (RFC 5944 §3.4, RFC 2794, RFC 3024, RFC 6275).

Each value is (meaning, action, automatic): automatic means that the daemon does it by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Words: TypeAlias = tuple[str, str, bool]

_NOTHING = "Nothing to do."
_GO_ROUND = "The daemon goes round this foreign agent with an own address, where the network gives one."
_RETRY = "The daemon asks again later, ever more seldom."
_REPORT = "Tell the operator of the agent; the daemon asks again, but seldom."
_UNREACHABLE = f"{_RETRY} Is mobilityagentd running at home, and is UDP port 434 open?"
_OPEN_PROFILE = "Ask your home agent's owner for a new profile."
_NEXT_ENCAPSULATION = "The daemon asks for the next one that the profile names, and for IP-in-IP at last."
_WITHOUT_UDP = (
    "The daemon asks without one. Behind a NAT that does not help: ask your home agent's owner to turn it on."
)
_TICK_RETURNS = "The daemon registers without the reverse tunnel; turn it on again on another network."

V4: Mapping[int, Words] = {
    0: ("accepted", _NOTHING, False),
    1: (
        "accepted, but only one place at a time",
        f"{_NOTHING[:-1]}; a move between two links may lose packets.",
        False,
    ),
    64: ("the foreign agent refused without giving a reason", _GO_ROUND, True),
    65: ("the foreign agent does not allow you here", f"{_GO_ROUND} Or ask its operator.", True),
    66: ("the foreign agent is full", _RETRY, True),
    67: ("the foreign agent does not accept your key", _GO_ROUND, True),
    68: ("the foreign agent and your home agent do not trust each other", _GO_ROUND, True),
    69: ("the lifetime was too long for the foreign agent", "The daemon asks for the one that it allows.", True),
    70: ("the foreign agent could not read the request", _GO_ROUND, True),
    71: ("the foreign agent could not read your home agent's reply", _GO_ROUND, True),
    72: ("the foreign agent does not offer this encapsulation", _NEXT_ENCAPSULATION, True),
    73: ("a code that no standard gives a meaning", _REPORT, False),
    74: ("the foreign agent does not offer reverse tunnelling", _TICK_RETURNS, True),
    75: ("the foreign agent requires reverse tunnelling", "The daemon turns it on.", True),
    76: ("the foreign agent is more than one hop away", _GO_ROUND, True),
    77: ("the foreign agent does not know this care-of address", _GO_ROUND, True),
    78: ("your home agent did not answer the foreign agent", _RETRY, True),
    79: ("the foreign agent does not offer this delivery style", _GO_ROUND, True),
    80: ("the foreign agent cannot reach the home network", _UNREACHABLE, True),
    81: ("the foreign agent cannot reach the home agent's host", _UNREACHABLE, True),
    82: ("no home agent listens on UDP port 434", _UNREACHABLE, True),
    88: ("the foreign agent cannot reach your home agent", _UNREACHABLE, True),
    96: ("the foreign agent serves only fixed home addresses", f"{_GO_ROUND} Else: {_OPEN_PROFILE.lower()}", True),
    97: ("the foreign agent wants an NAI, which the profile lacks", _OPEN_PROFILE, False),
    98: ("the foreign agent wants a home agent's address, which the profile lacks", _OPEN_PROFILE, False),
    99: ("the foreign agent wants a home address, which the profile lacks", _GO_ROUND, True),
    104: ("the foreign agent does not know the challenge", _GO_ROUND, True),
    105: ("the foreign agent misses a challenge", _GO_ROUND, True),
    106: ("the challenge was stale", _GO_ROUND, True),
    108: ("the foreign agent could not check you with its AAA server", _GO_ROUND, True),
    109: ("your home agent saw another challenge than the foreign agent", _GO_ROUND, True),
    128: ("your home agent refused without giving a reason", f"{_RETRY} Or ask its owner.", True),
    129: ("your home agent does not allow this", "Ask its owner; the daemon asks again, but seldom.", False),
    130: ("your home agent is full", _RETRY, True),
    131: (
        "your home agent does not accept your key or SPI",
        f"Import the profile again. Else: {_OPEN_PROFILE.lower()}",
        False,
    ),
    132: ("your home agent does not trust the foreign agent", f"{_RETRY} An own address would help.", True),
    133: ("your clock and your home agent's differ", "The daemon corrects for it and asks once more.", True),
    134: ("your home agent could not read the request", _RETRY, True),
    135: ("you are registered in too many places at once", "The daemon gives up the others and asks once more.", True),
    136: ("this is not your home agent's address", "The daemon asks the one that the reply names.", True),
    137: ("your home agent does not offer reverse tunnelling", _TICK_RETURNS, True),
    138: ("your home agent requires reverse tunnelling", "The daemon turns it on.", True),
    139: ("your home agent does not offer this encapsulation", _NEXT_ENCAPSULATION, True),
    142: ("your home agent offers no UDP tunnel", _WITHOUT_UDP, True),
    143: ("your home agent names another one to use", _RETRY, True),
    144: ("your home agent could not check you with its AAA server", _RETRY, True),
    151: ("your subscription does not include this service", _RETRY, True),
    194: ("the home agent's address in the request is not valid", _REPORT, False),
}

_CORRESPONDENT = "The daemon repeats the test by itself; packets go through home meanwhile."
_OTHER_AGENT = "The daemon asks the next home agent, if it knows one, or looks for one."

V6: Mapping[int, Words] = {
    0: ("accepted", _NOTHING, False),
    1: ("accepted, and the home prefix is about to change", "The daemon asks for the new prefixes.", True),
    128: ("refused without giving a reason", _RETRY, True),
    129: ("not allowed", "Ask your home agent's owner; the daemon asks again, but seldom.", False),
    130: ("your home agent is full", _RETRY, True),
    131: ("your home agent does not do mobility for you", _OTHER_AGENT, True),
    132: ("not the prefix of this home network", _OTHER_AGENT, True),
    133: ("not your home agent", _OTHER_AGENT, True),
    134: (
        "another device uses your home address",
        "Ask your home agent's owner to find it; then `mobilenode check` asks again.",
        False,
    ),
    135: ("the sequence number was too old", "The daemon takes the one it was told, and asks once more.", True),
    136: ("the home nonce has expired", _CORRESPONDENT, True),
    137: ("the care-of nonce has expired", _CORRESPONDENT, True),
    138: ("both nonces have expired", _CORRESPONDENT, True),
    139: ("the kind of registration may not change", _RETRY, True),
    144: ("your clock and your home agent's differ", "The daemon corrects for it and asks once more.", True),
    145: ("your home agent wants the time of day in each message", "The daemon adds it and asks once more.", True),
    146: (
        "your home agent does not accept your key",
        f"Import the profile again. Else: {_OPEN_PROFILE.lower()}",
        False,
    ),
    174: ("the care-of address is not valid", _RETRY, True),
}
