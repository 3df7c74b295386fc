"""What really happened, from captures and netlink time stamps alone. Shares no code with what it judges."""
