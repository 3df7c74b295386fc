"""The gap that packets see when a laptop changes its network: ours beside VPNs in the same topology."""
