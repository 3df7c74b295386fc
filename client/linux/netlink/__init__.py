"""Rtnetlink: words and a connection, no more than we need (tests hold it against pyroute2)."""
