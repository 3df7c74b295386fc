"""One line of the binding update list: what we know of a correspondent, and what is under way (RFC 6275 §11.1).

    Idle -> Testing -> Updating -> Settled      and from all of them to Resting, when it does not work

`_advance` decides what comes next, from what is wanted, what is known, and where we are. It is called whenever one of
these changes, and does nothing where nothing is to be done.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER, Heard6, Random, Send6
from client.core.plan import Encapsulation, End, Tunnel
from client.core.status import Peer6
from mipv6 import correspondent_updates as updates
from mipv6.attachment import Attachment
from mipv6.correspondent_pace import Pace
from mipv6.correspondent_state import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MAX_RR_BINDING_LIFETIME,
    CorrespondentBinding,
    FormerPath,
    Idle,
    Resting,
    SentUpdate,
    Settled,
    State,
    Testing,
    Token,
    Trial,
    Updating,
)
from mipv6.messages import (
    BindingAcknowledgement,
    BindingUpdate,
    CareOfTest,
    HomeTest,
)
from mipv6.options import BindingAuthorizationData, NonceIndices, find
from mipv6.return_routability import is_authorised
from mipv6.return_tests import ReturnTests, sent_from
from mipv6.sequence import following, is_greater
from mipv6.status_codes import Status, is_accepted

GRACE = 2.0
"""Seconds for which packets are still taken by a former path."""

IN_USE = 60.0
"""Seconds since the last packet: a binding that nobody uses is not renewed."""

PROGRESS = 2.0
"""Seconds since the last packet that came directly: for so long an error without a signature is not believed."""

PROCEDURE_GAP = 10.0
"""Seconds between two procedures that messages without a signature may start."""

FAILED_REST = 60.0
REFUSED_REST = 600.0
MOST_REPAIRS = 3
"""Refusals in a row that we answer by trying again at once."""

_STALE = (Status.EXPIRED_HOME_NONCE_INDEX, Status.EXPIRED_CARE_OF_NONCE_INDEX, Status.EXPIRED_NONCES)


class CorrespondentEntry:
    """A correspondent for one home address."""

    def __init__(
        self, correspondent: IPv6Address, home_address: IPv6Address, random: Random, counters: Counter[str]
    ) -> None:
        self.correspondent = correspondent
        self.wanted = True
        self.packets = 0
        self.last_used = float("-inf")
        self.code: int | None = None  # of its last acknowledgement
        self.state: State = Idle()
        self.binding: CorrespondentBinding | None = None
        self.believed_until: float | None = None  # it may have a binding for us until then, for all that we know
        self._home_address = home_address
        self._random = random
        self._counters = counters
        self._attachment: Attachment | None = None
        self._sequence = int(random() * 0x10000)
        self._formers: tuple[FormerPath, ...] = ()
        self._stale = False  # does what it has not match what it was told last, or is it time to renew?
        self._repairs = 0
        self._last_procedure = float("-inf")
        self._progress_at = float("-inf")
        self._pace = Pace()
        self._tests = ReturnTests(correspondent, home_address, random, self._pace)

    # --- what others see --------------------------------------------------------------------------

    @property
    def deadline(self) -> float:
        """When `timeout` is due."""
        ends = [former.until for former in self._formers]
        ends += [self.binding.expires_at] if self.binding else []
        ends += [self.believed_until] if self.believed_until is not None else []
        return min(self.state.deadline, *ends, NEVER)

    @property
    def is_over(self) -> bool:
        """Is there nothing left to remember?"""
        return isinstance(self.state, Idle) and self.believed_until is None and not self._formers

    @property
    def expects_an_answer(self) -> bool:
        """Is something of ours under way to it?"""
        return isinstance(self.state, Testing | Updating)

    @property
    def is_direct(self) -> bool:
        """Do packets go to it directly?"""
        here = self._attachment
        if self.binding is None or here is None or not self.wanted or self._at_home:
            return False
        return self.binding.usable and self.binding.care_of_address == here.care_of_address

    def is_in_use(self, now: float) -> bool:
        """Were packets exchanged lately?"""
        return now < self.last_used + IN_USE

    def paths(self) -> dict[tuple[IPv6Address, int], bool]:
        """Care-of addresses and their links that packets may come by, and whether they go by them, too."""
        found = {(former.care_of_address, former.interface): False for former in self._formers}
        here = self._attachment
        if isinstance(self.state, Updating) and not self.state.is_deletion:
            found[self.state.care_of_address, self.state.interface] = False
        if self.believed_until is not None and self.binding is None and here is not None and not self._at_home:
            found[here.care_of_address, here.interface] = False
        if self.binding is not None:
            found[self.binding.care_of_address, self.binding.interface] = self.is_direct
        return found

    def tunnels(self) -> list[Tunnel]:
        """For the plan."""
        return [
            Tunnel(
                end=End.MOBILE,
                home_address=self._home_address,
                local=care_of_address,
                remote=self.correspondent,
                encapsulation=Encapsulation.DIRECT,
                sends=sends,
                interface=interface,
            )
            for (care_of_address, interface), sends in self.paths().items()
        ]

    def status(self, now: float, *, unable: bool) -> Peer6:
        """For people."""
        path = "direct" if self.is_direct else "testing" if self.expects_an_answer else "home"
        if unable and path == "home":
            path = "unable"
        left = None if self.binding is None else max(0, int(self.binding.expires_at - now))
        return Peer6(address=str(self.correspondent), path=path, binding_s=left, packets=self.packets, code=self.code)

    # --- what happens -----------------------------------------------------------------------------

    def restore(self, now: float) -> None:
        """Before a restart it had a binding for us, which may have just begun."""
        self.believed_until, self._stale = now + MAX_RR_BINDING_LIFETIME, True

    def attach(self, attachment: Attachment | None, now: float) -> list[Send6]:
        """We are there now. None: nowhere."""
        before, self._attachment = self._attachment, attachment
        moved = before is None or attachment is None or before.care_of_address != attachment.care_of_address
        if attachment is None:
            self.state = Idle()
            return []
        if moved:
            home = self.state.home if isinstance(self.state, Testing) and before is not None else None
            self.state = Testing(home=None if home is None else _afresh(home, now))
            self._repairs = 0
        elif isinstance(self.state, Resting):
            return []
        return self._advance(now)

    def want(self, wanted: bool, now: float) -> list[Send6]:
        """May there be a direct path?"""
        if wanted == self.wanted:
            return []
        self.wanted, self.state, self._repairs = wanted, Idle(), 0
        return self._advance(now)

    def used(self, packets: int, direct: int, now: float) -> list[Send6]:
        """So many packets were exchanged since the last time; `direct` came past the tunnel."""
        self.packets += packets
        self.last_used = now
        if direct:
            self._progress_at = now
        due = isinstance(self.state, Idle) or (isinstance(self.state, Settled) and now >= self.state.deadline)
        return self._renew(now) if due and self.wanted and not self._at_home else []

    def timeout(self, now: float) -> list[Send6]:
        """The deadline; harmless at other times."""
        self._expire(now)
        if now < self.state.deadline:
            return []
        match self.state:
            case Testing():
                return self._run_tests(now)
            case Updating():
                return self._run_update(now)
            case Settled() if self.is_in_use(now):
                return self._renew(now)
            case Settled():
                self.state = Idle()  # it ends, unless packets come
            case Resting():
                self.state = Idle()
                return self._advance(now) if self.is_in_use(now) or not self.wanted or self._at_home else []
        return []

    def _expire(self, now: float) -> None:
        self._formers = tuple(former for former in self._formers if now < former.until)
        if self.binding is not None and now >= self.binding.expires_at:
            self.binding = None
        if self.believed_until is not None and now >= self.believed_until:
            self.believed_until = None

    def _renew(self, now: float) -> list[Send6]:
        self._stale = True
        return self._advance(now)

    # --- what comes next --------------------------------------------------------------------------

    @property
    def _at_home(self) -> bool:
        return self._attachment is not None and self._attachment.care_of_address == self._home_address

    @property
    def _deletes(self) -> bool:
        """Must it forget us (§11.7.2)? What never had a binding need not."""
        return (self._at_home or not self.wanted) and self.believed_until is not None

    def _binds(self, here: Attachment) -> bool:
        stands = self.binding is not None and self.binding.care_of_address == here.care_of_address
        return self.wanted and not self._at_home and (self._stale or not stands)

    def _advance(self, now: float) -> list[Send6]:
        here = self._attachment
        if here is None or isinstance(self.state, Updating):
            return []
        if not self._deletes and not self._binds(here):
            self.state = Settled(self.binding.renew_at) if self.binding is not None and self.is_direct else Idle()
            return []
        home, care_of = self._good_tokens(here, now)
        if home is None or care_of is None:
            return self._test(here, home, care_of, now)
        if not here.confirmed:
            self.state = Testing()  # nothing is missing but the home agent's word (§11.7.2)
            return []
        return self._update(here, home, care_of, now)

    def _good_tokens(self, here: Attachment, now: float) -> tuple[Token | None, Token | None]:
        """Home and care-of token; a deletion needs the first alone, which then stands for both."""
        home = self._tests.home(now)
        return home, home if self._deletes else self._tests.care_of(here.care_of_address, now)

    # --- return routability (§11.6) ---------------------------------------------------------------

    def _test(self, here: Attachment, home: Token | None, care_of: Token | None, now: float) -> list[Send6]:
        """Ask for what is missing, for both at the same time; through the tunnel not before that stands."""
        under_way = self.state if isinstance(self.state, Testing) else Testing()
        if home is None and under_way.home is None and not here.confirmed:
            self.state = Testing()
            return []
        if under_way == Testing():
            self._last_procedure = now
        self.state = Testing(
            home=None if home else under_way.home or Trial(now),
            care_of=None if care_of or self._deletes else under_way.care_of or Trial(now),
        )
        return self._run_tests(now)

    def _run_tests(self, now: float) -> list[Send6]:
        state, here = self.state, self._attachment
        if not isinstance(state, Testing) or here is None:
            return []
        if state.is_over(now):
            return self._give_up(FAILED_REST, "tests-unanswered", now)
        self.state, sends = self._tests.ask(state, here, now)
        return sends

    def home_test(self, heard: Heard6, message: HomeTest, now: float) -> list[Send6]:
        """A home token, if it came as it should."""
        state, here = self.state, self._attachment
        left = None
        if isinstance(state, Testing) and here is not None:
            left = self._tests.take_home(state, here, heard, message, now)
        return self._tested(left, "home-test-refused", now)

    def care_of_test(self, heard: Heard6, message: CareOfTest, now: float) -> list[Send6]:
        """A care-of token, if it came as it should."""
        state, here = self.state, self._attachment
        left = None
        if isinstance(state, Testing) and here is not None:
            left = self._tests.take_care_of(state, here, heard, message, now)
        return self._tested(left, "care-of-test-refused", now)

    def _tested(self, left: Testing | None, otherwise: str, now: float) -> list[Send6]:
        if left is None:
            self._counters[otherwise] += 1
            return []
        self.state = left
        return self._advance(now)

    # --- Binding Updates (§11.7.2, §11.7.3) -------------------------------------------------------

    def _update(self, here: Attachment, home: Token, care_of: Token, now: float) -> list[Send6]:
        if self._deletes:
            self.state = updates.deletion(here, self._home_address, home, now)
        else:
            self.state = updates.binding(here, home, care_of, now)
        return self._run_update(now)

    def _run_update(self, now: float) -> list[Send6]:
        """Send it, again perhaps, each time with the next sequence number."""
        state, here = self.state, self._attachment
        if not isinstance(state, Updating) or here is None:
            return []
        if state.is_over:
            return self._give_up(FAILED_REST, "updates-unanswered", now)
        lifetime = 0 if state.is_deletion else updates.lifetime_until(here.expires_at, now)
        indices = self._indices(state, now)
        if indices is None:
            self.state = Idle()
            return self._advance(now)
        if not lifetime and not state.is_deletion:
            return self._give_up(FAILED_REST, "home-binding-ends", now)
        earliest = self._pace.earliest(BindingUpdate, now)
        if earliest > now:
            self.state = replace(state, deadline=earliest)
            return []
        return [self._send_update(state, indices, lifetime, now)]

    def _indices(self, state: Updating, now: float) -> NonceIndices | None:
        """None: the tokens have become too old while we waited for an answer."""
        home, care_of = self._tests.home(now), self._tests.care_of(state.care_of_address, now)
        if home is None or (care_of is None and not state.is_deletion):
            return None
        return NonceIndices(home.nonce_index, 0 if care_of is None or state.is_deletion else care_of.nonce_index)

    def _send_update(self, state: Updating, indices: NonceIndices, lifetime: int, now: float) -> Send6:
        self._pace.sent(BindingUpdate, now)
        self._sequence = following(self._sequence)
        packet = updates.update_packet(
            state,
            indices,
            self._sequence,
            lifetime,
            home_address=self._home_address,
            correspondent=self.correspondent,
        )
        sent = SentUpdate(self._sequence, lifetime, now, packet)
        self.state = replace(
            state, sent=(*state.sent, sent), deadline=now + state.wait, wait=min(2 * state.wait, LONGEST_WAIT)
        )
        self._stale = True
        self.believed_until = max(self.believed_until or now, now + lifetime)
        return sent_from(packet, self._home_address, state.interface)

    def acknowledgement(self, heard: Heard6, message: BindingAcknowledgement, now: float) -> list[Send6]:
        """Proof first, then meaning (§11.7.3)."""
        state, packet = self.state, heard.packet
        if not isinstance(state, Updating) or not self._is_for(state, packet):
            self._counters["acknowledgement-refused"] += 1
            return []
        sent = next((each for each in state.sent if each.sequence == message.sequence), None)
        proven = is_authorised(packet, message, state.kbm, state.signed_address, self.correspondent)
        if proven and message.status == Status.SEQUENCE_NUMBER_OUT_OF_WINDOW:
            if is_greater(self._sequence, message.sequence):  # late, or replayed: our latest one is beyond it
                self._counters["acknowledgement-refused"] += 1
                return []
            return self._resynchronise(state, message, now)
        unsigned = message.status in _STALE and find(message.options, BindingAuthorizationData) is None
        if sent is None or not (proven or unsigned):
            self._counters["acknowledgement-refused"] += 1
            return []
        self.code = message.status
        if unsigned:
            return self._forget_tokens(message.status, state, now)
        if is_accepted(message.status):
            return self._accepted(state, sent, message.lifetime, now)
        return self._give_up(REFUSED_REST, "updates-refused", now)

    def _is_for(self, state: Updating, packet: IPv6Packet) -> bool:
        """It comes to where the update came from; by a routing header unless that was the home address (§9.5.4)."""
        routed = None if state.care_of_address == self._home_address else self._home_address
        return packet.destination == state.care_of_address and packet.routing == routed

    def _accepted(self, state: Updating, sent: SentUpdate, granted: int, now: float) -> list[Send6]:
        lifetime = min(granted, sent.lifetime)
        if not lifetime and not state.is_deletion:
            return self._give_up(REFUSED_REST, "updates-refused", now)  # it says yes, and grants nothing
        before, self.binding = self.binding, None
        self._repairs, self._stale = 0, False
        self.state = Idle()
        if before is not None and (not lifetime or before.care_of_address != state.care_of_address):
            former = FormerPath(before.care_of_address, before.interface, now + GRACE)
            self._formers = (*self._formers, former)
        if not lifetime:
            self.believed_until = None
            return self._advance(now)
        expires_at = self.believed_until = sent.sent_at + lifetime
        renew_at = sent.sent_at + lifetime * (0.75 + 0.1 * self._random())
        self.binding = CorrespondentBinding(state.care_of_address, state.interface, expires_at, renew_at)
        self._expire(now)
        return self._advance(now)

    def _resynchronise(self, state: Updating, message: BindingAcknowledgement, now: float) -> list[Send6]:
        """Go on from the sequence number that it knows."""
        self.code = message.status
        self._sequence = message.sequence
        return self._repair(replace(state, deadline=now), now)

    def _forget_tokens(self, status: int, state: Updating, now: float) -> list[Send6]:
        """Its nonces are too old: new tests at once (§5.2.7)."""
        if status != Status.EXPIRED_CARE_OF_NONCE_INDEX:
            self._tests.forget_home()
        if status != Status.EXPIRED_HOME_NONCE_INDEX:
            self._tests.forget_care_of(state.care_of_address)
        return self._repair(Idle(), now)

    def _repair(self, state: State, now: float) -> list[Send6]:
        self._repairs += 1
        if self._repairs > MOST_REPAIRS:
            return self._give_up(FAILED_REST, "updates-refused", now)
        self.state = state
        return self._run_update(now) if isinstance(state, Updating) else self._advance(now)

    def _give_up(self, rest: float, reason: str, now: float) -> list[Send6]:
        """Packets go through the tunnel (§5.2.9); what comes directly is taken as long as it may come."""
        self._counters[reason] += 1
        self._repairs = 0
        if self.binding is not None:
            self.binding = replace(self.binding, usable=False)
        self.state = Resting(now + rest)
        return []

    # --- what nobody signs (§11.3.5, §11.3.6, §11.7.4) --------------------------------------------

    def refresh_requested(self, now: float) -> list[Send6]:
        """It asks for a new update: worth one procedure in ten seconds, if packets go by the binding."""
        settled = isinstance(self.state, Settled | Idle) and self.binding is not None
        if not settled or not self.wanted or self._at_home or not self._may_start(now) or not self.is_in_use(now):
            self._counters["refresh-ignored"] += 1
            return []
        self._last_procedure = now
        return self._renew(now)

    def binding_unknown(self, packet: IPv6Packet, now: float) -> list[Send6]:
        """It says that it has no binding: nothing goes directly; what comes so is taken, since it may not be true.

        While packets come directly, it is not.
        """
        binding = self.binding
        if binding is None or packet.destination != binding.care_of_address or self.has_progress(now):
            self._counters["error-ignored"] += 1
            return []
        self._counters["binding-lost"] += 1
        self.binding = None
        self._tests.forget()
        self.state = Idle()
        if self._may_start(now):
            return self._advance(now)
        self.state = Resting(self._last_procedure + PROCEDURE_GAP)
        return []

    def unable(self, rest: float, now: float) -> None:
        """It does not speak our protocol, or somebody says so in its name."""
        if self.binding is not None:
            self.binding = replace(self.binding, usable=False)
        self.state = Idle() if self.believed_until is None else Resting(now + rest)

    def has_progress(self, now: float) -> bool:
        """Did packets come directly a moment ago?"""
        return now < self._progress_at + PROGRESS

    def has_sent(self, quoted: IPv6Packet) -> bool:
        """Is this a message of ours that waits for its answer?"""
        match self.state:
            case Testing(home, care_of):
                ours = [trial.packet for trial in (home, care_of) if trial is not None and trial.packet is not None]
            case Updating(sent=sent):
                ours = [each.packet for each in sent]
            case _:
                ours = []
        return any(_same(quoted, each) for each in ours)

    def _may_start(self, now: float) -> bool:
        return now >= self._last_procedure + PROCEDURE_GAP


def _afresh(trial: Trial, now: float) -> Trial:
    """The answer to what was sent at the former place still counts; how often nobody answered there does not."""
    return replace(trial, tries=0, wait=FIRST_WAIT, deadline=min(trial.deadline, now + FIRST_WAIT))


def _same(quoted: IPv6Packet, sent: IPv6Packet) -> bool:
    """But for what changes on the way."""
    return replace(quoted, hop_limit=0, traffic_class=0) == replace(sent, hop_limit=0, traffic_class=0)
