from __future__ import annotations

from lab.bench.figures import MET, NOT_SHOWN, Row
from lab.bench.throughput import GRE, IPIP, PEERS, Pair, Pairs, rows
from lab.bench.visit import Visit


def visit(speed: float, round_trip: float = 20.0) -> Visit:
    """A path that carries so much both ways."""
    return Visit(up=speed, down=speed, packets=speed * 100_000, round_trip=round_trip)


def table(pairs: Pairs) -> dict[str, Row]:
    """The rows by name."""
    return {row.name: row for row in rows(pairs)}


def pairs(**of: list[tuple[float, float]]) -> dict[int, Pair]:
    """By cycle, from plain and tunnelled speeds."""
    [speeds] = of.values()
    return {cycle: Pair(visit(plain), visit(ours), "plain routing") for cycle, (plain, ours) in enumerate(speeds)}


def test_a_ratio_is_taken_to_the_plain_routing_just_before() -> None:
    found = table(Pairs(of={IPIP: pairs(speeds=[(1.0, 0.95), (4.0, 3.8), (2.0, 1.9)])}))
    ratio = found[f"{IPIP}: TCP up, of plain routing"]
    assert {round(sample, 9) for sample in ratio.samples} == {0.95}
    assert ratio.verdict == MET
    assert found["plain routing: TCP up"].samples == [1.0, 4.0, 2.0]


def test_each_encapsulation_has_its_own_wanted_figure() -> None:
    speeds = [(1.0, 0.87)] * 15
    found = table(Pairs(of={IPIP: pairs(speeds=speeds), GRE: pairs(speeds=speeds)}))
    assert found[f"{IPIP}: TCP down, of plain routing"].verdict == NOT_SHOWN
    assert found[f"{GRE}: TCP down, of plain routing"].verdict == MET


def test_another_tunnel_is_compared_within_the_same_cycle_only() -> None:
    ours = {cycle: Pair(visit(1.0), visit(float(cycle)), "plain routing") for cycle in (1, 2, 3)}
    theirs = {cycle: Pair(visit(1.0), visit(cycle / 10), "plain routing") for cycle in (2, 3, 4)}
    found = table(Pairs(of={IPIP: ours, PEERS[0]: theirs}))
    assert found[f"{IPIP}: TCP up, of {PEERS[0]}"].samples == [10.0, 10.0]


def test_the_added_round_trip_is_the_difference_of_a_pair() -> None:
    pair = Pair(visit(1.0, 20.0), visit(1.0, 26.0), "plain routing")
    assert table(Pairs(of={IPIP: {0: pair}}))[f"{IPIP}: ping, more than plain routing"].samples == [6.0]


def test_a_run_without_a_single_pair_has_no_rows() -> None:
    assert rows(Pairs()) == []
