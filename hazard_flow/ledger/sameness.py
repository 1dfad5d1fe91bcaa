"""Whether two long lists hold the same things in any order, without holding either: one product each, over numbers nobody could foresee.

Events are walked chain by chain and leaves in the order of the tree; asking the database for each event's leaf costs more than all the
hashing. So each thing becomes one number, `hash + place · s + t` (its place: chain and number) with secrets s and t, and both sides
multiply theirs modulo a prime of 255 bits. Two things of different places or hashes get the same number for one s at most; the products are
polynomials in t with the things as their roots, and where the lists differ in anything they agree for at most as many t as there are
things (Schwartz-Zippel), a few million of 2^255. The secrets are drawn anew for each verification, so nobody can prepare for them.
"""

import secrets
from dataclasses import dataclass, field

PRIME = 2**255 - 19
#: room for a number within a chain, beside the chain's name
SEQ_BITS = 32


def _drawn() -> int:
    return secrets.randbelow(PRIME)


@dataclass(frozen=True)
class Secret:
    """What one verification multiplies with; the same in every process it is shared with."""

    s: int = field(default_factory=_drawn)
    t: int = field(default_factory=_drawn)

    def of(self, digest: bytes, name: object, seq: object) -> int:
        """One factor: an event's hash, and the chain and number it stands under."""
        return int.from_bytes(digest) + self.chain(name) + number(seq) * self.s

    def chain(self, name: object) -> int:
        """What all factors of one chain share. Names tell apart up to 27 bytes; ours have 24 at most."""
        told = name if isinstance(name, str) else repr(name)
        return (int.from_bytes(told.encode()) << SEQ_BITS) * self.s + self.t


def number(seq: object) -> int:
    """A number within a chain. SQLite keeps whatever somebody wrote into a column: what is no number stands where nothing can."""
    return seq if isinstance(seq, int) else -1
