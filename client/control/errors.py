"""What can go wrong between a program and the service, with the exit code that a command line gives it."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from client.core.errors import MobileIPError


class Exit(IntEnum):
    """The exit codes of our command lines; part of their interface."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    NOT_PERMITTED = 4
    REFUSED = 5
    TIMED_OUT = 6
    NO_NETWORK = 7
    BAD_PROFILE = 8
    INTERRUPTED = 130


class RpcCode(IntEnum):
    """Error codes of JSON-RPC 2.0 (its section 5.1), and ours from -32000 on."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    FAILED = -32000
    NOT_PERMITTED = -32001
    BUSY = -32002


class RpcError(MobileIPError):
    """A call that failed: raised by a method in the daemon, and again by the client that called it."""

    def __init__(self, message: str, *, reason: str, exit_code: Exit = Exit.FAILED, code: int = RpcCode.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.exit_code = exit_code
        self.code = code

    def as_json(self) -> dict[str, Any]:
        """The error object of a response."""
        return {
            "code": int(self.code),
            "message": self.message,
            "data": {"exit": int(self.exit_code), "id": self.reason},
        }


class NotPermittedError(RpcError):
    """The service does not let this user do that."""

    def __init__(self, message: str = "only root and the service's group may do this") -> None:
        super().__init__(message, reason="not-permitted", exit_code=Exit.NOT_PERMITTED, code=RpcCode.NOT_PERMITTED)


class NotRunningError(MobileIPError):
    """Nobody listens at the control socket, or the service went away in the middle of a call."""


class TimedOutError(MobileIPError):
    """The service did not answer in time."""


class AlreadyRunningError(MobileIPError):
    """A living daemon serves this control socket already."""
