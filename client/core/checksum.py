"""The Internet checksum (RFC 1071), for IP, UDP and ICMP alike."""


def internet_checksum(data: bytes) -> int:
    """The one's complement sum to put into a header whose checksum field is zero.

    Over data that already holds its right checksum it is 0.
    """
    if len(data) % 2:
        data += b"\x00"
    # 2**16 is 1 modulo 0xffff, so the remainder of the whole number is the folded sum of its 16-bit words.
    total = int.from_bytes(data, "big")
    folded = total % 0xFFFF
    if folded == 0 and total:
        folded = 0xFFFF
    return folded ^ 0xFFFF
