"""The home agent for IPv6 (RFC 6275 §10): bindings, neighbours at home, advertisements, discovery."""
