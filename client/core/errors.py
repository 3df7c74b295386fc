"""What can go wrong, named for what went wrong. A peer that refuses or lies is a state, not an error."""


class MobileIPError(Exception):
    """The base of every error of ours."""


class DecodeError(MobileIPError, ValueError):
    """Bytes from the network are not the message they claim to be."""

    def __init__(self, reason: str, data: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.data = data


class ProfileError(MobileIPError, ValueError):
    """A profile or a configuration file cannot be used as it is."""


class KernelError(MobileIPError, OSError):
    """The kernel refused what a plan asks for. Takes an error number and a sentence; shows the sentence."""

    def __str__(self) -> str:
        return self.strerror or super().__str__()
