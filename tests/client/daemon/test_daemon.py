"""The real mobilenoded in a namespace without any network: profiles, pauses and restarts over its socket."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from client.control.client import Client
from client.control.errors import Exit, NotRunningError, RpcError
from tests.client.daemon.test_translation import PROFILE

pytestmark = pytest.mark.lab


@pytest.fixture
def namespace() -> Iterator[str]:
    """A network namespace with nothing in it."""
    name = f"daemon{os.getpid()}"
    subprocess.run(("ip", "netns", "add", name), check=True)
    yield name
    subprocess.run(("ip", "netns", "delete", name), check=True)


@contextmanager
def daemon(namespace: str, directory: Path) -> Iterator[Client]:
    """The daemon while it runs, and a connection to it."""
    options = [f"--{name}={directory / name}" for name in ("profiles", "state", "runtime")]
    command = ("ip", "netns", "exec", namespace, sys.executable, "-m", "client.daemon", *options)
    with subprocess.Popen(command) as process:
        try:
            with _connect(directory / "runtime" / "control.sock") as client:
                yield client
        finally:
            process.terminate()
            assert process.wait(10) == 0


def _connect(path: Path) -> Client:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            return Client(path)
        except NotRunningError:
            time.sleep(0.05)
    raise TimeoutError("mobilenoded does not start")


def state(client: Client) -> Any:
    return client.call("status")["state"]


def ready(client: Client) -> Any:
    """The status, once the daemon has taken up the profile that was in use."""
    end = time.monotonic() + 10
    while (status := client.call("status"))["state"] == "connecting" and time.monotonic() < end:
        assert (status["profile"], status["reason"]) == ("alice@example.net", "starting")
        time.sleep(0.02)
    return status


def wanted(client: Client) -> dict[str, str]:
    return {name: setting["wanted"] for name, setting in client.call("status")["settings"].items()}


def rules(namespace: str) -> str:
    return subprocess.run(("ip", "-n", namespace, "rule"), check=True, capture_output=True, text=True).stdout


def test_profile_pause_and_switches_outlive_a_restart_and_nothing_stays_in_the_kernel(
    namespace: str, tmp_path: Path
) -> None:
    with daemon(namespace, tmp_path) as client:
        assert state(client) == "no-profile"
        assert client.call("import", text=PROFILE, up=True)["id"] == "alice@example.net"
        assert state(client) == "no-network"
        client.call("reverse_tunnel", value="on")
        client.call("broadcasts", value="off")
        client.call("prefixes", prefixes=["172.16.0.0/12"])
        client.call("pause", seconds=None)
    with daemon(namespace, tmp_path) as client:
        status = ready(client)
        assert (status["profile"], status["state"]) == ("alice@example.net", "paused")
        client.call("resume")
        assert state(client) == "no-network"
        assert wanted(client) == {"reverse_tunnel": "on", "broadcasts": "off", "prefixes": "172.16.0.0/12"}
        assert "172.16.0.0/12" in rules(namespace)
        client.call("prefixes", prefixes=None)
        assert wanted(client)["prefixes"] == "all"
        assert "172.16.0.0/12" not in rules(namespace)
    with daemon(namespace, tmp_path) as client:
        assert (ready(client)["state"], wanted(client)["prefixes"]) == ("no-network", "all")
    assert "434" not in rules(namespace)
    assert (
        "mip0" not in subprocess.run(("ip", "-n", namespace, "link"), check=True, capture_output=True, text=True).stdout
    )


def test_pause_that_ended_while_the_daemon_was_away_is_over(namespace: str, tmp_path: Path) -> None:
    with daemon(namespace, tmp_path) as client:
        client.call("import", text=PROFILE, up=True)
        client.call("pause", seconds=1)
        assert state(client) == "paused"
    time.sleep(1)
    with daemon(namespace, tmp_path) as client:
        ready(client)
        end = time.monotonic() + 2
        while state(client) == "paused" and time.monotonic() < end:
            time.sleep(0.02)
        assert state(client) == "no-network"


def test_port_that_another_program_has_is_said_in_one_sentence(namespace: str, tmp_path: Path) -> None:
    with daemon(namespace, tmp_path) as client:
        client.call("import", text=PROFILE, up=True)
    occupier = "import socket; s = socket.socket(2, 2); s.bind(('', 434)); print('bound', flush=True); input()"
    command = ("ip", "netns", "exec", namespace, sys.executable)
    with subprocess.Popen(
        (*command, "-c", occupier), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "bound\n"
        options = [f"--{name}={tmp_path / name}" for name in ("profiles", "state", "runtime")]
        done = subprocess.run(
            (*command, "-m", "client.daemon", *options), check=False, capture_output=True, text=True, timeout=20
        )
        other.communicate("done\n", timeout=10)
    assert done.returncode == 1
    assert done.stderr.startswith("mobilenoded: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("method", "parameters", "exit_code"),
    [
        ("resume", {}, Exit.BAD_PROFILE),
        ("profile.use", {"id": "../../etc/passwd"}, Exit.BAD_PROFILE),
        ("import", {"text": "format = 2"}, Exit.BAD_PROFILE),
        ("import", {}, Exit.USAGE),
        ("reverse_tunnel", {"value": "perhaps"}, Exit.USAGE),
        ("broadcasts", {"value": "auto"}, Exit.USAGE),
        ("broadcasts", {"value": "on"}, Exit.BAD_PROFILE),
        ("prefixes", {}, Exit.USAGE),
        ("prefixes", {"prefixes": ["10.0.0.1/8"]}, Exit.USAGE),
        ("prefixes", {"prefixes": ["10.0.0.0/8"] * 300}, Exit.USAGE),
        ("prefixes", {"prefixes": None}, Exit.BAD_PROFILE),
        ("no.such.method", {}, Exit.USAGE),
    ],
)
def test_call_that_cannot_be_obeyed_says_why(
    namespace: str, tmp_path: Path, method: str, parameters: dict[str, Any], exit_code: Exit
) -> None:
    with daemon(namespace, tmp_path) as client:
        with pytest.raises(RpcError) as refused:
            client.call(method, **parameters)
        assert refused.value.exit_code is exit_code
        assert state(client) == "no-profile"


def test_profile_is_shown_checked_changed_and_removed_without_its_key(namespace: str, tmp_path: Path) -> None:
    keys = re.findall(r"base64:([A-Za-z0-9+/=]+)", PROFILE)
    assert keys
    with daemon(namespace, tmp_path) as client:
        assert client.call("profile.validate", text=PROFILE)["summary"]["id"] == "alice@example.net"
        assert client.call("profile.list") == []
        client.call("import", text=PROFILE, up=True)
        shown = client.call("profile.show", id="alice@example.net")
        assert not [key for key in keys if key in str(shown)]
        with pytest.raises(RpcError) as refused:
            client.call("profile.edit", id="alice@example.net", text=shown["text"].replace("format = 1", "format = 2"))
        assert refused.value.exit_code is Exit.BAD_PROFILE
        client.call("profile.edit", id="alice@example.net", text=shown["text"].replace('"Home"', '"My home"'))
        assert client.call("profile.list")[0]["name"] == "My home"
        assert ready(client)["state"] == "no-network"
        checks = {check["id"]: check["result"] for check in client.call("diagnose")["checks"]}
        assert (checks["link"], checks["tunnel"]) == ("failed", "skipped")
        client.call("profile.remove", id="alice@example.net")
        assert (state(client), client.call("profile.list")) == ("no-profile", [])
    files = [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
    assert not [key for key in keys for text in files if key in text]
