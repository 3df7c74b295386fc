"""What every test shares: the property tests take the time that they need, and say how to repeat a failure."""

from __future__ import annotations

from hypothesis import settings

# The machine may be slow or busy: a slow example is no failure, and what fails prints how to run it again.
settings.register_profile("mobilenode", deadline=None, print_blob=True)
settings.load_profile("mobilenode")
