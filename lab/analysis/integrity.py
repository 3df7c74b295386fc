"""Are the packets themselves sound? Asked of those who did not make them: tshark and scapy.

    python -m lab.analysis.integrity DIRECTORY

Reads the whole packets that were captured at the router's ports (router-*.pcap). Neither knows minimal
encapsulation (RFC 2004): they are shown the packet that was in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scapy.all import Ether, Padding, Raw  # the independent eye
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import HAO, IPv6ExtHdrDestOpt, Pad1, PadN
from scapy.layers.mobileip import MobileIP

from lab.analysis import minimal, pcap
from lab.analysis.pcap import Record, records
from lab.errors import LabError

_PROTOCOLS = ("ip", "udp", "tcp", "icmp", "icmpv6")
_ICMP_ERRORS = frozenset({"3", "4", "5", "11", "12"})
_ICMP6_ERRORS = frozenset({"1", "2", "3", "4"})
_OPTIONS = [f"{protocol}.check_checksum:TRUE" for protocol in ("ip", "udp", "tcp")]  # ICMP's are always checked
# A packet is captured twice where it comes in and goes out again in a tunnel: streams must not be put together.
_OPTIONS += ["tcp.desegment_tcp_streams:FALSE", "tcp.analyze_sequence_numbers:FALSE"]
_NOT_ASKED = ["http", "rx"]
"""What tshark sees in our numbered packets' port, and in pieces of a download whose beginning is elsewhere."""

_BAD, _GOOD = "0", "1"
_ZEROES = ("0xffff", "0x0000")
"""The two zeroes of a one's complement sum (RFC 1071): Linux writes the first, also where TCP might have the other."""

_TUNNEL_DATA = 4
DEEPEST = 3
"""A broadcast to a foreign agent's visitor is in two tunnels (RFC 5944 §4.3)."""

EVERY = 50
"""scapy is slow: it sees all signalling, and one in so many of the other packets."""


@dataclass(slots=True)
class Integrity:
    """What was found in the captures."""

    packets: int = 0
    good_checksums: dict[str, int] = field(default_factory=dict)  # tshark's count of packets, by protocol
    bad: int = 0  # packets with a wrong checksum or a malformed part
    scapy_read: int = 0
    registrations: int = 0
    minimal: int = 0  # packets that were in minimal encapsulation
    problems: list[str] = field(default_factory=list)


def examine(directory: Path) -> Integrity:
    """Examine all captures of whole packets in a directory."""
    found = Integrity()
    files = sorted(directory.glob("router-*.pcap"))
    if not files:
        raise LabError(f"there is no capture of the router in {directory}")
    for file in files:
        shown = _restored(file, found)
        with tempfile.NamedTemporaryFile(suffix=".pcap") as copy:
            copy.write(pcap.written(shown))
            copy.flush()
            _ask_tshark(file.name, Path(copy.name), found)
        _ask_scapy(file.name, shown, found)
    for family in (("ip", "icmpv6"), ("udp",), ("tcp",)):
        if not any(found.good_checksums.get(protocol) for protocol in family):
            found.problems.append(f"tshark verified no {' or '.join(family)} checksum at all")
    return found


def _restored(file: Path, found: Integrity) -> list[Record]:
    """The frames, with what was in minimal encapsulation taken out."""
    shown = []
    for number, record in enumerate(records(file)):
        if not minimal.is_minimal(record.frame):
            shown.append(record)
            continue
        found.minimal += 1
        frame = minimal.restored(record.frame)
        if frame is None:
            found.bad += 1
            found.problems.append(f"{file.name}, frame {number + 1}: a wrong minimal forwarding header")
        shown.append(Record(record.at, frame or record.frame))
    return shown


def _ask_tshark(name: str, file: Path, found: Integrity) -> None:
    for number, icmp_types, icmp6_types, malformed, written, computed, *states in _tshark(file):
        # An ICMP error quotes the beginning of a packet, whose transport checksum covers more than is quoted.
        quotes = not _ICMP_ERRORS.isdisjoint(icmp_types.split(","))
        quotes = quotes or not _ICMP6_ERRORS.isdisjoint(icmp6_types.split(","))
        judged = {
            protocol: set(state.split(","))
            for protocol, state in zip(_PROTOCOLS, states, strict=True)
            if not (quotes and protocol in ("tcp", "udp"))
        }
        for protocol, state in judged.items():
            found.good_checksums[protocol] = found.good_checksums.get(protocol, 0) + (_GOOD in state)
        wrong = [protocol for protocol, state in judged.items() if _BAD in state]
        if (written, computed) == _ZEROES and "tcp" in wrong:
            wrong.remove("tcp")
        if wrong or malformed:
            found.bad += 1
            found.problems.append(f"{name}, frame {number}: wrong checksum {wrong}, malformed '{malformed}'")


def _tshark(file: Path) -> list[list[str]]:
    """A row for each packet: number, ICMP types, malformed mark, TCP's checksum and tshark's, states by protocol."""
    columns = ["frame.number", "icmp.type", "icmpv6.type", "_ws.malformed", "tcp.checksum", "tcp.checksum_calculated"]
    columns += [f"{protocol}.checksum.status" for protocol in _PROTOCOLS]
    words = ["-T", "fields", *(word for column in columns for word in ("-e", column))]
    words += [word for option in _OPTIONS for word in ("-o", option)]
    words += [word for protocol in _NOT_ASKED for word in ("--disable-protocol", protocol)]
    done = subprocess.run(["tshark", "-n", "-r", str(file), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"tshark cannot read {file}: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def _ask_scapy(name: str, shown: list[Record], found: Integrity) -> None:
    for number, record in enumerate(shown):
        found.packets += 1
        packet = Ether(record.frame)
        signalling = _signalling(packet)
        if signalling or number % EVERY == 0:
            found.scapy_read += 1
            found.registrations += bool(signalling)
            found.problems += [f"{name}, frame {number + 1}: {fault}" for fault in _faults(record, packet)]


def _signalling(packet: Ether) -> MobileIP | None:
    """The Mobile IP message in a packet, if it is not itself a tunnel's packet (RFC 3519 §3.3)."""
    layers = (packet.getlayer(MobileIP, count) for count in range(1, DEEPEST + 1))
    return next((layer for layer in layers if layer and layer.type != _TUNNEL_DATA), None)


def _faults(record: Record, packet: Ether) -> list[str]:
    """Does scapy compute the same checksums, and the same bytes?"""
    again = Ether(record.frame)
    _leave_padding_to_scapy(again)
    for layer in (IP, TCP, UDP, ICMP):
        for count in range(1, DEEPEST + 1):
            part = again.getlayer(layer, count)
            # A UDP checksum of 0 says that there is none; 0xffff is a zero that scapy writes otherwise.
            if part is not None and part.chksum not in (0, 0xFFFF) and not _is_quoted(again, part):
                del part.chksum
    same = _rewrites_its_carrier(again) or bytes(again) == record.frame
    faults = [] if same else ["scapy builds other bytes from it"]
    message = _signalling(packet)
    if message and message.payload.__class__ in (Raw, Padding):
        faults.append("scapy does not know this registration message")
    return faults


def _leave_padding_to_scapy(packet: Ether) -> None:
    """It knows whose packet it is by a home address option only where that stands alone; it pads as it should be."""
    header = packet.getlayer(IPv6ExtHdrDestOpt)
    if header is not None and any(isinstance(option, HAO) for option in header.options):
        header.options = [option for option in header.options if not isinstance(option, Pad1 | PadN)]


def _rewrites_its_carrier(packet: Ether) -> bool:
    """When scapy builds an IGMP message it also changes the IP header around it: the bytes say nothing then."""
    return any(layer.__name__.startswith("IGMP") for layer in packet.layers())


def _is_quoted(packet: Ether, part: object) -> bool:
    """ICMP errors quote the beginning of another packet, whose checksum covers more than is there."""
    return packet.haslayer("IPerror") and part.__class__.__name__.endswith("error")


def main() -> None:
    """Print what was found as JSON; exit code 1 if anything is wrong."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m lab.analysis.integrity DIRECTORY")
    try:
        found = examine(Path(sys.argv[1]))
    except (LabError, OSError) as error:
        raise SystemExit(f"integrity: {error}") from error
    print(json.dumps(asdict(found)))
    raise SystemExit(1 if found.problems else 0)


if __name__ == "__main__":
    main()
