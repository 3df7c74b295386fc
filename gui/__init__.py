"""The face of mobilenode: a tray icon and a window, over the control socket."""
