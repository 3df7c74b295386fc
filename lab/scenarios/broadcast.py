"""The home network's broadcasts follow the laptop if it wants them, and not if it does not (RFC 5944 §4.3)."""

from __future__ import annotations

from lab import neighbour
from lab.neighbour import Listener
from lab.nodes import Node
from lab.profiles import with_mipv4
from lab.result import Result
from lab.scenarios.journey import Journey
from lab.scenarios.many import listen, tunnelled_to
from lab.scenarios.options import Options
from lab.scenarios.stage import begin, close, end_download, expect, noting
from lab.topology import HOME, LAPTOP

PORT = 9999
BROADCAST = HOME.prefix.broadcast_address
NESTED, PLAIN = ("ipip", "ipip"), ("ipip",)


def broadcast(options: Options) -> Result:
    """Broadcasts at home reach a program on the laptop: nested through an agent, else plain; none when switched off."""
    result = Result(scenario="broadcast")
    journey = begin(options, prepare=with_mipv4(broadcasts=True))
    with noting(result):
        journey.begin_at_home()
        journey.stay(200_000)
        site = journey.world.site
        neighbour.send(neighbour.settle(site), BROADCAST, PORT, neighbour.ADDRESS)
        listener = Listener(Node(site, LAPTOP), PORT)
        for network, nesting in (("office", NESTED), ("cafe", PLAIN)):
            journey.go(network)
            journey.stay(300_000)
            _judge_on(journey, result, listener, nesting)
        journey.say("switching broadcasts off")
        journey.world.laptop.must("broadcasts", "off")
        _judge_off(journey, result, listener)
        end_download(journey, result)
    result.problems += close(journey, result, options).connection.problems()
    return result


def _judge_on(journey: Journey, result: Result, listener: Listener, nesting: tuple[str, ...]) -> None:
    start, end = listen(journey)
    heard, network = listener.heard(start), journey.scene.network
    result.figures[f"heard_{network}"] = len(heard)
    if not heard:
        result.problems.append(f"no broadcast was heard in the {network} network")
    doubled = len(heard) - len({packet.number for packet in heard})
    expect(result, f"broadcasts heard twice in the {network} network", doubled, 0)
    expect(result, f"senders heard in the {network} network", {one.sender for one in heard}, {str(neighbour.ADDRESS)})
    seen = set(tunnelled_to(journey, BROADCAST, start, end))
    expect(result, f"tunnels of broadcasts to the {network} network", seen, {nesting})


def _judge_off(journey: Journey, result: Result, listener: Listener) -> None:
    start, end = listen(journey)
    result.figures["heard_off"] = len(listener.heard(start))
    expect(result, "broadcasts heard though they are off", len(listener.heard(start)), 0)
    expect(result, "broadcasts in tunnels though they are off", tunnelled_to(journey, BROADCAST, start, end).total(), 0)
