"""mobilityagentd on real kernels: two routers, a laptop that a few lines here play, a neighbour at home."""

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
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from client.control.client import Client
from client.core.ipv4 import IPv4Packet
from tests.agents.by_hand import HOME, HOME_AGENT, NTP_TO_UNIX, request
from tests.agents.test_foreign_agent import FA

pytestmark = pytest.mark.lab

CONFIGURATIONS = {
    "ha": f'[[home_agent]]\naddress = "{HOME_AGENT}"\nnetwork = "198.51.100.0/24"\ninterface = "eth0"\n',
    "fa": f'[[foreign_agent]]\ninterface = "eth1"\ncare_of_address = "{FA}"\n',
}
NODES = ("mn", "fa", "ha", "cn")
CABLES = (("mn", "eth0", "fa", "eth1"), ("fa", "eth9", "ha", "eth9"), ("ha", "eth0", "cn", "eth0"))
NAI = "alice@example.net"
SPI = 4096
REVERSE = 0x02
PREFIX = f"agents{os.getpid()}-"


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def inside(node: str, *words: str | Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    command = ["ip", "netns", "exec", PREFIX + node, *words]
    return subprocess.run(command, check=check, text=True, capture_output=True)


def kernel(node: str) -> list[str]:
    """What the kernel holds that a daemon could have put there."""
    views = (["-br", "link"], ["rule"], ["route", "show", "table", "all"], ["neigh", "show", "nud", "permanent"])
    return [ip("-4", "-n", PREFIX + node, *view) for view in views]


class Daemon:
    """A running mobilityagentd."""

    def __init__(self, node: str, directory: Path) -> None:
        self.node = node
        self.directory = directory / node
        self.directory.mkdir(exist_ok=True)
        (self.directory / "agent.toml").write_text(CONFIGURATIONS[node])
        self.socket = self.directory / "control.sock"
        command = ["ip", "netns", "exec", PREFIX + node, *self.words("--config", self.directory / "agent.toml")]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stderr=log)

    def words(self, *more: str | Path) -> list[str | Path]:
        files: list[str | Path] = [
            "--state",
            self.directory / "state",
            "--runtime",
            self.directory,
            "--socket",
            self.socket,
        ]
        return [sys.executable, "-m", "agents.daemon", *files, *more]

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def is_ready(self) -> bool:
        return "mobilityagentd: ready" in self.log.read_text().splitlines()

    def ask(self, *words: str) -> str:
        command: list[str | Path] = [sys.executable, "-m", "agents.cli", "--socket", self.socket, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def show(self, what: str) -> Any:
        return json.loads(self.ask("show", what, "--json"))

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(10)


class Laptop:
    """A socket in the laptop's namespace; the key comes out of the profile."""

    def __init__(self, profile: str) -> None:
        found = re.search(r'"base64:([^"]+)"', profile)
        assert found
        self.key = b64decode(found[1])

    def register(self, **fields: Any) -> tuple[int, int]:
        """Code and lifetime of the reply."""
        payload = request(key=self.key, spi=SPI, ident=self.identification(), **{"care_of": FA, **fields})
        script = (
            "import socket, sys\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)\n"
            f"s.bind(('{HOME}', 0)); s.settimeout(5)\n"
            f"s.sendto(bytes.fromhex('{payload.hex()}'), ('{FA}', 434))\n"
            "print(s.recv(2000).hex())\n"
        )
        reply = bytes.fromhex(inside("mn", sys.executable, "-c", script, check=True).stdout)
        code, lifetime = struct.unpack_from("!BH", reply, 1)
        return code, lifetime

    def identification(self) -> int:
        return (int(time.time()) + NTP_TO_UNIX << 32) + int(time.time() % 1 * 2**32)


def reachable(source: str, destination: str) -> bool:
    return inside(source, "ping", "-c", "2", "-i", "0.2", "-W", "1", destination).returncode == 0


class World:
    """The namespaces, and the daemons that were started in them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.daemons: list[Daemon] = []

    def start(self, node: str) -> Daemon:
        daemon = Daemon(node, self.directory)
        self.daemons.append(daemon)
        end = time.monotonic() + 10
        while not daemon.is_ready() and time.monotonic() < end:
            time.sleep(0.05)
        assert daemon.is_ready(), daemon.log.read_text()
        return daemon

    def close(self) -> None:
        for daemon in self.daemons:
            daemon.end(signal.SIGKILL)
        for node in NODES:
            subprocess.run(["ip", "netns", "delete", PREFIX + node], check=False, capture_output=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Laptop - foreign agent - home agent - neighbour; the laptop has its home address on the visited link."""
    if os.geteuid() != 0:
        pytest.fail("this test must run as root")
    world = World(tmp_path)
    try:
        for node in NODES:
            ip("netns", "add", PREFIX + node)
            ip("-n", PREFIX + node, "link", "set", "lo", "up")
        for left, name, right, peer in (
            ("mn", "eth0", "fa", "eth1"),
            ("fa", "eth9", "ha", "eth9"),
            ("ha", "eth0", "cn", "eth0"),
        ):
            ip(
                "link",
                "add",
                name,
                "netns",
                PREFIX + left,
                "type",
                "veth",
                "peer",
                "name",
                peer,
                "netns",
                PREFIX + right,
            )
            ip("-n", PREFIX + left, "link", "set", name, "up")
            ip("-n", PREFIX + right, "link", "set", peer, "up")
        for node, address, name in (
            ("mn", f"{HOME}/32", "eth0"),
            ("fa", f"{FA}/24", "eth1"),
            ("fa", "192.0.2.1/30", "eth9"),
            ("ha", "192.0.2.2/30", "eth9"),
            ("ha", f"{HOME_AGENT}/24", "eth0"),
            ("cn", "198.51.100.50/24", "eth0"),
        ):
            ip("-n", PREFIX + node, "address", "add", address, "dev", name)
        ip("-n", PREFIX + "mn", "route", "add", "default", "via", FA, "dev", "eth0", "onlink")
        ip("-n", PREFIX + "fa", "route", "add", "default", "via", "192.0.2.2")
        ip("-n", PREFIX + "ha", "route", "add", "203.0.113.0/24", "via", "192.0.2.1")
        ip("-n", PREFIX + "cn", "route", "add", "default", "via", HOME_AGENT)
        for node in ("fa", "ha"):
            inside(node, "sysctl", "-qw", "net.ipv4.ip_forward=1", check=True)
        yield world
    finally:
        world.close()


def test_a_visitor_is_reached_at_home_and_both_daemons_leave_nothing_behind(world: World) -> None:
    before = {node: kernel(node) for node in ("ha", "fa")}
    home, foreign = world.start("ha"), world.start("fa")
    laptop = Laptop(home.ask("add-node", NAI, "--home-address", HOME))
    assert not reachable("cn", HOME)

    assert laptop.register(flags=REVERSE, lifetime=300) == (0, 300)
    assert reachable("cn", HOME)
    assert reachable("mn", "198.51.100.50")
    [binding] = home.show("bindings")
    assert (binding["nai"], binding["care_of_address"], binding["reverse_tunnel"]) == (NAI, FA, True)
    [visitor] = foreign.show("visitors")
    assert (visitor["home_address"], visitor["interface"]) == (HOME, "eth1")

    assert laptop.register(flags=0, lifetime=300) == (0, 300)
    assert reachable("cn", HOME)  # the way back is a triangle now

    home.ask("revoke", NAI)
    assert home.show("bindings") == []
    assert not reachable("cn", HOME)

    home.end(signal.SIGTERM)
    foreign.end(signal.SIGKILL)
    assert kernel("ha") == before["ha"]
    assert kernel("fa") != before["fa"]
    inside("fa", *foreign.words("--cleanup"), check=True)
    assert kernel("fa") == before["fa"]


@pytest.mark.rfc("3024", "4.3.2")
def test_the_home_agent_is_no_open_relay(world: World) -> None:
    home, foreign = world.start("ha"), world.start("fa")
    laptop = Laptop(home.ask("add-node", NAI, "--home-address", HOME))
    laptop.register(flags=REVERSE, lifetime=300)
    cases = {
        (FA, HOME): True,  # as the binding has it
        ("192.0.2.1", HOME): False,  # from another outer source
        (FA, "198.51.100.77"): False,  # from another inner source
    }
    heard = {case: _arrives(*case) for case in cases}
    with Client(home.socket) as client:
        counters = client.call("status")["counters"]
    home.end(signal.SIGTERM)
    foreign.end(signal.SIGTERM)
    assert heard == cases
    assert (counters["wrong_outer_source"], counters["wrong_inner_source"]) == (1, 1)


def _arrives(outer_source: str, inner_source: str) -> bool:
    """Does a datagram in a tunnel packet to the home agent come out, and reach the neighbour?"""
    datagram = struct.pack("!HHHH", 9, 9999, 12, 0) + b"ping"
    inner = IPv4Packet(
        source=IPv4Address(inner_source), destination=IPv4Address("198.51.100.50"), protocol=17, payload=datagram
    )
    outer = IPv4Packet(
        source=IPv4Address(outer_source), destination=IPv4Address(HOME_AGENT), protocol=4, payload=inner.pack()
    )
    listen = (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 9999)); s.settimeout(1)\n"
        "print('listening', flush=True)\n"
        "try:\n    print(s.recv(100))\n"
        "except TimeoutError:\n    print('nothing')\n"
    )
    send = (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)\n"
        f"s.sendto(bytes.fromhex('{outer.pack().hex()}'), ('{HOME_AGENT}', 0))\n"
    )
    command = ["ip", "netns", "exec", PREFIX + "cn", sys.executable, "-c", listen]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "listening\n"
        inside("fa", sys.executable, "-c", send, check=True)
        return listener.stdout.readline() == "b'ping'\n"


def test_what_cannot_start_says_why_in_one_sentence(world: World) -> None:
    done = inside(
        "ha",
        sys.executable,
        "-m",
        "agents.daemon",
        "--config",
        world.directory / "none.toml",
        "--runtime",
        world.directory,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("cannot be read: No such file or directory\n")
    assert done.stderr.count("\n") == 1


def test_a_router_that_does_not_forward_is_told_of(world: World) -> None:
    inside("ha", "sysctl", "-qw", "net.ipv4.ip_forward=0", check=True)
    home = world.start("ha")
    [problem] = home.show("status")["problems"]
    home.end(signal.SIGTERM)
    assert "ip_forward" in problem


def test_a_second_daemon_does_not_disturb_the_first(world: World) -> None:
    home = world.start("ha")
    holds = kernel("ha")
    second = inside("ha", *home.words("--config", home.directory / "agent.toml"))
    assert second.returncode == 1
    assert "another daemon" in second.stderr
    assert kernel("ha") == holds
    home.end(signal.SIGTERM)
    assert not home.socket.exists()
