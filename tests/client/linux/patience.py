"""How much longer than usual to wait for things: TEST_PATIENCE=10 in an emulated machine."""

from __future__ import annotations

import os

PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))
