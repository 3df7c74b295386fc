"""strongSwan with MOBIKE (RFC 4555) and the ESP of its own in user space (kernel-libipsec): no kernel ESP is needed."""

from __future__ import annotations

from lab.bench.gap.contenders.contender import until
from lab.bench.gap.topology import CORRESPONDENT_ADDRESS, CORRESPONDENT_PREFIX, LAPTOP, SERVER, SERVER_ADDRESS
from lab.nodes import Node
from lab.site import Site
from lab.topology import HOME_ADDRESS

_PLUGINS = "random nonce aes sha1 sha2 hmac kdf gmp kernel-libipsec kernel-netlink socket-default vici updown"
_CHARON = """
charon {{
  load = {plugins}
  prefer_best_path = yes
  retransmit_timeout = 0.5
  retransmit_base = 1.2
  install_virtual_ip_on = {virtual}
  plugins {{
    vici {{ socket = unix://{socket} }}
    kernel-libipsec {{ allow_peer_ts = yes }}
  }}
  filelog {{ log {{ path = {log}
      default = 1 }} }}
}}
"""
_CONNECTION = """
connections {{ lab {{
    version = 2
    mobike = yes
    {ends}
    proposals = aes128-sha256-modp2048
    dpd_delay = 5s
    local {{ auth = psk
      id = {own} }}
    remote {{ auth = psk
      id = {other} }}
    children {{ net {{
        {selectors}
        esp_proposals = aes128-sha256
        mode = tunnel
      }} }}
  }} }}
pools {{ laptops {{ addrs = {home}/32 }} }}
secrets {{ ike-lab {{ secret = "a shared key for the lab" }} }}
"""
_ENDS = {
    LAPTOP: f"remote_addrs = {SERVER_ADDRESS}\n    vips = 0.0.0.0",
    SERVER: f"local_addrs = {SERVER_ADDRESS}\n    pools = laptops",
}
_SELECTORS = {LAPTOP: f"remote_ts = {CORRESPONDENT_PREFIX}", SERVER: f"local_ts = {CORRESPONDENT_PREFIX}"}


class StrongSwan:
    """One charon at each end, each with a /run of its own: both want the same pid file."""

    name = "strongSwan MOBIKE"

    def start(self, site: Site) -> None:
        """Start both ends and return when packets pass."""
        for node, other in ((SERVER, LAPTOP), (LAPTOP, SERVER)):
            self._start(site, Node(site, node), other)
        laptop = Node(site, LAPTOP)
        self._control(site, laptop, "--initiate", "--child", "net", "--timeout", "10")
        ping = ["ping", "-c1", "-W1", "-I", str(HOME_ADDRESS), CORRESPONDENT_ADDRESS]
        until("strongSwan to pass packets", lambda: not laptop.run(ping).returncode)

    def _start(self, site: Site, node: Node, other: str) -> None:
        settings, connection = site.scratch / f"{node.name}.conf", site.scratch / f"{node.name}.swanctl"
        virtual = "lo" if node.name == LAPTOP else "none"
        log = site.scratch / f"{node.name}.charon"
        settings.write_text(_CHARON.format(socket=self._socket(site, node), virtual=virtual, log=log, plugins=_PLUGINS))
        words = {"ends": _ENDS[node.name], "selectors": _SELECTORS[node.name], "home": HOME_ADDRESS}
        connection.write_text(_CONNECTION.format(own=node.name, other=other, **words))
        private = "mount -t tmpfs tmpfs /run && exec /usr/lib/ipsec/charon"
        node.start("charon", ["unshare", "-m", "sh", "-c", private], STRONGSWAN_CONF=str(settings))
        load = ["--load-all", "--noprompt", "--file", connection]
        until("charon to take its configuration", lambda: self._asks(site, node, *load))

    def _asks(self, site: Site, node: Node, *words: object) -> bool:
        uri = f"unix://{self._socket(site, node)}"
        return not node.run(["swanctl", str(words[0]), "--uri", uri, *map(str, words[1:])]).returncode

    def _control(self, site: Site, node: Node, *words: object) -> None:
        until(f"swanctl {words[0]}", lambda: self._asks(site, node, *words), 40.0)

    def _socket(self, site: Site, node: Node) -> str:
        return f"{site.scratch}/{node.name}.vici"
