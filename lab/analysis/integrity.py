"""Are the packets themselves sound? Asked of those who did not make them: tshark and scapy.

    python -m lab.analysis.integrity DIRECTORY

Reads the whole packets that were captured at the router's ports (router-*.pcap).
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scapy.all import Ether, Padding, Raw  # the independent eye
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.mobileip import MobileIP

from lab.analysis.pcap import Record, records
from lab.errors import LabError

_PROTOCOLS = ("ip", "udp", "tcp", "icmp")
_ICMP_ERRORS = frozenset({"3", "4", "5", "11", "12"})
_OPTIONS = [f"{protocol}.check_checksum:TRUE" for protocol in ("ip", "udp", "tcp")]  # ICMP's is always checked
# A packet is captured twice where it comes in and goes out again in a tunnel: streams must not be put together.
_OPTIONS += ["tcp.desegment_tcp_streams:FALSE", "tcp.analyze_sequence_numbers:FALSE"]
_NOT_ASKED = ["http", "rx"]
"""What tshark sees in our numbered packets' port, and in pieces of a download whose beginning is elsewhere."""

_BAD, _GOOD = "0", "1"
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
    problems: list[str] = field(default_factory=list)


def examine(directory: Path) -> Integrity:
    """Examine all captures of whole packets in a directory."""
    found = Integrity()
    files = sorted(directory.glob("router-*.pcap"))
    if not files:
        raise LabError(f"there is no capture of the router in {directory}")
    for file in files:
        _ask_tshark(file, found)
        _ask_scapy(file, found)
    for protocol in _PROTOCOLS[:3]:
        if not found.good_checksums.get(protocol):
            found.problems.append(f"tshark verified no {protocol} checksum at all")
    return found


def _ask_tshark(file: Path, found: Integrity) -> None:
    for number, icmp_types, malformed, *states in _tshark(file):
        # An ICMP error quotes the beginning of a packet, whose transport checksum covers more than is quoted.
        quotes = not _ICMP_ERRORS.isdisjoint(icmp_types.split(","))
        judged = {
            protocol: set(state.split(","))
            for protocol, state in zip(_PROTOCOLS, states, strict=True)
            if not (quotes and protocol in ("tcp", "udp"))
        }
        for protocol, state in judged.items():
            found.good_checksums[protocol] = found.good_checksums.get(protocol, 0) + (_GOOD in state)
        wrong = [protocol for protocol, state in judged.items() if _BAD in state]
        if wrong or malformed:
            found.bad += 1
            found.problems.append(f"{file.name}, frame {number}: wrong checksum {wrong}, malformed '{malformed}'")


def _tshark(file: Path) -> list[list[str]]:
    """A row for each packet: number, ICMP types, malformed mark, checksum states by protocol."""
    columns = ["frame.number", "icmp.type", "_ws.malformed"]
    columns += [f"{protocol}.checksum.status" for protocol in _PROTOCOLS]
    words = ["-T", "fields", *(word for column in columns for word in ("-e", column))]
    words += [word for option in _OPTIONS for word in ("-o", option)]
    words += [word for protocol in _NOT_ASKED for word in ("--disable-protocol", protocol)]
    done = subprocess.run(["tshark", "-n", "-r", str(file), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"tshark cannot read {file}: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def _ask_scapy(file: Path, found: Integrity) -> None:
    for number, record in enumerate(records(file)):
        found.packets += 1
        packet = Ether(record.frame)
        signalling = packet.haslayer(MobileIP)
        if signalling or number % EVERY == 0:
            found.scapy_read += 1
            found.registrations += bool(signalling)
            found.problems += [f"{file.name}, frame {number + 1}: {fault}" for fault in _faults(record, packet)]


def _faults(record: Record, packet: Ether) -> list[str]:
    """Does scapy compute the same checksums, and the same bytes?"""
    again = Ether(record.frame)
    for layer in (IP, TCP, UDP, ICMP):
        for count in range(1, 3):  # of the outer and of the inner packet
            part = again.getlayer(layer, count)
            if part is not None and not _is_quoted(again, part):
                del part.chksum
    faults = [] if bytes(again) == record.frame else ["scapy builds other bytes from it"]
    if packet.haslayer(MobileIP) and packet[MobileIP].payload.__class__ in (Raw, Padding):
        faults.append("scapy does not know this registration message")
    return faults


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
