"""The Merkle tree of RFC 9162, 2.1: growth, roots, proofs and how they are checked. Pure: nodes are asked for by where they stand.

A node stands at (level, place): level 0 are the leaves, counted from the left; a node of level k covers 2^k leaves. Only complete subtrees
are ever kept, so what was once written stays true however far the tree grows.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

HASH_BYTES = 32
#: the root of a tree without leaves
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Node(NamedTuple):
    """A complete subtree's hash and where it stands."""

    level: int
    place: int
    hash: bytes


#: (level, place) of a complete subtree → its hash
NodeAt = Callable[[int, int], bytes]


def parent(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right): the hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree: its size and the subtrees that still lack a sibling, one for each 1 in the size's binary form."""

    def __init__(self, size: int = 0, peaks: Mapping[int, bytes] | None = None) -> None:
        self.size = size
        self._peaks = dict(peaks or {})
        assert set(self._peaks) == {level for level, _ in peak_places(size)}, (
            "these are not the peaks of such a tree"
        )

    def add(self, leaves: Iterable[bytes]) -> list[Node]:
        """Append leaves; the subtrees this completes (the leaves themselves are not among them)."""
        completed = []
        for leaf in leaves:
            level, place, digest = 0, self.size, leaf
            while place & 1:
                digest = parent(self._peaks.pop(level), digest)
                level, place = level + 1, place >> 1
                completed.append(Node(level, place, digest))
            self._peaks[level] = digest
            self.size += 1
        return completed

    def peak(self, level: int) -> bytes:
        """The subtree of this level that still lacks a sibling."""
        return self._peaks[level]

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        found = b""
        for _, peak in sorted(self._peaks.items()):
            found = parent(peak, found) if found else peak
        return found or EMPTY_ROOT


def peak_places(size: int) -> list[tuple[int, int]]:
    """(level, place) of the subtrees at the right edge of a tree of this size."""
    return [(level, (size >> level) - 1) for level in range(size.bit_length()) if size >> level & 1]


def root(node: NodeAt, size: int) -> bytes:
    """MTH of the first `size` leaves."""
    return _covering(node, 0, size) if size else EMPTY_ROOT


def inclusion(node: NodeAt, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]): that a leaf stands in the tree of the first `size` leaves."""
    assert 0 <= index < size
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_covering(node, middle, end))
            end = middle
        else:
            path.append(_covering(node, start, middle))
            start = middle
    return path[::-1]


def consistency(node: NodeAt, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]): that the tree of the first `old` leaves is the beginning of the one of `new`; empty where they are the same."""
    assert 0 < old <= new
    path, start, end, is_whole = [], 0, new, True
    while end - start > old - start:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_covering(node, middle, end))
            end = middle
        else:
            path.append(_covering(node, start, middle))
            start, is_whole = middle, False
    if not is_whole:
        path.append(_covering(node, start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], against: bytes) -> bool:
    """RFC 9162, 2.1.3.2: whether the path leads from the leaf to the root."""
    if not 0 <= index < size:
        return False
    here, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            digest = parent(sibling, digest)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            digest = parent(digest, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and digest == against


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: whether the path proves that the new tree begins with the old one."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not path:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            before, after = parent(sibling, before), parent(sibling, after)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            after = parent(after, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _covering(node: NodeAt, start: int, end: int) -> bytes:
    """The hash over leaves start … end - 1; `start` is where a subtree of that many leaves may begin."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return parent(_covering(node, start, middle), _covering(node, middle, end))


def _split(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1
