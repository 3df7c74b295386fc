"""The tunnels that the BPF programs carry, as entries of their maps.

A switch is one map update: the entrance of a home address is overwritten in place, so that every packet goes
by the old tunnel or by the new one. What a new entrance needs stands before it; what goes is no longer in use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from client.core.errors import KernelError
from client.core.plan import Address, Encapsulation, Tunnel
from client.linux.bpf.layout import MOST_COPIES, exit_value
from client.linux.dataplane.fast_entries import (
    entrance,
    entrance_key,
    exit_key,
    exit_keys,
    fits,
    is_ipv6,
)
from client.linux.dataplane.fast_remotes import Remotes


class Map(Protocol):
    """One map of the programs."""

    def put(self, key: bytes, value: bytes) -> None:
        """Set an entry in one step. Raises KernelError."""

    def delete(self, key: bytes) -> bool:
        """Remove an entry; whether there was one."""


class Maps(Protocol):
    """The maps, as client.linux.bpf.programs.Programs has them."""

    @property
    def entrances4(self) -> Map:
        """By home address, end and copy."""

    @property
    def exits4(self) -> Map:
        """By outer addresses, home address, port, end and encapsulation."""

    @property
    def entrances6(self) -> Map:
        """By home address, correspondent and end."""

    @property
    def exits6(self) -> Map:
        """By outer addresses, home address, end and encapsulation."""


class FastTable:
    """Adding and removing cost the same however many there are."""

    def __init__(
        self,
        maps: Maps,
        mtu: Callable[[Tunnel], int],
        guess: Callable[[Tunnel], int],
        visited: Callable[[int], tuple[bytes, int]],
        counters: Counter[str],
    ) -> None:
        """`mtu` of a tunnel, and a quick `guess`; `visited`: link-layer address and MTU of a link for visitors."""
        self._maps = maps
        self._mtu = mtu
        self._guess = guess
        self._visited = visited
        self._counters = counters
        self._tunnels: dict[bytes, Tunnel] = {}  # by exit key, whether they receive or not
        self._slots: dict[bytes, Tunnel] = {}  # by entrance key: those that send
        self._remotes = Remotes()
        self._early: tuple[bytes, bytes] | None = None  # the entrance that `switch` has just put: key and value
        self.minimal = 0  # how many tunnels use minimal encapsulation

    def switch(self, tunnel: Tunnel) -> None:
        """Have packets go by this tunnel at once, if it takes the slot of one that differs in nothing but addresses.

        All else is for `add`, which has to follow: this is a handover, and every microsecond counts.
        """
        self._early = None
        if not tunnel.sends or tunnel.copy or tunnel.encapsulation is Encapsulation.DIRECT or not fits(tunnel):
            return
        key = entrance_key(tunnel)
        former = self._slots.get(key)
        # Whose packets can be received needs no new socket: nothing can refuse the tunnel any more.
        if former is None or former.encapsulation is not tunnel.encapsulation or not former.receives:
            return
        if not self._behind(tunnel):
            self._early = key, entrance(tunnel, self._guess(tunnel), 0)
            self._put(self._entrances(tunnel), *self._early)

    def add(self, tunnel: Tunnel) -> None:
        """Carry a tunnel's packets, in place of the one with its key; its slot is taken over in one step."""
        if not fits(tunnel):
            return
        key = exit_key(tunnel)
        former = self._tunnels.get(key)
        self._tunnels[key] = tunnel
        self.minimal += former is None and tunnel.encapsulation is Encapsulation.MINIMAL
        mtu = self._mtu(tunnel)
        if tunnel.receives:
            self._open_exits(tunnel, mtu)
        if tunnel.sends:
            self._take_slot(tunnel, mtu)
        if former is not None:
            self._give_up(former, tunnel)
        self._early = None

    def remove(self, tunnel: Tunnel) -> None:
        """Carry them no longer; what took its place stays."""
        if not fits(tunnel) or self._tunnels.pop(exit_key(tunnel), None) is None:
            return
        self.minimal -= tunnel.encapsulation is Encapsulation.MINIMAL
        self._leave_slot(tunnel)
        self._close_exits(tunnel)

    def path_changed(self, remote: Address) -> None:
        """Say anew how long packets to this other end may be."""
        self.renew(self._remotes.keys(remote))

    def entrances(self) -> Iterator[bytes]:
        """The keys of all entrances that there are now."""
        return iter(list(self._slots))

    def renew(self, keys: Iterable[bytes]) -> None:
        """Say it anew for these, as far as they are still there."""
        for key in keys:
            if key in self._slots:
                self._put_entrance(self._slots[key], key)
                self._recount(self._slots[key])

    def visitors_moved(self, interface: int) -> None:
        """Say anew by which link-layer address this link's visitors are served, and how long packets may be there."""
        for tunnel in list(self._tunnels.values()):
            if tunnel.receives and tunnel.delivery is not None and tunnel.delivery.interface == interface:
                self._open_exits(tunnel)

    def _give_up(self, former: Tunnel, tunnel: Tunnel) -> None:
        """Take away what the tunnel had and has no longer."""
        if former.receives and not tunnel.receives:
            self._close_exits(former)
        if former.sends and (not tunnel.sends or former.copy != tunnel.copy):
            self._leave_slot(former)

    def _take_slot(self, tunnel: Tunnel, mtu: int) -> None:
        key = entrance_key(tunnel)
        former = self._slots.get(key)
        self._slots[key] = tunnel
        self._put_entrance(tunnel, key, mtu)
        if former is not None and former.remote != tunnel.remote:
            self._remotes.remove(former.remote, key)
        self._remotes.add(tunnel.remote, key)
        if tunnel.copy:
            self._recount(tunnel)

    def _leave_slot(self, tunnel: Tunnel) -> None:
        key = entrance_key(tunnel)
        held = self._slots.get(key)
        if held is None or exit_key(held) != exit_key(tunnel):
            return
        del self._slots[key]
        self._remotes.remove(tunnel.remote, key)
        if tunnel.copy:
            self._recount(tunnel)
        self._entrances(tunnel).delete(key)

    def _recount(self, tunnel: Tunnel) -> None:
        """Tell the entrances before this one how many stand behind them, the nearest first."""
        for copy in reversed(range(tunnel.copy)):
            key = entrance_key(tunnel, copy)
            if key in self._slots:
                self._put_entrance(self._slots[key], key)

    def _put_entrance(self, tunnel: Tunnel, key: bytes, mtu: int | None = None) -> None:
        entrances, behind = self._entrances(tunnel), self._behind(tunnel)
        if tunnel.copy + behind >= MOST_COPIES:
            entrances.delete(key)  # more copies than the programs make: all of them are the other plane's
            return
        # What one of the copies cannot take is the other plane's with all of them: the programs would drop that copy.
        others = [self._slots[entrance_key(tunnel, tunnel.copy + number)] for number in range(1, behind + 1)]
        value = entrance(tunnel, min([mtu or self._mtu(tunnel), *map(self._mtu, others)]), behind)
        if (key, value) != self._early:
            self._put(entrances, key, value)

    def _behind(self, tunnel: Tunnel) -> int:
        """How many entrances of its home address follow on this one's without a gap."""
        if is_ipv6(tunnel):
            return 0
        copies = 0
        while entrance_key(tunnel, tunnel.copy + copies + 1) in self._slots:
            copies += 1
        return copies

    def _open_exits(self, tunnel: Tunnel, mtu: int | None = None) -> None:
        value = self._exit(tunnel, mtu or self._mtu(tunnel))
        for key in exit_keys(tunnel):
            self._put(self._exits(tunnel), key, value)

    def _close_exits(self, tunnel: Tunnel) -> None:
        """Take none of its packets any more, but for those that another tunnel with its addresses takes, too."""
        exits = self._exits(tunnel)
        for key in exit_keys(tunnel):
            exits.delete(key)
        for encapsulation in (Encapsulation.IPIP, Encapsulation.MINIMAL):
            sibling = self._tunnels.get(exit_key(tunnel, encapsulation))
            if sibling is not None and sibling.receives and sibling.encapsulation is not tunnel.encapsulation:
                self._open_exits(sibling)

    def _exit(self, tunnel: Tunnel, mtu: int) -> bytes:
        delivery = tunnel.delivery
        if delivery is None:
            return exit_value(mtu)
        source, link_mtu = self._visited(delivery.interface)
        return exit_value(min(mtu, link_mtu), delivery.interface, delivery.link_layer_address, source)

    def _entrances(self, tunnel: Tunnel) -> Map:
        return self._maps.entrances6 if is_ipv6(tunnel) else self._maps.entrances4

    def _exits(self, tunnel: Tunnel) -> Map:
        return self._maps.exits6 if is_ipv6(tunnel) else self._maps.exits4

    def _put(self, map_: Map, key: bytes, value: bytes) -> None:
        """A full map: what is not in it goes by the other plane, and nothing older may stand in its place."""
        try:
            map_.put(key, value)
        except KernelError:
            map_.delete(key)
            self._counters["ebpf_map_full"] += 1
