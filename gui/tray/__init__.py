"""The icon in the panel and its menu."""
