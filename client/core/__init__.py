"""What everything here is made of: machine, plan, links, status, and the bytes of IP."""
