"""Figures of the data plane, beside plain routing and other people's tunnels: `make bench`."""
