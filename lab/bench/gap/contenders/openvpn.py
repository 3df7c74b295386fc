"""OpenVPN with a shared key, no cipher, `nobind` at the laptop and `float` at the server."""

from __future__ import annotations

from lab.bench.gap.contenders.contender import until
from lab.bench.gap.topology import CORRESPONDENT_PREFIX, LAPTOP, SERVER, SERVER_ADDRESS
from lab.nodes import Node
from lab.site import Site
from lab.topology import HOME_ADDRESS

KEEPALIVE = ("5", "60")
"""Seconds between pings, and until a restart: shorter than most set it, which is in OpenVPN's favour."""

_FAR_END = "198.51.100.254"
_COMMON = ["--dev", "tun0", "--dev-type", "tun", "--proto", "udp", "--port", "1194", "--verb", "1"]


class OpenVpn:
    """One process at each end."""

    name = "OpenVPN"

    def start(self, site: Site) -> None:
        """Start both ends and return when packets pass."""
        laptop, server = Node(site, LAPTOP), Node(site, SERVER)
        key = site.directory / "openvpn.key"
        server.must(["openvpn", "--genkey", "secret", key])
        words = ["openvpn", *_COMMON, "--secret", str(key), "--cipher", "none", "--auth", "SHA256"]
        words += ["--keepalive", *KEEPALIVE, "--persist-tun"]
        server.start("openvpn", [*words, "--float", "--ifconfig", _FAR_END, str(HOME_ADDRESS)])
        client = ["--remote", SERVER_ADDRESS, "--nobind", "--ifconfig", str(HOME_ADDRESS), _FAR_END]
        laptop.start("openvpn", [*words, *client])
        until("OpenVPN's interface", lambda: not laptop.run(["ip", "link", "show", "tun0"]).returncode)
        laptop.must(["ip", "route", "add", CORRESPONDENT_PREFIX, "dev", "tun0", "src", str(HOME_ADDRESS)])
        until("OpenVPN to pass packets", lambda: not laptop.run(["ping", "-c1", "-W1", _FAR_END]).returncode)
