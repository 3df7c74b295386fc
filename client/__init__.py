"""The mobile node: the daemon, the command line, and the words all programs share."""
