"""Makes the kernel hold what a plan says, and carries the tunnelled packets."""
