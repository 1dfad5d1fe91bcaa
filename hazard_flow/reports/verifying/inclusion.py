"""RFC 9162, 2.1.3.2: whether a leaf lies in the tree of a root. Pure, so that a stranger can read it in a minute."""

import hashlib
from collections.abc import Sequence


def verify_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf` (its hash) is number `index` of the `size` leaves under `root`, as `path` shows from the leaf upward."""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = _pair(beside, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = _pair(node, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
