"""What can go wrong in the lab itself."""


class LabError(Exception):
    """The lab cannot do what it was asked to; its words are for people."""
