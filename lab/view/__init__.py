"""What people see while a scenario runs."""
