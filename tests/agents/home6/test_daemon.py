"""mobilityagentd for IPv6 on a real kernel: a home agent, a neighbour at home, a laptop that a few lines here play."""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import pytest

from client.core.ipv6 import IPv6Packet
from client.core.machine import Send6
from tests.agents.home6.by_hand import CARE_OF, HOME, HOME_AGENT, NTP_TO_UNIX, Read, checksum, heard, icmp, read, update

pytestmark = pytest.mark.lab

CONFIGURATION = f"""\
[home6]
address = "{HOME_AGENT}"
prefixes = ["2001:db8:1::/64"]
interface = "eth0"
interval = 3
accept_unprotected = true
"""
NODES = ("mn", "ha", "cn")
NEIGHBOUR = "2001:db8:1::99"
NEXT = "2001:db8:2::78"
NAI = "alice@example.net"
SPI = 4096
PREFIX = f"agents6-{os.getpid()}-"

ACKNOWLEDGEMENT = bytes((135, 2, 2, 1, 0, 0, 0, 0)) + IPv6Address(HOME).packed
"""A type 2 routing header before a mobility header (RFC 6275 §6.4)."""

LISTEN = """
import socket, sys, time
listener = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86DD))
listener.settimeout(0.1)
sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
for packet in sys.argv[3:]:
    sender.sendto(bytes.fromhex(packet), (socket.inet_ntop(socket.AF_INET6, bytes.fromhex(packet)[24:40]), 0))
if not sys.argv[3:]:
    print("listening", flush=True)
end = time.monotonic() + float(sys.argv[1])
wanted = bytes.fromhex(sys.argv[2])
while time.monotonic() < end:
    try:
        data, address = listener.recvfrom(65535)
    except TimeoutError:
        continue
    if address[2] != 4 and wanted in data:
        print(data.hex())
        break
"""


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def inside(node: str, *words: str | Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    command = ["ip", "netns", "exec", PREFIX + node, *words]
    return subprocess.run(command, check=check, text=True, capture_output=True)


def kernel() -> list[str]:
    """What the kernel holds that a daemon could have put there."""
    views = (["-br", "link"], ["-6", "rule"], ["-6", "route", "show", "table", "all"], ["-6", "maddr", "show"])
    return [ip("-n", PREFIX + "ha", *view) for view in views]


def settle() -> None:
    """Wait until every link has its link-local address, tried; what comes later would look like a daemon's."""
    end = time.monotonic() + 30
    while not _settled():
        assert time.monotonic() < end, "link-local addresses do not settle"
        time.sleep(0.1)


def _settled() -> bool:
    told = [ip("-n", PREFIX + node, "-6", "address", "show", "scope", "link") for node in NODES]
    return [text.count("inet6 fe80:") for text in told] == [1, 2, 1] and not any("tentative" in text for text in told)


def exchange(node: str, wanted: bytes, *packets: IPv6Packet, seconds: float = 3.0) -> bytes:
    """Send packets from a node; what it hears first that holds `wanted`, or nothing."""
    words = [packet.pack().hex() for packet in packets]
    done = inside(node, sys.executable, "-c", LISTEN, str(seconds), wanted.hex(), *words, check=True)
    return bytes.fromhex(done.stdout.strip())


class World:
    """The namespaces, a daemon in one of them, and the laptop's key."""

    def __init__(self, directory: Path, node: str = "ha", configuration: str = CONFIGURATION) -> None:
        self.node = node
        self.configuration = configuration
        self.directory = directory
        self.socket = directory / "control.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self.key = b""
        self._sequence = 0

    def start(self) -> None:
        (self.directory / "agent.toml").write_text(self.configuration)
        log = self.directory / "log"
        with log.open("w") as stream:
            command = [
                "ip",
                "netns",
                "exec",
                PREFIX + self.node,
                *self.words("--config", self.directory / "agent.toml"),
            ]
            self.process = subprocess.Popen(command, stderr=stream)
        end = time.monotonic() + 10
        while "ready" not in log.read_text() and time.monotonic() < end:
            time.sleep(0.05)
        assert "mobilityagentd: ready" in log.read_text()
        if not self.key:
            found = re.search(r'"base64:([^"]+)"', self.ask("add-node", NAI, "--v6", HOME))
            assert found
            self.key = b64decode(found[1])

    def words(self, *more: str | Path) -> list[str | Path]:
        files: list[str | Path] = ["--state", self.directory / "state", "--runtime", self.directory]
        return [sys.executable, "-m", "agents.daemon", *files, "--socket", self.socket, *more]

    def ask(self, *words: str) -> str:
        command: list[str | Path] = [sys.executable, "-m", "agents.cli", "--socket", self.socket, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def show(self, what: str) -> Any:
        return json.loads(self.ask("show", what, "--json"))

    def register(self, care_of: str = CARE_OF, lifetime: int = 300) -> Read:
        """What a Binding Update gets, sent from the laptop's namespace."""
        answer = self._exchange(care_of, lifetime)
        assert answer
        return read(Send6(packet=IPv6Packet.unpack(answer)))

    def _exchange(self, care_of: str, lifetime: int) -> bytes:
        self._sequence += 1
        stamp = int((time.time() + NTP_TO_UNIX) * 2**32)
        header = update(sequence=self._sequence, stamp=stamp, key=self.key, spi=SPI, care_of=care_of, lifetime=lifetime)
        packet = heard(header, source=care_of).packet
        return exchange("mn", ACKNOWLEDGEMENT, packet)

    def end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def close(self) -> None:
        self.end(signal.SIGKILL)
        for node in NODES:
            subprocess.run(["ip", "netns", "delete", PREFIX + node], check=False, capture_output=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Laptop - home agent - neighbour."""
    if os.geteuid() != 0:
        pytest.fail("this test must run as root")
    world = World(tmp_path)
    try:
        for node in NODES:
            ip("netns", "add", PREFIX + node)
            ip("-n", PREFIX + node, "link", "set", "lo", "up")
        inside("ha", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", check=True)
        for name, node in (("eth0", "cn"), ("eth9", "mn")):
            ends = ["link", "add", name, "netns", PREFIX + "ha", "type", "veth"]
            ip(*ends, "peer", "name", "eth0", "netns", PREFIX + node)
        for node, name, addresses in (
            ("ha", "eth0", [f"{HOME_AGENT}/64"]),
            ("ha", "eth9", ["2001:db8:2::1/64"]),
            ("cn", "eth0", [f"{NEIGHBOUR}/64"]),
            ("mn", "eth0", [f"{CARE_OF}/64", f"{NEXT}/64"]),
        ):
            ip("-n", PREFIX + node, "link", "set", name, "up")
            for address in addresses:
                ip("-n", PREFIX + node, "address", "add", address, "dev", name, "nodad")
        ip("-n", PREFIX + "mn", "route", "add", "default", "via", "2001:db8:2::1")
        ip("-n", PREFIX + "cn", "route", "add", "default", "via", HOME_AGENT)
        settle()
        yield world
    finally:
        world.close()


def datagram(source: str, destination: str, text: bytes) -> IPv6Packet:
    """UDP to port 9999."""
    plain = struct.pack("!HHHH", 9, 9999, 8 + len(text), 0) + text
    right = checksum(plain + bytes(len(plain) % 2), source, destination, 17)
    payload = plain[:6] + struct.pack("!H", right) + text
    return IPv6Packet(source=IPv6Address(source), destination=IPv6Address(destination), next_header=17, payload=payload)


def tunnelled(outer_source: str, inner: IPv6Packet) -> IPv6Packet:
    return IPv6Packet(
        source=IPv6Address(outer_source), destination=IPv6Address(HOME_AGENT), next_header=41, payload=inner.pack()
    )


class Listener:
    """What a node hears first that holds a text, while a block runs."""

    def __init__(self, node: str, wanted: bytes, seconds: float = 2.0) -> None:
        words = [sys.executable, "-c", LISTEN, str(seconds), wanted.hex()]
        command = ["ip", "netns", "exec", PREFIX + node, *words]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "listening\n"

    def heard(self) -> IPv6Packet | None:
        output, _ = self._process.communicate()
        return IPv6Packet.unpack(bytes.fromhex(output.strip())) if output.strip() else None


def send(node: str, packet: IPv6Packet) -> None:
    exchange(node, NOTHING, packet, seconds=0.0)


NOTHING = b"what nobody sends"


@pytest.mark.rfc("6275", "10.3.1")
@pytest.mark.rfc("6275", "10.4.1")
@pytest.mark.rfc("6275", "10.4.2")
def test_a_node_that_is_away_is_reached_through_its_tunnel_and_nothing_is_left_behind(world: World) -> None:
    before = kernel()
    world.start()
    answer = world.register()
    assert (answer.status, answer.lifetime) == (0, 300)
    [binding] = world.show("bindings")
    assert (binding["nai"], binding["home_address"], binding["care_of_address"]) == (NAI, HOME, CARE_OF)
    for care_of in (CARE_OF, NEXT):
        if care_of == NEXT:
            assert world.register(care_of=NEXT).status == 0
        listener = Listener("mn", b"to the laptop!")
        send("cn", datagram(NEIGHBOUR, HOME, b"to the laptop!"))
        outer = listener.heard()
        assert outer is not None
        assert (str(outer.source), str(outer.destination), outer.next_header) == (HOME_AGENT, care_of, 41)
    assert world.register(care_of=NEXT, lifetime=0).status == 0
    assert world.show("bindings") == []
    world.end(signal.SIGTERM)
    assert kernel() == before

    world.start()
    world.register()
    world.end(signal.SIGKILL)
    assert kernel() != before
    inside("ha", *world.words("--cleanup"), check=True)
    assert kernel() == before


@pytest.mark.rfc("6275", "10.4.5")
def test_the_home_agent_is_no_open_relay_for_ipv6(world: World) -> None:
    world.start()
    world.register()
    cases = {
        (CARE_OF, HOME): True,  # as the binding has it
        (NEXT, HOME): False,  # from another outer source
        (CARE_OF, "2001:db8:1::77"): False,  # from another inner source
    }
    came = {}
    for outer_source, inner_source in cases:
        listener = Listener("cn", b"from the laptop!", 1.0)
        send("mn", tunnelled(outer_source, datagram(inner_source, NEIGHBOUR, b"from the laptop!")))
        came[outer_source, inner_source] = listener.heard() is not None
    counters = world.show("status")["counters"]
    world.end(signal.SIGTERM)
    assert came == cases
    assert (counters["wrong_outer_source"], counters["wrong_inner_source"]) == (1, 1)


@pytest.mark.rfc("6275", "10.5.1")
@pytest.mark.rfc("6275", "7.1")
def test_hosts_at_home_hear_of_us_and_laptops_away_find_us(world: World) -> None:
    world.start()
    listener = Listener("cn", bytes.fromhex("e000278d00"), 4.0)  # L, A and R, and a lifetime of thirty days
    advertisement = listener.heard()
    assert advertisement is not None
    assert (advertisement.payload[0], advertisement.payload[5]) == (134, 0x20)
    addresses = ip("-n", PREFIX + "cn", "-6", "address", "show", "dev", "eth0", "dynamic")
    assert "2001:db8:1:" in addresses  # the kernel there took the prefix
    assert found() == [HOME_AGENT, HOME_AGENT]
    world.end(signal.SIGTERM)


@pytest.mark.rfc("6275", "10.3.1")
def test_an_address_that_the_neighbour_has_is_refused(world: World) -> None:
    world.start()
    ip("-n", PREFIX + "cn", "address", "add", f"{HOME}/64", "dev", "eth0", "nodad")
    assert world.register().status == 134
    ip("-n", PREFIX + "cn", "address", "delete", f"{HOME}/64", "dev", "eth0")
    assert world.register().status == 0
    ip("-n", PREFIX + "cn", "address", "add", f"{HOME}/64", "dev", "eth0")
    end = time.monotonic() + 5
    while "dadfailed" not in ip("-n", PREFIX + "cn", "address", "show", "dev", "eth0") and time.monotonic() < end:
        time.sleep(0.05)
    assert "dadfailed" in ip("-n", PREFIX + "cn", "address", "show", "dev", "eth0")  # we defend it
    world.end(signal.SIGTERM)


def test_a_prefix_that_is_configured_anew_is_told_without_a_restart(world: World) -> None:
    world.start()
    world.register()
    text = CONFIGURATION.replace('"2001:db8:1::/64"', '"2001:db8:1::/64", "2001:db8:5::/64"')
    (world.directory / "agent.toml").write_text(text)
    listener = Listener("cn", IPv6Address("2001:db8:5::").packed, 5.0)
    world.ask("reload")
    assert listener.heard() is not None
    assert world.show("status")["home6"]["prefixes"] == ["2001:db8:1::/64", "2001:db8:5::/64"]
    assert len(world.show("bindings")) == 1
    (world.directory / "agent.toml").write_text(text.replace("[home6]", "[home6"))
    world.ask("reload")  # a mistake is told, and changes nothing
    status = world.show("status")
    assert any("agent.toml" in problem for problem in status["problems"])
    assert status["home6"]["prefixes"] == ["2001:db8:1::/64", "2001:db8:5::/64"]
    assert len(status["bindings"]) == 1
    world.end(signal.SIGTERM)


ANYCAST = "2001:db8:1:0:fdff:ffff:ffff:fffe"


def found() -> list[str]:
    """The home agents that a laptop away is told of, the first being who told it."""
    request = icmp(144, struct.pack("!HH", 0xABCD, 0), CARE_OF, ANYCAST, hop_limit=64).packet
    answer = exchange("mn", bytes.fromhex("abcd"), request)
    assert answer, "nobody answers"
    reply = IPv6Packet.unpack(answer)
    addresses = (reply.payload[place : place + 16] for place in range(8, len(reply.payload), 16))
    return [str(reply.source), *(str(IPv6Address(address)) for address in addresses)]


@pytest.mark.rfc("6275", "10.5.1")
@pytest.mark.rfc("6275", "10.1")
def test_two_home_agents_tell_of_each_other_and_one_answers_when_the_other_is_dead(
    world: World, tmp_path: Path
) -> None:
    inside("cn", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", check=True)
    (tmp_path / "second").mkdir()
    second = World(tmp_path / "second", "cn", CONFIGURATION.replace(HOME_AGENT, NEIGHBOUR) + "preference = 9\n")
    try:
        world.start()
        second.start()
        end = time.monotonic() + 10
        while len(found()) < 3 and time.monotonic() < end:
            time.sleep(0.5)  # until the first has heard of the second
        assert found() == [HOME_AGENT, NEIGHBOUR, HOME_AGENT]
        world.end(signal.SIGKILL)
        assert found()[:2] == [NEIGHBOUR, NEIGHBOUR]
        second.end(signal.SIGTERM)
    finally:
        second.end(signal.SIGKILL)
