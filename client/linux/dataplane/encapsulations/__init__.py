"""How packets are put into others and taken out again, one encapsulation a file."""
