"""What a service can be asked, and who may ask it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeAlias

import msgspec

from client.control.errors import Exit, NotPermittedError, RpcCode, RpcError
from client.control.protocol import Request
from client.core.errors import MobileIPError, ProfileError

Method: TypeAlias = Callable[[dict[str, Any]], Any | Awaitable[Any]]
Methods: TypeAlias = Mapping[str, Method]

BUILT_IN_PUBLIC = frozenset({"status", "subscribe"})


class Service:
    """The methods of a daemon behind the check of who calls."""

    def __init__(
        self, methods: Methods, snapshot: Callable[[], Any], public: Collection[str], redact: Callable[[Any], Any]
    ) -> None:
        self._methods = methods
        self._snapshot = snapshot
        self._public = BUILT_IN_PUBLIC.union(public)
        self._redact = redact

    def snapshot(self, *, privileged: bool) -> Any:
        """The status now, as this caller may see it."""
        status = self._snapshot()
        return status if privileged else self._redact(status)

    async def call(self, request: Request, *, privileged: bool) -> Any:
        """The result of a call, or RpcError."""
        if not privileged and request.method not in self._public:
            raise NotPermittedError
        if request.method in BUILT_IN_PUBLIC:
            return self.snapshot(privileged=privileged)
        method = self._methods.get("events" if request.method == "events.follow" else request.method)
        if method is None:
            raise RpcError(
                f"no such method: {request.method}",
                reason="no-such-method",
                exit_code=Exit.USAGE,
                code=RpcCode.METHOD_NOT_FOUND,
            )
        return await _run(method, request.params)


async def _run(method: Method, params: dict[str, Any]) -> Any:
    try:
        result = method(params)
        return await result if inspect.isawaitable(result) else result
    except RpcError:
        raise
    except ProfileError as error:
        raise RpcError(str(error), reason="bad-profile", exit_code=Exit.BAD_PROFILE) from error
    except msgspec.ValidationError as error:
        raise RpcError(
            str(error), reason="invalid-params", exit_code=Exit.USAGE, code=RpcCode.INVALID_PARAMS
        ) from error
    except MobileIPError as error:
        raise RpcError(str(error), reason="failed") from error
