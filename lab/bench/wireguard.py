"""wireguard-go, as Debian has it, between mobile node and home agent: a peer to compare with."""

from __future__ import annotations

from pathlib import Path

from client.core.plan import Address
from lab.bench import network, ping
from lab.bench.system import Programs, wait_until
from lab.errors import LabError
from lab.nodes import Node
from lab.site import Site

_MOBILE, _HOME = "10.9.0.2", "10.9.0.1"
_PORT = "51820"
_MTU = "1420"  # what wg-quick takes for a link of 1,500


class WireGuard:
    """Both ends."""

    name = "wireguard-go"
    source = _MOBILE
    peer: Address = network.PEER

    def __init__(self) -> None:
        self._programs = Programs()

    def start(self, site: Site) -> None:
        """Start both ends, and wait for a packet through them."""
        mobile, home = Node(site, network.MOBILE), Node(site, network.HOME)
        try:
            for node in (mobile, home):
                # Its control socket bears the interface's name, and namespaces share the file system.
                words = ["wireguard-go", "--foreground", _interface(node)]
                self._programs.start(node, "wireguard", words)
            keys = {node.name: _keys(node) for node in (mobile, home)}
            _configure(mobile, keys[home.name][1], _MOBILE, "0.0.0.0/0", f"{network.HOME_AGENT}:{_PORT}")
            _configure(home, keys[mobile.name][1], _HOME, f"{_MOBILE}/32", f"{network.CARE_OF_ADDRESS}:{_PORT}")
            mobile.must(["ip", "route", "add", str(network.PEER), "dev", _interface(mobile)])
            home.must(["ip", "route", "add", _MOBILE, "dev", _interface(home)])
            wait_until(lambda: ping.answers(mobile, self.source, str(network.PEER)), f"a packet through {self.name}")
        except LabError:
            self.stop()
            raise

    def stop(self) -> None:
        """End both ends; the interfaces and their routes go with them."""
        self._programs.stop()


def _interface(node: Node) -> str:
    return f"wg-{node.name}"


def _keys(node: Node) -> tuple[Path, str]:
    """The file of its private key, and its public key."""
    file = node.directory / "wireguard.key"
    private = node.must(["wg", "genkey"])
    file.touch(mode=0o600)
    file.write_text(private)
    return file, node.must(["sh", "-c", f"wg pubkey <{file}"]).strip()


def _configure(node: Node, peer: str, address: str, allowed: str, endpoint: str) -> None:
    name = _interface(node)
    wait_until(lambda: node.run(["wg", "show", name]).returncode == 0, f"{name}: {node.log('wireguard')}")
    file = node.directory / "wireguard.key"
    words = ["private-key", str(file), "listen-port", _PORT, "peer", peer, "allowed-ips", allowed]
    node.must(["wg", "set", name, *words, "endpoint", endpoint])
    node.must(["ip", "address", "add", f"{address}/24", "dev", name])
    node.must(["ip", "link", "set", name, "mtu", _MTU, "up"])
