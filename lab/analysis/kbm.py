"""Are the authenticators in captures right? Computed again from what the captures show and from RFC formulas alone.

    python -m lab.analysis.kbm CAPTURE... [--key SPI=base64:...] [--profile FILE]

The keygen tokens stand in Home Tests and Care-of Tests on the correspondent's link; from them come the key Kbm
(RFC 6275 §5.2.5) and the authenticators of Binding Updates and Acknowledgements (§6.2.7). The MN-HA authenticators
(RFC 4285 §5.1) and the check values of ESP (RFC 2404) need the shared key. Nothing of `mipv6` is used here: that is
what is judged.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import click

from lab.analysis.esp import AUTHENTICATION_KEY, opened
from lab.analysis.frames import Frame, decode
from lab.analysis.frames6 import Esp
from lab.analysis.mobility import Kind, MobilityMessage, messages
from lab.analysis.pcap import records

_ALTERNATE_CARE_OF, _NONCE_INDICES, _AUTHORIZATION, _AUTHENTICATION = 3, 4, 5, 9
_FIXED = 12
"""Bytes of a Binding Update or Acknowledgement before its options."""

_SIZE = 12
"""Bytes of either authenticator."""


class Finding(Enum):
    """What became of one authenticator."""

    AGREES = "agrees"
    DIFFERS = "DIFFERS"
    UNKNOWN = "cannot be judged: its key is not known"


@dataclass(frozen=True, slots=True)
class Verdict:
    """About one authenticator. `at`: nanoseconds since 1970; `by`: "Kbm", "MN-HA" or "ESP"."""

    at: int
    kind: Kind
    sequence: int
    by: str
    finding: Finding

    def __str__(self) -> str:
        name = self.kind.name.lower().replace("_", " ")
        return f"{self.at / 1e9:.6f} {name} {self.sequence}: the {self.by} authenticator {self.finding.value}"


class _Option(NamedTuple):
    kind: int
    data: bytes
    end: int  # of its data, in the mobility header


class _Update(NamedTuple):
    """What an acknowledgement has in common with its update."""

    care_of_address: bytes
    kbm: bytes | None


@dataclass(slots=True)
class _Judge:
    """Reads messages in the order of their time."""

    keys: Mapping[int, bytes]
    tokens: dict[tuple[Kind, bytes, bytes, bytes], bytes] = field(default_factory=dict)
    """By the kind of test, the correspondent, the address that was tested, and the nonce index."""

    updates: dict[tuple[bytes, bytes, int], _Update] = field(default_factory=dict)
    """By the home address, the other end, and the sequence number."""

    def judge(self, message: MobilityMessage) -> Iterator[Verdict]:
        """The verdicts on this message's authenticators; remembers what later messages need."""
        if message.esp:
            yield _verdict_on_esp(message, message.esp, self.keys.get(message.esp.spi))
        match message.kind:
            case Kind.HOME_TEST | Kind.CARE_OF_TEST:
                self._remember_token(message)
            case Kind.BINDING_UPDATE:
                update = self._read_update(message)
                self.updates[message.packet.sender, message.packet.receiver, message.sequence] = update
                yield from self._verdicts(message, message.packet.sender, message.packet.receiver, update)
            case Kind.BINDING_ACKNOWLEDGEMENT:
                home, other = message.packet.receiver, message.packet.sender
                unknown = _Update(message.packet.destination, None)
                update = self.updates.get((home, other, message.sequence), unknown)
                yield from self._verdicts(message, home, other, update)

    def _remember_token(self, message: MobilityMessage) -> None:
        index, token = message.data[:2], message.data[10:18]
        self.tokens[Kind(message.kind), message.packet.sender, message.packet.receiver, index] = token

    def _read_update(self, message: MobilityMessage) -> _Update:
        """Its care-of address, which is the home address in a deletion at a correspondent, and its key."""
        home, correspondent = message.packet.sender, message.packet.receiver
        alternate = _find(message, _ALTERNATE_CARE_OF)
        care_of = alternate.data if alternate else message.packet.source
        indices = _find(message, _NONCE_INDICES)
        if indices is None:
            return _Update(care_of, None)
        home_token = self.tokens.get((Kind.HOME_TEST, correspondent, home, indices.data[:2]))
        if message.lifetime == 0 or care_of == home:
            return _Update(home, _hash(home_token))
        care_of_token = self.tokens.get((Kind.CARE_OF_TEST, correspondent, care_of, indices.data[2:]))
        return _Update(care_of, _hash(home_token, care_of_token))

    def _verdicts(self, message: MobilityMessage, home: bytes, other: bytes, update: _Update) -> Iterator[Verdict]:
        for option in _options(_header(message)):
            if option.kind == _AUTHORIZATION:
                covered = update.care_of_address + other + _zeroed(message, option)
                yield _verdict(message, "Kbm", update.kbm, covered, option)
            elif option.kind == _AUTHENTICATION and option.data[:1] == b"\1":
                key = self.keys.get(int.from_bytes(option.data[1:5], "big"))
                covered = update.care_of_address + home + _zeroed(message, option)
                yield _verdict(message, "MN-HA", key, covered, option)


def verdicts(frames: Iterable[Frame], keys: Mapping[int, bytes] | None = None) -> list[Verdict]:
    """On every authenticator in the frames; `keys` are the MN-HA keys by their SPI."""
    judge = _Judge(keys or {})
    in_order = sorted(messages(frames), key=lambda message: message.at)
    return [verdict for message in in_order for verdict in judge.judge(message)]


def problems(frames: Iterable[Frame], keys: Mapping[int, bytes] | None = None) -> list[str]:
    """The verdicts that are not good, in words."""
    return [str(verdict) for verdict in verdicts(frames, keys) if verdict.finding is not Finding.AGREES]


def _verdict(message: MobilityMessage, by: str, key: bytes | None, covered: bytes, option: _Option) -> Verdict:
    finding = Finding.UNKNOWN
    if key is not None:
        expected = hmac.new(key, covered, hashlib.sha1).digest()[:_SIZE]
        is_last = option.end == len(_header(message)) or option.kind == _AUTHENTICATION
        right = is_last and option.data[-_SIZE:] == expected
        finding = Finding.AGREES if right else Finding.DIFFERS
    return Verdict(message.at, Kind(message.kind), message.sequence, by, finding)


def _verdict_on_esp(message: MobilityMessage, esp: Esp, key: bytes | None) -> Verdict:
    finding = Finding.UNKNOWN
    if key is not None:
        right = hmac.new(key[:AUTHENTICATION_KEY], esp.covered, hashlib.sha1).digest()[:_SIZE] == esp.check_value
        finding = Finding.AGREES if right else Finding.DIFFERS
    return Verdict(message.at, Kind(message.kind), message.sequence, "ESP", finding)


def _hash(*tokens: bytes | None) -> bytes | None:
    """SHA-1 over the tokens, if all of them were seen."""
    known = [token for token in tokens if token is not None]
    return hashlib.sha1(b"".join(known)).digest() if len(known) == len(tokens) else None


def _header(message: MobilityMessage) -> bytes:
    body = message.packet.body
    return body[: 8 * (body[1] + 1)]


def _zeroed(message: MobilityMessage, option: _Option) -> bytes:
    """The header up to the authenticator at the option's end, its checksum zero."""
    header = _header(message)
    return header[:4] + bytes(2) + header[6 : option.end - _SIZE]


def _options(header: bytes) -> Iterator[_Option]:
    place = _FIXED
    while place + 1 < len(header):
        if header[place] == 0:
            place += 1
            continue
        end = place + 2 + header[place + 1]
        yield _Option(header[place], header[place + 2 : end], end)
        place = end


def _find(message: MobilityMessage, kind: int) -> _Option | None:
    return next((option for option in _options(_header(message)) if option.kind == kind), None)


def profile_keys(profile: str) -> dict[int, bytes]:
    """The key that a laptop's profile names for its IPv6 home agent, by its SPIs; none if it has none."""
    tables = tomllib.loads(profile)
    method = tables.get("mipv6", {}).get("auth", {})
    spis = [method[name] for name in ("spi", "spi_in", "spi_out") if name in method]
    return dict(_read_key(f"{spi}={tables['secrets'][method['secret']]}") for spi in spis)


def _read_key(text: str) -> tuple[int, bytes]:
    spi, _, key = text.partition("=base64:")
    try:
        return int(spi, 0), base64.b64decode(key, validate=True)
    except ValueError:
        raise click.BadParameter("a key looks like 4096=base64:...") from None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("captures", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, help="SPI=base64:..., what a mobile node and its home agent share.")
@click.option("--profile", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The same, in it.")
def main(captures: tuple[Path, ...], keys: tuple[str, ...], profile: Path | None) -> None:
    """Judge the authenticators in CAPTURES; succeeds if there are some, and all of them agree."""
    decoded = (decode(record) for capture in captures for record in records(capture))
    shared = dict(map(_read_key, keys)) | (profile_keys(profile.read_text(encoding="utf-8")) if profile else {})
    found = verdicts((opened(frame, shared) for frame in decoded if frame), shared)
    for verdict in found:
        click.echo(verdict)
    agree = sum(verdict.finding is Finding.AGREES for verdict in found)
    click.echo(f"{len(found)} authenticators, {agree} agree")
    sys.exit(0 if found and agree == len(found) else 1)


if __name__ == "__main__":
    main()
