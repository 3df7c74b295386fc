"""The network side: home agent and foreign agent, as people run them on a router or a server."""
