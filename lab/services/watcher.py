"""Writes down when the kernel says that a link came or went, or an address: the lab's own clock for handovers.

    python -m lab.services.watcher INTERFACE

One JSON object a line: {"at": nanoseconds since 1970, "event", "address"}. The events: up, down, address,
no-address; and for IPv6 addresses that are not link-local: tentative6, address6 (it may be used), no-address6.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from ipaddress import IPv6Interface

from lab.services.netlink import Kind, Listener, News


def main() -> None:
    """Watch until killed."""
    # Before all others: a time stamp taken late would make the programs under test look quicker than they are.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    index = socket.if_nametoindex(sys.argv[1])
    listener = Listener()
    listener.dump_links()
    up = False
    while True:
        for news in listener.read():
            if news.index != index:
                continue
            if _counts(news) and (news.kind is not Kind.NEW_LINK or news.up != up):
                print(json.dumps(_entry(news)), flush=True)
            if news.kind is Kind.NEW_LINK:
                up = news.up


def _entry(news: News) -> dict[str, object]:
    if news.kind in (Kind.NEW_LINK, Kind.DEL_LINK):
        return {"at": news.at, "event": "up" if news.up else "down"}
    event = "address" if news.kind is Kind.NEW_ADDRESS else "no-address"
    if isinstance(news.address, IPv6Interface):
        event = f"{event}6" if news.usable or news.kind is Kind.DEL_ADDRESS else "tentative6"
    return {"at": news.at, "event": event, "address": str(news.address)}


def _counts(news: News) -> bool:
    return not (isinstance(news.address, IPv6Interface) and news.address.is_link_local)


if __name__ == "__main__":
    main()
