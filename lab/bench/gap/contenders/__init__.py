"""Those who are compared: each keeps the laptop's home address reachable in its own way."""
