"""What the lab needs of the machine, and a clear sentence when it is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.nodes import environment

PROGRAMS = {
    "ip": "iproute2",
    "dnsmasq": "dnsmasq-base",
    "dhclient": "isc-dhcp-client",
    "curl": "curl",
    "mount": "mount",
    "unshare": "util-linux",
    "nft": "nftables",
}
"""Programs, and the Debian packages that bring them."""

TUN = Path("/dev/net/tun")


def check() -> None:
    """Raise LabError with one sentence if the lab cannot run here."""
    os.environ["PATH"] = environment({})["PATH"]
    if missing := sorted(package for program, package in PROGRAMS.items() if not shutil.which(program)):
        raise LabError(f"programs are missing: apt install {' '.join(missing)}")
    if not TUN.exists():
        raise LabError(f"there is no {TUN}: the tunnels need it (as root: modprobe tun)")
    if not os.access(TUN, os.R_OK | os.W_OK):
        raise LabError(f"{TUN} may not be opened by this user: the tunnels need it (as root: chmod 666 {TUN})")


def check_root() -> None:
    """Raise LabError if we may not make network namespaces."""
    if os.geteuid() != 0:
        raise LabError("this needs root: namespaces that outlive the command belong to it (`run` does without)")
    if not _works(["unshare", "--net", "--mount", "true"]):
        raise LabError("the kernel does not let us make network namespaces here (in a container: allow CAP_SYS_ADMIN)")


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


USER_NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--mount-proc"]
USER_NAMESPACE += ["--pid", "--fork", "--kill-child"]  # whoever kills the first process kills all


def check_user_namespaces() -> None:
    """Raise LabError if an ordinary user may not make namespaces."""
    if not _works([*USER_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/run"]):
        raise LabError("this needs root, or a kernel that lets users make namespaces")
