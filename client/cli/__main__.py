"""Lets `python -m client.cli` start mobilenode."""

from client.cli.main import main

if __name__ == "__main__":
    main()
