from __future__ import annotations

import os
import subprocess

from lab.identity import ProcessIdentity, identify, stop


def test_a_pid_that_belongs_to_another_process_by_now_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        real = identify(process.pid)
        assert real is not None
        impostor = ProcessIdentity(pid=process.pid, started=real.started - 1)
        assert not impostor.alive
        stop([impostor])
        assert process.poll() is None
        stop([real])
        assert process.wait() != 0


def test_who_does_not_listen_to_requests_is_forced() -> None:
    command = ["sh", "-c", 'trap "" TERM; echo ready; while :; do sleep 0.05; done']
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        identity = identify(process.pid)
        assert identity is not None
        stop([identity], patience=0.2)
        assert process.wait() == -9


def test_a_zombie_is_not_alive() -> None:
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    identity = identify(process.pid)
    assert identity is not None
    assert not identity.alive
    process.wait()
