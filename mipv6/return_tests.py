"""Return routability with one correspondent: the tokens that are known, and asking for others (RFC 6275 §11.6)."""

from __future__ import annotations

import hmac
from dataclasses import replace
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.ipv6 import IPv6Packet
from client.core.machine import Heard6, Random, Send6
from client.core.plan import ANCHOR
from mipv6.attachment import Attachment
from mipv6.chance import random_bytes
from mipv6.correspondent_pace import Pace
from mipv6.correspondent_state import LONGEST_WAIT, Testing, Token, Trial
from mipv6.messages import CareOfTest, CareOfTestInit, HomeTest, HomeTestInit

TestInit: TypeAlias = type[HomeTestInit] | type[CareOfTestInit]

_COOKIE_SIZE = 8
_TOKENS_KEPT = 4
"""Care-of tokens: who comes back to a place soon need not ask again (RFC 6275 §11.6.1)."""


class ReturnTests:
    """What is under way is the entry's state; this is what it takes to get on with it."""

    def __init__(self, correspondent: IPv6Address, home_address: IPv6Address, random: Random, pace: Pace) -> None:
        self._correspondent = correspondent
        self._home_address = home_address
        self._random = random
        self._pace = pace
        self._home: Token | None = None
        self._care_of: dict[IPv6Address, Token] = {}

    def home(self, now: float) -> Token | None:
        """The home token, while it is good."""
        return self._home if self._home is not None and self._home.is_good(now) else None

    def care_of(self, address: IPv6Address, now: float) -> Token | None:
        """The token of a care-of address, while it is good."""
        token = self._care_of.get(address)
        return token if token is not None and token.is_good(now) else None

    def forget_home(self) -> None:
        """The correspondent does not know its nonce any more."""
        self._home = None

    def forget_care_of(self, address: IPv6Address) -> None:
        """The same for a care-of token."""
        self._care_of.pop(address, None)

    def forget(self) -> None:
        """All of them."""
        self._home = None
        self._care_of.clear()

    # --- asking -----------------------------------------------------------------------------------

    def ask(self, state: Testing, here: Attachment, now: float) -> tuple[Testing, list[Send6]]:
        """Send what is due, each with a new cookie."""
        sends: list[Send6] = []
        home = self._ask(HomeTestInit, state.home, here, now, sends)
        care_of = self._ask(CareOfTestInit, state.care_of, here, now, sends)
        return Testing(home, care_of), sends

    def _ask(
        self, kind: TestInit, trial: Trial | None, here: Attachment, now: float, sends: list[Send6]
    ) -> Trial | None:
        if trial is None or now < trial.deadline:
            return trial
        earliest = self._pace.earliest(kind, now)
        if earliest > now:
            return replace(trial, deadline=earliest)
        self._pace.sent(kind, now)
        cookie = random_bytes(self._random, _COOKIE_SIZE)
        source = self._home_address if kind is HomeTestInit else here.care_of_address
        packet = kind(cookie=cookie).packet(source, self._correspondent)
        sends.append(sent_from(packet, self._home_address, here.interface))
        wait = trial.wait
        return Trial(now + wait, trial.tries + 1, min(2 * wait, LONGEST_WAIT), cookie, packet)

    # --- answers (§11.6.2) ------------------------------------------------------------------------

    def take_home(
        self, state: Testing, here: Attachment, heard: Heard6, message: HomeTest, now: float
    ) -> Testing | None:
        """What is still under way, or None: it did not come as it should."""
        at_home = here.care_of_address == self._home_address
        way = here.interface if at_home else ANCHOR
        right = heard.packet.destination == self._home_address and heard.interface == way
        if not right or not _answers(message, state.home):
            return None
        self._home = Token(message.keygen_token, message.nonce_index, now)
        return replace(state, home=None)

    def take_care_of(
        self, state: Testing, here: Attachment, heard: Heard6, message: CareOfTest, now: float
    ) -> Testing | None:
        """The same for the care-of address."""
        right = heard.packet.destination == here.care_of_address and heard.interface != ANCHOR
        if not right or not _answers(message, state.care_of):
            return None
        self._care_of.pop(here.care_of_address, None)
        self._care_of[here.care_of_address] = Token(message.keygen_token, message.nonce_index, now)
        if len(self._care_of) > _TOKENS_KEPT:
            del self._care_of[next(iter(self._care_of))]
        return replace(state, care_of=None)


def sent_from(packet: IPv6Packet, home_address: IPv6Address, interface: int) -> Send6:
    """What bears the home address as its source goes as a program's packet does: away from home by the tunnel."""
    if packet.source == home_address:
        return Send6(packet=packet, signalling=False)
    return Send6(packet=packet, interface=interface)


def _answers(message: HomeTest | CareOfTest, asked: Trial | None) -> bool:
    return asked is not None and bool(asked.cookie) and hmac.compare_digest(message.cookie, asked.cookie)
