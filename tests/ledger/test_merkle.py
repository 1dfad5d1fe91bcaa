"""The tree against the RFC's own recursive definition, written down here a second time in its plainest form."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.ledger import merkle
from hazard_flow.ledger.canonical import leaf_hash

SIZES = range(1, 301)
LEAVES = [leaf_hash(f"event {number}".encode()) for number in range(300)]


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162, 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """RFC 9162, 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def nodes(leaves: Sequence[bytes]) -> merkle.NodeAt:
    """The complete subtrees as the tree itself grew them."""
    kept = {(0, place): leaf for place, leaf in enumerate(leaves)}
    kept |= {(one.level, one.place): one.hash for one in merkle.Edge().add(leaves)}
    return lambda level, place: kept[level, place]


NODES = nodes(LEAVES)


def test_roots_of_all_sizes():
    edge = merkle.Edge()
    assert edge.root() == merkle.root(NODES, 0) == mth([])
    for size in SIZES:
        edge.add([LEAVES[size - 1]])
        assert edge.root() == merkle.root(NODES, size) == mth(LEAVES[:size])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 64, 65, 299, 300])
def test_an_edge_taken_up_again_grows_on_as_if_never_left(size: int):
    peaks = {level: NODES(level, place) for level, place in merkle.peak_places(size)}
    edge = merkle.Edge(size, peaks)

    grown = edge.add(LEAVES[size:])

    assert edge.root() == mth(LEAVES)
    assert all(one.hash == NODES(one.level, one.place) for one in grown)


def test_an_edge_with_the_wrong_peaks_is_refused():
    with pytest.raises(AssertionError):
        merkle.Edge(3, {0: LEAVES[0]})


def test_the_path_of_every_leaf_in_trees_of_every_size():
    for size in SIZES:
        root = mth(LEAVES[:size])
        for index in {0, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
            found = merkle.inclusion(NODES, index, size)
            assert found == path(index, LEAVES[:size])
            assert merkle.verify_inclusion(LEAVES[index], index, size, found, root)


@given(st.integers(1, 300), st.data())
def test_what_is_not_in_the_tree_has_no_path(size: int, data: st.DataObject):
    index = data.draw(st.integers(0, size - 1))
    found, root = merkle.inclusion(NODES, index, size), mth(LEAVES[:size])

    assert not merkle.verify_inclusion(leaf_hash(b"never happened"), index, size, found, root)
    assert not merkle.verify_inclusion(LEAVES[index], size, size, found, root)
    assert not merkle.verify_inclusion(LEAVES[index], index, size, [*found, LEAVES[0]], root)
    if size > 1:
        other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index))
        assert not merkle.verify_inclusion(LEAVES[index], other, size, found, root)
        assert not merkle.verify_inclusion(LEAVES[index], index, size, found[:-1], root)


@given(st.integers(1, 300), st.data())
def test_every_older_tree_is_the_beginning_of_every_newer(new: int, data: st.DataObject):
    old = data.draw(st.integers(1, new))
    found = merkle.consistency(NODES, old, new)
    roots = mth(LEAVES[:old]), mth(LEAVES[:new])

    assert found == subproof(old, LEAVES[:new], True)
    assert merkle.verify_consistency(old, new, *roots, found)
    if old < new:
        assert not merkle.verify_consistency(old, new, roots[0], roots[0], found)
        assert not merkle.verify_consistency(old, new, roots[1], roots[1], found)
        assert not merkle.verify_consistency(old, new, *roots, found[:-1])
        assert not merkle.verify_consistency(old, new, *roots, [*found, LEAVES[0]])
        assert not merkle.verify_consistency(new, old, *roots, found)


@given(st.integers(2, 300), st.data())
def test_a_tree_that_was_rewritten_is_no_continuation(new: int, data: st.DataObject):
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*LEAVES[:changed], leaf_hash(b"another story"), *LEAVES[changed + 1 : new]]
    proof = merkle.consistency(nodes(rewritten), old, new)

    assert not merkle.verify_consistency(old, new, mth(LEAVES[:old]), mth(rewritten), proof)
