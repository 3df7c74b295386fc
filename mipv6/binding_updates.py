"""What a correspondent checks of a Binding Update before it believes it (RFC 6275 §9.5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.ipv6 import IPv6Packet, is_unicast_routable
from mipv6.messages import BindingUpdate
from mipv6.nonces import Nonces
from mipv6.options import AlternateCareOfAddress, BindingAuthorizationData, NonceIndices, find
from mipv6.return_routability import binding_key, is_authorised
from mipv6.status_codes import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A Binding Update whose sender is reached at both addresses; `kbm` proves it, and signs the answer."""

    home_address: IPv6Address
    correspondent: IPv6Address
    care_of_address: IPv6Address
    update: BindingUpdate
    kbm: bytes

    @property
    def is_deletion(self) -> bool:
        """Is this a request to delete the binding?"""
        return self.update.lifetime == 0

    @property
    def signed_address(self) -> IPv6Address:
        """What authenticators are over: the home address where nothing is to be registered (§6.2.7)."""
        return self.home_address if self.is_deletion else self.care_of_address


@dataclass(frozen=True, slots=True)
class Ignored:
    """Not worth an answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The nonces are too old: the mobile node has to ask for new tokens; nobody can sign this answer (§9.5.4)."""

    status: Status


def read_claim(packet: IPv6Packet, update: BindingUpdate, nonces: Nonces, now: float) -> Claim | Ignored | Forgotten:
    """All that can be judged without the binding cache."""
    alternate = find(update.options, AlternateCareOfAddress)
    care_of_address = alternate.address if alternate else packet.source
    if not all(map(is_unicast_routable, (packet.sender, packet.source, care_of_address))):
        return Ignored("update-not-routable")
    indices = find(update.options, NonceIndices)
    if indices is None or find(update.options, BindingAuthorizationData) is None:
        return Ignored("update-incomplete")
    kbm = _kbm(packet, update, care_of_address, indices, nonces, now)
    if isinstance(kbm, Forgotten):
        return kbm
    claim = Claim(
        home_address=packet.sender,
        correspondent=packet.destination,
        care_of_address=care_of_address,
        update=update,
        kbm=kbm,
    )
    if not is_authorised(packet, update, kbm, claim.signed_address, claim.correspondent):
        return Ignored("update-not-authorised")
    return claim


_Kbm: TypeAlias = bytes | Forgotten


def _kbm(
    packet: IPv6Packet,
    update: BindingUpdate,
    care_of_address: IPv6Address,
    indices: NonceIndices,
    nonces: Nonces,
    now: float,
) -> _Kbm:
    """The key made again from what the packet says (§5.2.5); deletion needs the home test alone."""
    home = nonces.find(indices.home, now)
    if update.lifetime == 0:
        if home is None:
            return Forgotten(Status.EXPIRED_HOME_NONCE_INDEX)
        return binding_key(home.token(packet.sender, care_of=False), None)
    care_of = nonces.find(indices.care_of, now)
    if home is None or care_of is None:
        return Forgotten(_expired(home is None, care_of is None))
    return binding_key(home.token(packet.sender, care_of=False), care_of.token(care_of_address, care_of=True))


def _expired(home: bool, care_of: bool) -> Status:
    if home and care_of:
        return Status.EXPIRED_NONCES
    return Status.EXPIRED_HOME_NONCE_INDEX if home else Status.EXPIRED_CARE_OF_NONCE_INDEX
