"""OpenVPN between mobile node and home agent, as a peer to compare with.

As it comes; without a cipher also without authentication of packets, so that nothing but the carrying is
measured. With `tuned` it also gets what helps it: large socket buffers (TCP is nearly twice as fast) and `fast-io`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from client.core.plan import Address
from lab.bench import network, ping
from lab.bench.system import Programs, wait_until
from lab.errors import LabError
from lab.nodes import Node
from lab.site import Site

NO_CIPHER, AES = "none", "AES-128-GCM"
_PORT = "1194"
_MOBILE, _HOME = "10.8.0.2", "10.8.0.1"
_COMMON = ["openvpn", "--dev", "tun", "--proto", "udp4", "--port", _PORT, "--verb", "3", "--auth", "none"]
_COMMON += ["--disable-dco", "--topology", "p2p"]
_TUNED = ["--fast-io", "--sndbuf", "4194304", "--rcvbuf", "4194304"]
_CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class OpenVpn:
    """One cipher, both ends."""

    source = _MOBILE
    peer: Address = network.PEER

    def __init__(self, cipher: str, *, tuned: bool = False) -> None:
        self._cipher = cipher
        self._tuning = _TUNED if tuned else []
        self._programs = Programs()
        self.name = f"OpenVPN, {'no cipher' if cipher == NO_CIPHER else cipher}{', tuned' if tuned else ''}"

    def start(self, site: Site) -> None:
        """Start both ends, and wait for a packet through them."""
        mobile, home = Node(site, network.MOBILE), Node(site, network.HOME)
        files = {node.name: _identity(node) for node in (mobile, home)}
        ends = (
            (home, "--tls-server", [_HOME, _MOBILE], files[mobile.name], network.CARE_OF_ADDRESS),
            (mobile, "--tls-client", [_MOBILE, _HOME], files[home.name], network.HOME_AGENT),
        )
        for node, role, addresses, other, remote in ends:
            key, certificate = files[node.name]
            words = [*_COMMON, *self._tuning, role, "--key", str(key), "--cert", str(certificate), "--dh", "none"]
            words += ["--ifconfig", *addresses, "--remote", str(remote), "--peer-fingerprint", _fingerprint(other[1])]
            words += ["--data-ciphers", self._cipher, "--cipher", self._cipher]
            words += ["--route", str(network.PEER)] if node is mobile else []
            self._programs.start(node, "openvpn", words)
        try:
            wait_until(lambda: self._carries(mobile), f"{self.name}: {mobile.log('openvpn')}")
        except LabError as error:
            self.stop()
            raise LabError(f"{error}: {mobile.log('openvpn')}") from error

    def stop(self) -> None:
        """End both ends."""
        self._programs.stop()

    def _carries(self, mobile: Node) -> bool:
        if not self._programs.alive():
            raise LabError(f"{self.name} has ended")
        return ping.answers(mobile, self.source, str(network.PEER))


def _identity(node: Node) -> tuple[Path, Path]:
    """A key and a certificate of its own, made once."""
    key, certificate = node.directory / "openvpn.key", node.directory / "openvpn.crt"
    if not certificate.exists():
        names = ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", f"/CN={node.name}"]
        subprocess.run([*_CERTIFICATE, *names], check=True, capture_output=True)
    return key, certificate


def _fingerprint(certificate: Path) -> str:
    words = ["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip().partition("=")[2]
