"""The lab of an ordinary user: the same command once more, as root of a user namespace of its own."""

from __future__ import annotations

import os
import sys

from lab.nodes import environment
from lab.requirements import USER_NAMESPACE, check, check_user_namespaces

# `ip netns` and the lab keep their files in /run; nobody outside sees these, and they go with the namespace.
_ENTER = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec "$@"'


def enter_if_needed() -> None:
    """Without root: become the same command inside, or LabError. All that runs there dies with this process."""
    if os.geteuid() == 0:
        return
    check()
    check_user_namespaces()
    print("not root: the lab runs in a user namespace, on TUN", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "lab.cli", *sys.argv[1:]]
    words = [*USER_NAMESPACE, "sh", "-c", _ENTER, "sh", *command]
    os.execvpe(words[0], words, environment({}))
