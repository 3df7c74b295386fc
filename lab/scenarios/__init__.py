"""What can happen to a laptop, one story a file."""
