"""In which order an agent's policy rules come: lower first."""

SIGNALLING = 10
"""Our own packets go by the main table, whatever else is said."""

REVERSE_TUNNEL = 20
"""What a visitor sends goes into its tunnel, wherever it is bound for."""

HOME_ADDRESSES = 30
"""What is bound for a home address goes to where the mobile node is."""
