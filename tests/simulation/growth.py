"""How much a machine holds."""

from __future__ import annotations

import gc
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

NOT_ITS_OWN = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


def count_objects(root: object) -> int:
    """The objects that can be reached from this one, code left out."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not isinstance(one, NOT_ITS_OWN):
            seen.add(id(one))
            waiting.extend(gc.get_referents(one))
    return len(seen)
