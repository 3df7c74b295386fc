"""mobilenode: the command line, a client of the control socket like any other."""
