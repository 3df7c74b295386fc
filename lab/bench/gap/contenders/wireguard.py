"""wireguard-go as Debian has it, with a persistent keepalive at the laptop."""

from __future__ import annotations

from lab.bench.gap.contenders.contender import until
from lab.bench.gap.topology import CORRESPONDENT_PREFIX, LAPTOP, SERVER, SERVER_ADDRESS
from lab.nodes import Node
from lab.site import Site
from lab.topology import HOME_ADDRESS

KEEPALIVE = 5
_FAR_END = "198.51.100.254"


class WireGuard:
    """One process at each end. Its control sockets lie in one place for all namespaces: the names differ."""

    name = "wireguard-go"

    def start(self, site: Site) -> None:
        """Start both ends and return when packets pass."""
        ends = {LAPTOP: Node(site, LAPTOP), SERVER: Node(site, SERVER)}
        names = {node: f"{site.name[-8:]}{node}" for node in ends}
        keys = {node: ends[node].must(["wg", "genkey"]).strip() for node in ends}
        for node, end in ends.items():
            end.start("wireguard", ["wireguard-go", "-f", names[node]])
            self._await(end, names[node])
            (end.directory / "wg.key").write_text(keys[node])
        public = {
            node: ends[node].must(["sh", "-c", f"wg pubkey < {ends[node].directory}/wg.key"]).strip() for node in ends
        }
        self._set(
            ends[SERVER], names[SERVER], public[LAPTOP], ["allowed-ips", f"{HOME_ADDRESS}/32"], ["listen-port", "51820"]
        )
        peer = ["allowed-ips", "0.0.0.0/0", "endpoint", f"{SERVER_ADDRESS}:51820"]
        self._set(ends[LAPTOP], names[LAPTOP], public[SERVER], [*peer, "persistent-keepalive", str(KEEPALIVE)], [])
        self._address(ends[SERVER], names[SERVER], _FAR_END, f"{HOME_ADDRESS}/32")
        self._address(ends[LAPTOP], names[LAPTOP], str(HOME_ADDRESS), f"{_FAR_END}/32", CORRESPONDENT_PREFIX)
        laptop = ends[LAPTOP]
        until("WireGuard to pass packets", lambda: not laptop.run(["ping", "-c1", "-W1", _FAR_END]).returncode)

    def _await(self, end: Node, name: str) -> None:
        until("wireguard-go's socket", lambda: not end.run(["wg", "show", name]).returncode)

    def _set(self, end: Node, name: str, peer: str, words: list[str], own: list[str]) -> None:
        end.must(["wg", "set", name, *own, "private-key", end.directory / "wg.key", "peer", peer, *words])

    def _address(self, end: Node, name: str, address: str, *routes: str) -> None:
        end.must(["ip", "address", "add", f"{address}/32", "dev", name])
        end.must(["ip", "link", "set", name, "up"])
        for route in routes:
            end.must(["ip", "route", "add", route, "dev", name, "src", address])
