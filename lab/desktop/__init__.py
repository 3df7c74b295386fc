"""A desktop without a screen: real panel, real tray, real clicks, and pictures of them."""
