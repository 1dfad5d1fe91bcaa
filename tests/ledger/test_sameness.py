"""The numbers two lists are compared by: one place and one hash, one number; whatever stands in a column, an answer."""

import itertools

from hazard_flow.ledger.sameness import PRIME, Secret

DIGEST = bytes(range(32))


def test_another_hash_chain_or_number_is_another_factor():
    secret = Secret()
    things = itertools.product(
        (DIGEST, DIGEST[::-1]), ("YH-990102-20261009-0001", "YH-990102-20261009-0002"), (1, 2)
    )

    factors = {secret.of(*thing) % PRIME for thing in things}

    assert len(factors) == 8


def test_the_factor_is_the_chains_share_the_hash_and_the_number():
    secret = Secret()

    assert secret.of(DIGEST, "YH-1", 7) == int.from_bytes(DIGEST) + secret.chain("YH-1") + 7 * secret.s
    assert secret.of(DIGEST, "YH-1", 7) != Secret().of(DIGEST, "YH-1", 7)


def test_what_does_not_belong_in_a_column_agrees_with_nothing_that_does():
    secret = Secret()

    for name, seq in ((None, 1), (b"YH-1", 1), ("YH-1", "x"), ("YH-1", None), ("YH-1", 1.5)):
        assert secret.of(DIGEST, name, seq) != secret.of(DIGEST, "YH-1", 1)
