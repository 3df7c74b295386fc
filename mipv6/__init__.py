"""Mobile IPv6 (RFC 6275): messages, and the machines of mobile node and correspondent."""
