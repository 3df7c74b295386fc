"""A new mobile node's IPv6 side: its home address, its key, and its part of the laptop's profile."""

from __future__ import annotations

import secrets
from collections.abc import Container
from ipaddress import IPv6Address, IPv6Network

import msgspec

from agents.home6.node import Association6, Node6
from agents.home6.settings import Home6Settings
from client.core.errors import ProfileError
from client.core.profile import AES_CBC_HMAC_SHA1_96, HMAC_SHA1_96
from client.core.secret import Secret
from mipv6.esp import CIPHER_KEY_LENGTH, Associations, associations, secret_of
from mipv6.esp import KEY_LENGTH as ESP_KEY_LENGTH

KEY_LENGTH = 16
"""Bytes (RFC 4285 §5.1)."""

LIFETIME = 600
"""Seconds that the laptop asks for; the home agent may grant less."""

KEY_NAME = "home-agent-6"
"""What the key is called in the profile."""


class HomeNetwork6(msgspec.Struct, frozen=True, kw_only=True):
    """A home link where nodes can be enrolled."""

    address: IPv6Address  # of its home agent
    prefixes: list[str]
    accept_unprotected: bool = False

    @property
    def networks(self) -> list[IPv6Network]:
        """Its prefixes; new nodes get addresses of the first."""
        return [IPv6Network(prefix) for prefix in self.prefixes]


def home_network6(settings: Home6Settings) -> HomeNetwork6:
    """What enrolment needs of the settings; nothing in it is secret."""
    return HomeNetwork6(
        address=settings.address,
        prefixes=[str(home.prefix) for home in settings.prefixes],
        accept_unprotected=settings.accept_unprotected,
    )


def new_node6(
    home: HomeNetwork6, asked: IPv6Address | None, taken: Container[IPv6Address], spi: int, *, esp: bool = False
) -> Node6:
    """A node with a new key, at the address that is asked for, or at a free one; else ProfileError.

    `spi` is free, and with `esp` the next one, too.
    """
    home_address = _free(home, taken) if asked is None else _checked(asked, home, taken)
    if esp:
        key = Secret(secrets.token_bytes(ESP_KEY_LENGTH + CIPHER_KEY_LENGTH))
        return Node6(home_address=home_address, esp=associations(spi, spi + 1, key))
    key = Secret(secrets.token_bytes(KEY_LENGTH))
    return Node6(home_address=home_address, associations=(Association6(spi=spi, key=key),))


def profile_table(node: Node6, nai: str, home: HomeNetwork6, *, discover: bool) -> str:
    """The tables [mipv6] and below; the key itself stands elsewhere, under KEY_NAME."""
    prefix = next(network for network in home.networks if node.home_address in network)
    agents = f'"{home.address}"' if not discover else '"dhaad"'
    direct = "\n[mipv6.direct_paths]\naccept_unprotected = true\n" if home.accept_unprotected else ""
    return f"""
[mipv6]
home_address = "{node.home_address}"
home_prefix = "{prefix}"
home_agents = [{agents}]
lifetime = {LIFETIME}

{_auth_by_esp(node.esp) if node.esp else _auth(node, nai)}{direct}"""


def key_of(node: Node6) -> Secret:
    """The key of a node that was just made."""
    return secret_of(node.esp.inbound) if node.esp else node.associations[0].key


def _auth(node: Node6, nai: str) -> str:
    [association] = node.associations
    return f"""\
[mipv6.auth]
method = "rfc4285"
id = "{nai}"
spi = {association.spi}
secret = "{KEY_NAME}"
replay = "{"timestamp" if association.timestamps else "none"}"
"""


def _auth_by_esp(esp: Associations) -> str:
    """What is out for the laptop is in for us."""
    return f"""\
[mipv6.auth]
method = "ipsec-manual"
spi_out = {esp.inbound.spi}
spi_in = {esp.outbound.spi}
algorithm = "{AES_CBC_HMAC_SHA1_96 if esp.hides else HMAC_SHA1_96}"
secret = "{KEY_NAME}"
"""


def _checked(asked: IPv6Address, home: HomeNetwork6, taken: Container[IPv6Address]) -> IPv6Address:
    network = next((network for network in home.networks if asked in network), None)
    if network is None:
        raise ProfileError(f"{asked} is not in a home prefix of this agent ({', '.join(home.prefixes)})")
    if asked in (home.address, network.network_address):
        raise ProfileError(f"{asked} is the home agent's own address, or the routers' of {network}")
    if asked in taken:
        raise ProfileError(f"another node has the home address {asked}")
    return asked


def _free(home: HomeNetwork6, taken: Container[IPv6Address]) -> IPv6Address:
    """By chance: hosts of the link form their addresses as they like, and nobody should be able to guess one."""
    network = home.networks[0]
    while True:
        address = network[secrets.randbelow(network.num_addresses)]
        if address not in taken and address not in (home.address, network[0]) and not _is_reserved(address):
            return address


def _is_reserved(address: IPv6Address) -> bool:
    """The last 128 of a prefix are anycast addresses (RFC 2526 §2), with and without the EUI-64 form."""
    return int(address) & 0xFDFF_FFFF_FFFF_FF80 == 0xFDFF_FFFF_FFFF_FF80
