"""One spelling for the container of a seal. No hash covers its digits, so whoever verifies accepts only one: lower case."""

import re

_RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]")


def spelled(pdf: bytes) -> bytes:
    """The same file with the container of its last seal or time stamp in lower case; the library writes capitals."""
    _, first, second, _ = last_range(pdf)
    return pdf[:first] + pdf[first:second].lower() + pdf[second:]


def last_range(pdf: bytes) -> tuple[int, int, int, int]:
    """The covered range of the last seal or time stamp of a file just sealed."""
    *_, last = _RANGE.finditer(pdf)
    first, second, rest = (int(digits) for digits in last.groups())
    assert second + rest == len(pdf), "the last seal reaches the last byte"
    return 0, first, second, rest
