"""The programs that take packets out of tunnels, on every interface by which any may arrive."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Mapping

from client.linux.bpf.hook import Attacher, Direction, Hook
from client.linux.carriers import Carrier
from client.linux.mtu import link_mtu

_NOWHERE = bytes(6)


class LinkHooks:
    """One hook for each interface that is there, up or down: a handover needs not wait for it."""

    def __init__(self, attacher: Attacher, descriptors: Mapping[str, int], counters: Counter[str]) -> None:
        self._attacher = attacher
        self._descriptors = descriptors
        self._counters = counters
        self._hooks: dict[int, Hook] = {}
        self._carriers: dict[int, Carrier] = {}

    def follow(self, carriers: frozenset[Carrier]) -> list[Carrier]:
        """Attach to those that are new, leave those that are gone; returns those that are not as they were."""
        former, self._carriers = self._carriers, {carrier.index: carrier for carrier in carriers}
        for index in [index for index in self._hooks if index not in self._carriers]:
            self._detach(index)
        for carrier in carriers:
            if carrier.index not in self._hooks:
                self._attach(carrier)
        return [carrier for carrier in carriers if former.get(carrier.index, carrier) != carrier]

    def visited(self, interface: int) -> tuple[bytes, int]:
        """Link-layer address and MTU of a link for visitors."""
        carrier = self._carriers.get(interface)
        return (_NOWHERE, link_mtu(interface)) if carrier is None else (carrier.link_layer_address, carrier.mtu)

    def close(self) -> None:
        """Detach all."""
        for index in list(self._hooks):
            self._detach(index)

    def _attach(self, carrier: Carrier) -> None:
        """What cannot be done now is tried when the links change again; meanwhile the other plane carries."""
        program = "ether" if carrier.ethernet else "raw"
        try:
            hook = self._attacher.attach(program, self._descriptors[program], carrier.index, Direction.INGRESS)
        except OSError:
            self._counters["ebpf_attach_failed"] += _exists(carrier.index)
        else:
            self._hooks[carrier.index] = hook

    def _detach(self, index: int) -> None:
        try:
            self._hooks.pop(index).close()
        except OSError:
            self._counters["ebpf_detach_failed"] += 1


def _exists(interface: int) -> bool:
    try:
        return bool(socket.if_indextoname(interface))
    except OSError:
        return False
