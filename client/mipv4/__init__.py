"""Mobile IPv4 (RFC 5944): messages, authentication, discovery, movement, registration."""
