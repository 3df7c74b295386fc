"""What stands in the way in the lab really does: otherwise the scenarios would try nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import pytest

from lab import lab
from lab.nat import change_address, forget_mappings
from lab.nodes import Node
from lab.obstacles import filter_ingress, narrow, silence
from lab.plug import SECOND, plug
from lab.site import Site
from lab.topology import CAFE, CORRESPONDENT, HOME_ADDRESS, HOTEL, LIBRARY

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unchanged_kernel")]
ECHO = ["ping", "-c", "1", "-W", "1"]
NOT_ASKED_YET = "203.0.113.1"
SENDER = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    sender.bind((sys.argv[1], 434))
    sender.sendto(b"x", (sys.argv[2], 5000))
"""
RECEIVER = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
    receiver.bind(("", 5000))
    print("ready", flush=True)
    while True:
        print(*receiver.recvfrom(9)[1], flush=True)
"""


def wait_until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def laptop(site: Site) -> Node:
    lab.up(site, ours=True)
    return Node(site, "mn")


def arrive(laptop: Node, network: str) -> None:
    lab.start_laptop_network(laptop.site, network)
    wait_until(lambda: bool(addresses(laptop, "eth0")))


def addresses(laptop: Node, card: str) -> list[str]:
    [link] = json.loads(laptop.must(["ip", "-json", "-4", "address", "show", "dev", card])) or [{"addr_info": []}]
    return [entry["local"] for entry in link.get("addr_info", [])]


def receive(site: Site) -> None:
    """Let the correspondent write down who sends to it."""
    Node(site, "cn").start("receiver", [sys.executable, "-c", RECEIVER])
    wait_until(lambda: "ready" in Node(site, "cn").log("receiver"))


def send(laptop: Node, source: str = "") -> None:
    laptop.must([sys.executable, "-c", SENDER, source, str(CORRESPONDENT)])


def seen(site: Site) -> list[tuple[str, int]]:
    lines = [line.split() for line in Node(site, "cn").log("receiver").splitlines() if line != "ready"]
    return [(address, int(port)) for address, port in lines]


def seen_from(laptop: Node) -> tuple[str, int]:
    """Whom the correspondent sees when port 434 of the laptop sends."""
    before = len(seen(laptop.site))
    send(laptop)
    wait_until(lambda: len(seen(laptop.site)) > before)
    return seen(laptop.site)[-1]


@pytest.fixture
def in_hotel(laptop: Node) -> Node:
    arrive(laptop, "hotel")
    receive(laptop.site)
    return laptop


def test_hotel_hides_address_and_port_and_keeps_a_mapping(in_hotel: Node) -> None:
    address, port = seen_from(in_hotel)
    assert address == "192.0.2.146"
    assert port >= 20_000
    assert seen_from(in_hotel) == (address, port)


def test_lost_mapping_gets_another_port_and_a_new_address_is_another(in_hotel: Node) -> None:
    before = seen_from(in_hotel)
    forget_mappings(in_hotel.site, HOTEL)
    after = seen_from(in_hotel)
    assert after[0] == before[0]
    assert after[1] != before[1]
    change_address(in_hotel.site, HOTEL)
    assert seen_from(in_hotel)[0] == "192.0.2.147"


def test_nobody_gets_into_the_hotel_unasked(in_hotel: Node) -> None:
    [address] = addresses(in_hotel, "eth0")
    router = Node(in_hotel.site, "router")
    router.must(["ip", "route", "add", "10.53.7.0/24", "via", "192.0.2.146"])
    assert router.run([*ECHO, address]).returncode == 1


def test_narrow_hop_says_so_and_a_black_hole_does_not(laptop: Node) -> None:
    arrive(laptop, "cafe")
    narrow(laptop.site, CAFE, 1400)
    whole = [*ECHO, "-M", "do", "-s"]  # and 28 bytes of headers
    assert laptop.run([*whole, "1372", str(CORRESPONDENT)]).returncode == 0
    assert "mtu = 1400" in laptop.run([*whole, "1373", str(CORRESPONDENT)]).stdout
    silence(laptop.site, CAFE)
    for size, code in (("1373", 1), ("1372", 0)):
        told = laptop.run([*whole, size, NOT_ASKED_YET])
        assert told.returncode == code
        assert "mtu" not in told.stdout + told.stderr


def test_ingress_filter_stops_foreign_sources_alone(laptop: Node) -> None:
    arrive(laptop, "cafe")
    laptop.must(["ip", "address", "add", f"{HOME_ADDRESS}/32", "dev", "lo"])
    receive(laptop.site)
    send(laptop, str(HOME_ADDRESS))
    wait_until(lambda: (str(HOME_ADDRESS), 434) in seen(laptop.site))
    filter_ingress(laptop.site, CAFE)
    send(laptop, str(HOME_ADDRESS))
    [address] = addresses(laptop, "eth0")
    send(laptop, address)
    wait_until(lambda: (address, 434) in seen(laptop.site))
    assert [source for source, _ in seen(laptop.site)] == [str(HOME_ADDRESS), address]


def test_second_card_is_another_and_preferred(laptop: Node) -> None:
    arrive(laptop, "cafe")
    lab.start_second_card(laptop.site)
    plug(laptop.site, "library", SECOND)
    wait_until(lambda: "dev eth1 metric 50" in laptop.must(["ip", "route"]))
    assert "dev eth0 metric 100" in laptop.must(["ip", "route"])
    [address] = addresses(laptop, "eth1")
    assert any(address == str(host) for host in LIBRARY.prefix.hosts())
