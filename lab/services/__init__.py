"""What runs on the lab's nodes beside Mobile IP: DHCP, a web server, numbered packets, a watcher, relays."""
