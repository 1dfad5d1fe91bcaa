"""One spelling for the container of a seal. Its digits are what the seal does not cover, so whoever verifies accepts only one: lower case."""

import re

_RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]")


def spelled(pdf: bytes) -> bytes:
    """The same file with the container of its last seal or time stamp in lower case; the library writes capitals."""
    *_, last = _RANGE.finditer(pdf)
    first, second, rest = (int(digits) for digits in last.groups())
    assert second + rest == len(pdf), "the last seal reaches the last byte"
    return pdf[:first] + pdf[first:second].lower() + pdf[second:]
