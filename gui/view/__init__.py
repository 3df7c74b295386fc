"""A status turned into words and pictures, without Qt."""
