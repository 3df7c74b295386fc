"""What the BPF programs counted, for the status and for those who watch whether programs communicate."""

from __future__ import annotations

from collections.abc import Mapping

from client.core.machine import Traffic

_SENT, _RECEIVED = "sent_", "received_"


def traffic(counts: Mapping[str, tuple[int, int]]) -> Traffic:
    """The packets that they carried."""
    sent, received = _sum(counts, _SENT), _sum(counts, _RECEIVED)
    return Traffic(sent=sent[0], received=received[0], sent_bytes=sent[1], received_bytes=received[1])


def named(counts: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """All that happened at all, as packets and as bytes of what was inside the tunnels; "ebpf_packets" both ways."""
    told: dict[str, int] = {}
    for name, (packets, size) in counts.items():
        if packets:
            told[f"ebpf_{name}"] = packets
            told[f"ebpf_{name}_bytes"] = size
    sent, received = _sum(counts, _SENT), _sum(counts, _RECEIVED)
    return told | {"ebpf_packets": sent[0] + received[0], "ebpf_bytes": sent[1] + received[1]}


def _sum(counts: Mapping[str, tuple[int, int]], prefix: str) -> tuple[int, int]:
    chosen = [count for name, count in counts.items() if name.startswith(prefix)]
    return sum(packets for packets, _ in chosen), sum(size for _, size in chosen)
