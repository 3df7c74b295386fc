"""Answers Binding Updates: tries addresses, binds, releases, refuses (RFC 6275 §10.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv6Address

from agents.home6.acknowledgement import Answer, send_acknowledgement
from agents.home6.admission import Admission, Claim, Decision, Granted, Refused, Released, Repeated
from agents.home6.bindings import Binding6, Bindings6, defended_addresses
from agents.home6.prefixes import HomePrefixes
from agents.home6.replay import Timestamps
from agents.home6.residents import Residents
from agents.home6.sequences import Sequences
from agents.home6.settings import Home6Settings
from agents.home6.trials import Trials
from agents.home6.update import Update
from agents.refusals import Dropped
from client.core.ipv6 import is_unicast_routable
from client.core.links import Link
from client.core.machine import Output, WallClock
from mipv6.allowance import Allowance
from mipv6.status_codes import Status

REFUSALS_PER_SECOND = 20
"""To one network of 64 bits (threat T12)."""


_NOT_BOUND = Refused(Status.NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE)


class Registrar:
    """Keeps the binding cache. What the home link must hear of a change is the caller's."""

    def __init__(
        self,
        settings: Home6Settings,
        prefixes: HomePrefixes,
        residents: Residents,
        wall_clock: WallClock,
        counters: Counter[str],
        memory: bytes = b"",
    ) -> None:
        self.bindings = Bindings6()
        self.trials = Trials()
        self.parting: Update | None = None  # the last update, if it is a proved deregistration, needed or not
        self.counters = counters
        self._settings = settings
        self._prefixes = prefixes
        self._timestamps = Timestamps(wall_clock, settings.tolerance)
        self.sequences = Sequences(memory)
        self.admission = Admission(settings, self.bindings, prefixes, residents, self._timestamps, self.sequences)
        self._refusals = Allowance(REFUSALS_PER_SECOND)
        self._unproved = Allowance(REFUSALS_PER_SECOND)

    @property
    def deadline(self) -> float:
        """The end of a binding or of a trial."""
        return min(self.bindings.deadline, self.trials.deadline)

    def answer(self, update: Update, link: Link | None, now: float) -> list[Output]:
        """What an update gets back; `link`: the home link, if it is up."""
        claim = self.admission.claim(update)
        if isinstance(claim, Dropped):
            return self._drop(claim.reason)
        decision = self.admission.decide(claim, self._last_sequence(claim), now)
        self.parting = update if isinstance(decision, Released) or decision == _NOT_BOUND else None
        return self._obey(claim, decision, link, now)

    def lose(self, address: IPv6Address, now: float) -> list[Output]:
        """Somebody on the home link has an address that is being tried (RFC 6275 §10.3.1)."""
        trial = self.trials.taken(address)
        return self._refuse(trial.claim, Refused(Status.DUPLICATE_ADDRESS_DETECTION_FAILED), now) if trial else []

    def passed(self, now: float) -> Iterator[tuple[Binding6, Output]]:
        """The bindings whose trials are over, each with its acknowledgement."""
        for trial in self.trials.passed(now):
            yield self._bind(trial.claim, trial.granted, now)

    def forget(self, home_address: IPv6Address) -> None:
        """There is no such node any more."""
        self.bindings.forget(home_address)
        self.trials.end(home_address)
        self.admission.forget(home_address)

    def _last_sequence(self, claim: Claim) -> int | None:
        """Without timestamps it is the node's last one for any of its home addresses: ESP does not cover them."""
        if not claim.timestamps and (stored := self.sequences.of(claim.v6.home_address)) is not None:
            return stored
        home_address = claim.update.home_address
        trial = self.trials.of(home_address)
        return self.bindings.last_sequence(home_address) if trial is None else trial.claim.update.message.sequence

    def _obey(self, claim: Claim, decision: Decision, link: Link | None, now: float) -> list[Output]:
        match decision:
            case Granted():
                return self._grant(claim, decision, link, now)
            case Released():
                return self._release(claim, now)
            case Repeated():
                return self._repeat(claim, now)
            case Refused():
                return self._refuse(claim, decision, now)
            case Dropped(reason):
                return self._drop(reason)

    def _grant(self, claim: Claim, granted: Granted, link: Link | None, now: float) -> list[Output]:
        """The home link is asked first for what we do not defend yet; the answer waits for that (RFC 6275 §10.3.1)."""
        update, binding = claim.update, self.bindings.of(claim.update.home_address)
        wanted = defended_addresses(update.home_address, link_local=update.message.link_local)
        new = tuple(address for address in wanted if binding is None or address not in binding.defended)
        if not new or link is None:
            return [self._bind(claim, granted, now)[1]]
        if any(address in self.admission.own_addresses for address in new):
            return self._refuse(claim, Refused(Status.DUPLICATE_ADDRESS_DETECTION_FAILED), now)
        return [*self.trials.begin(claim, granted, new, link, now)]

    def _bind(self, claim: Claim, granted: Granted, now: float) -> tuple[Binding6, Output]:
        update = claim.update
        lifetime = min(update.message.lifetime, self._settings.max_lifetime)
        lifetime = self._prefixes.limit(granted.prefix, lifetime, now)
        discover = self._prefixes.needs_discovery(granted.prefix, lifetime, now)
        status = Status.ACCEPTED_PREFIX_DISCOVERY_NECESSARY if discover else Status.ACCEPTED
        binding = Binding6(
            nai=claim.node.nai,
            home_address=update.home_address,
            care_of_address=update.care_of_address,
            home_agent=update.heard.packet.destination,
            sequence=update.message.sequence,
            link_local=update.message.link_local,
            lifetime=lifetime,
            expires=now + lifetime,
            status=status,
            protected=claim.association is None,
        )
        self.bindings.bind(binding, now)
        return binding, self._accept(claim, status, lifetime)

    def _release(self, claim: Claim, now: float) -> list[Output]:
        self.bindings.release(claim.update.home_address, claim.update.message.sequence, now)
        self.trials.end(claim.update.home_address)
        return [self._accept(claim, Status.ACCEPTED, 0)]

    def _accept(self, claim: Claim, status: Status, lifetime: int) -> Output:
        self.counters["accepted"] += 1
        message, refresh = claim.update.message, self._settings.refresh
        timestamp = claim.update.timestamp
        answer = Answer(
            status=status, sequence=message.sequence, lifetime=lifetime, refresh=refresh, timestamp=timestamp
        )
        return send_acknowledgement(claim, answer)

    def _repeat(self, claim: Claim, now: float) -> list[Output]:
        """The network doubled an accepted update: the same answer, and nothing longer than before."""
        self.counters["repeated"] += 1
        update, lifetime, status = claim.update, 0, Status.ACCEPTED
        if self.trials.of(update.home_address) is not None:
            return []
        binding = self.bindings.of(update.home_address)
        if not update.is_deregistration:
            lifetime = int(binding.expires - now) if binding is not None else 0
            if binding is None or lifetime == 0:
                return []
            status = binding.status
        answer = Answer(status=status, sequence=update.message.sequence, lifetime=lifetime, timestamp=update.timestamp)
        return [send_acknowledgement(claim, answer)]

    def _refuse(self, claim: Claim, refused: Refused, now: float) -> list[Output]:
        self.counters[f"refused-{refused.status.value}"] += 1
        proved = refused.status is not Status.AUTHENTICATION_FAILED  # forgers do not use up what nodes may hear
        allowance = self._refusals if proved else self._unproved
        source = claim.update.heard.packet.source
        if not is_unicast_routable(source) or not allowance.take(source, now):
            return self._drop("refusal-not-sent")
        sequence, timestamp = claim.update.message.sequence, claim.update.timestamp
        if refused.status is Status.IDENTIFICATION_MISMATCH and timestamp is not None:
            timestamp = self._timestamps.mismatch(timestamp)
        answer = Answer(
            status=refused.status,
            sequence=sequence if refused.sequence is None else refused.sequence,
            timestamp=timestamp,
        )
        return [send_acknowledgement(claim, answer)]

    def _drop(self, reason: str) -> list[Output]:
        self.counters[reason] += 1
        return []
