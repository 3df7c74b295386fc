"""Proof that data flows: only our own nonce, back by the right way, and only for a while."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.ipv4 import IPv4Packet
from client.core.machine import NEVER, Send
from client.core.paths import Path4
from client.core.plan import ANCHOR
from client.core.proof import Proof

HOME, HOME_AGENT = IPv4Address("198.51.100.23"), IPv4Address("198.51.100.1")
TUNNEL = Path4(source=HOME, target=HOME_AGENT, interface=ANCHOR)
AGENT_MAC = bytes.fromhex("020000000a01")
THROUGH_AGENT = Path4(source=HOME, target=HOME_AGENT, interface=2, link_layer_source=AGENT_MAC)
KEEPALIVE = 110.0


class Counting:
    """Random numbers that never come twice."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> float:
        """The next one."""
        self.count += 1
        return self.count * 0.618 % 1


def begun(path: Path4 = TUNNEL) -> tuple[Proof[Send], Send]:
    """A path in force since second 0, and its first probe."""
    proof: Proof[Send] = Proof(Counting(), KEEPALIVE)
    [probe] = proof.begin(path, 0.0)
    return proof, probe


def checksummed(message: bytes) -> bytes:
    """With the ICMP checksum, summed word by word."""
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return message[:2] + struct.pack("!H", total ^ 0xFFFF) + message[4:]


def answer(probe: Send) -> IPv4Packet:
    """What an honest host answers: the same bytes, type 0."""
    body = probe.packet.payload[4:]
    return IPv4Packet(source=HOME_AGENT, destination=HOME, protocol=1, payload=checksummed(bytes(4) + body))


def proven(path: Path4 = TUNNEL, at: float = 0.0) -> Proof[Send]:
    """A path whose first probe was answered."""
    proof, probe = begun(path)
    assert proof.hear(answer(probe), path.interface, path.link_layer_source or b"", at)
    return proof


def run(proof: Proof[Send], until: float) -> list[float]:
    """When probes go out, if none is answered."""
    times = []
    while proof.deadline <= until:
        now = proof.deadline
        times += [now for _ in proof.timeout(now)]
        assert proof.deadline > now
    return times


def test_probe_is_an_echo_request_from_the_home_address_to_the_home_agent_as_programs_send() -> None:
    _, probe = begun()
    packet = probe.packet
    assert (packet.source, packet.destination, packet.protocol) == (HOME, HOME_AGENT, 1)
    assert packet.payload[0] == 8
    assert packet.payload == checksummed(packet.payload[:2] + bytes(2) + packet.payload[4:])
    assert (probe.signalling, probe.interface) == (False, None)


def test_series_goes_at_0_and_02_and_05_and_1_and_2_seconds_and_has_failed_at_3() -> None:
    proof, _ = begun()
    assert run(proof, 2.9) == pytest.approx([0.2, 0.5, 1.0, 2.0])
    assert not proof.failing
    assert run(proof, 100.0) == []
    assert (proof.failing, proof.deadline) == (True, NEVER)
    assert proof.failed_since == pytest.approx(3.0)


def test_nonces_are_64_bits_and_never_the_same() -> None:
    proof, first = begun()
    probes = [first]
    while not proof.failing:
        probes += proof.timeout(proof.deadline)
    nonces = {probe.packet.payload[8:16] for probe in probes}
    assert len(nonces) == 5


def test_answer_proves_from_the_sending_of_the_probe_on() -> None:
    proof, probe = begun()
    assert proof.hear(answer(probe), ANCHOR, b"", 0.04)
    assert (proof.proven_at, proof.round_trip) == (0.0, 0.04)
    assert proof.is_proven(1.0)


def test_answer_to_an_earlier_probe_of_the_series_counts() -> None:
    proof, first = begun()
    proof.timeout(0.2)
    proof.timeout(0.5)
    assert proof.hear(answer(first), ANCHOR, b"", 0.9)
    assert proof.proven_at == 0.0


@pytest.mark.parametrize("busy", [False, True])
def test_age_that_counts_is_8_seconds_while_programs_send_and_else_the_keepalive_and_7(busy: bool) -> None:
    proof = proven()
    longest = KEEPALIVE + 7
    if busy:
        longest = 8.0
        proof.traffic(100, 0.5)
    assert proof.is_proven(longest)
    assert not proof.is_proven(longest + 0.01)


def test_a_series_unanswered_outweighs_a_young_proof_until_something_comes_back() -> None:
    proof = proven()
    proof.check(20.0)
    run(proof, 30.0)
    assert not proof.is_proven(30.0)
    [probe] = proof.check(31.0)
    assert proof.hear(answer(probe), ANCHOR, b"", 31.1)
    assert proof.is_proven(31.1)


def test_programs_that_stopped_sending_10_seconds_ago_are_idle() -> None:
    proof = proven()
    proof.traffic(100, 0.5)
    assert not proof.is_proven(10.4)
    assert proof.is_proven(10.5)


def test_our_own_probes_make_nobody_busy() -> None:
    proof = proven()
    proof.traffic(1, 5.0)
    assert proof.is_proven(14.9)
    proof.traffic(2, 5.0)
    assert not proof.is_proven(14.9)


def test_idle_path_is_probed_every_keepalive() -> None:
    proof = proven()
    assert run(proof, 109.9) == []
    assert run(proof, 110.1) == [110.0]


def test_busy_path_is_probed_every_4_seconds() -> None:
    proof = proven()
    assert proof.traffic(100, 0.5) == []
    assert run(proof, 3.9) == []
    assert run(proof, 4.1) == [4.0]


def test_path_that_becomes_busy_with_an_old_proof_is_probed_at_once() -> None:
    proof = proven()
    assert len(proof.traffic(100, 50.0)) == 1
    assert not proof.is_proven(50.0)


def test_busy_path_is_found_out_before_its_proof_is_too_old() -> None:
    proof = proven()
    now = 0.0
    while not proof.failing:
        now += 0.1
        proof.traffic(int(now * 1000), now)
        proof.timeout(now)
    assert now < 8


def test_answers_keep_a_busy_path_proven_for_ever() -> None:
    proof = proven()
    now = 0.0
    while now < 60:
        now += 0.1
        probes = [*proof.traffic(int(now * 1000), now), *proof.timeout(now)]
        for probe in probes:
            assert proof.hear(answer(probe), ANCHOR, b"", now)
        assert proof.is_proven(now)


def forgeries(probe: Send) -> list[tuple[IPv4Packet, int, bytes]]:
    """What is not the answer to a probe through a foreign agent."""
    right = answer(probe)
    body = right.payload
    other_nonce = body[:8] + bytes((body[8] ^ 1,)) + body[9:]
    return [
        (replace(right, source=IPv4Address("198.51.100.2")), 2, AGENT_MAC),
        (replace(right, destination=IPv4Address("198.51.100.24")), 2, AGENT_MAC),
        (replace(right, payload=checksummed(other_nonce[:2] + bytes(2) + other_nonce[4:])), 2, AGENT_MAC),
        (replace(right, payload=body[:-1] + bytes((body[-1] ^ 1,))), 2, AGENT_MAC),
        (replace(right, payload=checksummed(b"\x08" + body[1:2] + bytes(2) + body[4:])), 2, AGENT_MAC),
        (replace(right, payload=checksummed(body[:2] + bytes(2) + body[4:] + bytes(2))), 2, AGENT_MAC),
        (replace(right, payload=body[:8]), 2, AGENT_MAC),
        (replace(right, payload=b""), 2, AGENT_MAC),
        (replace(right, protocol=17), 2, AGENT_MAC),
        (right, 3, AGENT_MAC),
        (right, ANCHOR, AGENT_MAC),
        (right, 2, bytes(6)),
        (right, 2, b""),
    ]


@pytest.mark.parametrize("index", range(13))
def test_nothing_but_the_answer_by_the_path_in_force_is_proof(index: int) -> None:
    proof, probe = begun(THROUGH_AGENT)
    assert not proof.hear(*forgeries(probe)[index], 0.1)
    assert proof.proven_at is None
    assert proof.hear(answer(probe), 2, AGENT_MAC, 0.1)


def test_answer_counts_once() -> None:
    proof, probe = begun()
    assert proof.hear(answer(probe), ANCHOR, b"", 0.1)
    assert not proof.hear(answer(probe), ANCHOR, b"", 5.0)
    assert proof.proven_at == 0.0


def test_answer_after_the_series_failed_is_too_late_but_the_next_series_may_prove() -> None:
    proof, probe = begun()
    run(proof, 5.0)
    assert not proof.hear(answer(probe), ANCHOR, b"", 5.0)
    [again] = proof.check(5.0)
    assert proof.hear(answer(again), ANCHOR, b"", 5.1)
    assert not proof.failing


def test_failing_lasts_until_something_is_proven_and_is_told_from_its_beginning() -> None:
    proof, _ = begun()
    run(proof, 5.0)
    proof.check(10.0)
    run(proof, 20.0)
    assert proof.failed_since == pytest.approx(3.0)


def test_proof_of_one_path_is_none_of_another() -> None:
    proof = proven()
    [probe] = proof.begin(THROUGH_AGENT, 5.0)
    assert (proof.proven_at, proof.is_proven(5.0)) == (None, False)
    assert not proof.hear(answer(probe), ANCHOR, b"", 5.1)


def test_renewal_of_the_same_path_keeps_its_proof_and_checks_it() -> None:
    proof = proven()
    assert len(proof.begin(TUNNEL, 5.0)) == 1
    assert proof.is_proven(5.0)


def test_nonce_of_the_path_before_proves_nothing_of_this_one() -> None:
    proof, old = begun()
    proof.begin(replace(TUNNEL, target=HOME_AGENT, interface=ANCHOR, source=IPv4Address("198.51.100.99")), 1.0)
    proof.begin(TUNNEL, 2.0)
    assert not proof.hear(answer(old), ANCHOR, b"", 2.1)


def test_without_a_path_nothing_is_probed_or_proven() -> None:
    proof = proven()
    proof.end()
    assert (proof.deadline, proof.failing, proof.is_proven(0.1)) == (NEVER, False, False)
    assert proof.check(1.0) == proof.timeout(1.0) == proof.traffic(1000, 1.0) == []


def test_timeout_that_comes_too_early_does_no_harm() -> None:
    proof, _ = begun()
    assert proof.timeout(0.1) == []
    assert proof.deadline == pytest.approx(0.2)


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 4)), max_size=40))
def test_whatever_happens_a_deadline_that_was_served_lies_ahead(script: list[tuple[float, int]]) -> None:
    proof, now, sent = Proof(Counting(), 10.0), 0.0, 0
    probes: list[Send] = []
    for pause, what in script:
        run(proof, now + pause)
        now += pause
        match what:
            case 0:
                probes += proof.begin(TUNNEL, now)
            case 1:
                probes += proof.check(now)
            case 2 if probes:
                proof.hear(answer(probes[-1]), ANCHOR, b"", now)
            case 3:
                sent += 10
                probes += proof.traffic(sent, now)
            case 4:
                proof.end()
    assert len(run(proof, now + 1000)) <= 5
