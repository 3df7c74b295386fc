"""The icons: SVG files, and the drawing that makes them (`python -m gui.icons.draw`)."""
