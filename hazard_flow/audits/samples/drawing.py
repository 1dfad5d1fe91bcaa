"""Which files a sample holds: a weighted draw without replacement that anybody can repeat from the seed. Pure.

Each number gets u = SHA-256(seed ":" number) / 2^256 and the key -ln(u) / weight; the smallest keys are drawn (Efraimidis and Spirakis).
So a file twice as weighty is drawn twice as readily, drawing more later goes on in the same order, and no other file decides over one.
Decimal logarithms are rounded correctly, so every machine finds the same order.
"""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal

_CONTEXT = Context(prec=30)
_WHOLE = Decimal(2**256)


def ranked(weights: Mapping[str, int], seed: str) -> Sequence[str]:
    """The numbers in the order they are drawn; equal keys go by number."""
    return sorted(weights, key=lambda number: (_key(number, weights[number], seed), number))


def size(population: int, percent: int, least: int) -> int:
    """How many are drawn: so many in a hundred, rounded up, at least `least`, never more than there are."""
    return min(population, max(least, -(-population * percent // 100)))


def population_digest(numbers: Sequence[str]) -> str:
    """SHA-256 over all that could have been drawn, one number a line, sorted."""
    return hashlib.sha256("\n".join(sorted(numbers)).encode()).hexdigest()


def _key(number: str, weight: int, seed: str) -> Decimal:
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    # half a step up: u is never 0, whose logarithm there is none of
    u = _CONTEXT.divide(Decimal(int.from_bytes(digest)) + Decimal("0.5"), _WHOLE)
    return _CONTEXT.divide(-_CONTEXT.ln(u), Decimal(weight))
