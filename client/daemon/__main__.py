"""Lets `python -m client.daemon` start mobilenoded."""

from client.daemon.main import main

if __name__ == "__main__":
    main()
