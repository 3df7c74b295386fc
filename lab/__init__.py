"""A world to try it in: network namespaces, topologies, impairments, the demo."""
