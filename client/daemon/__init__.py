"""mobilenoded: puts the house together; the only package of `client` that knows all its rooms."""
