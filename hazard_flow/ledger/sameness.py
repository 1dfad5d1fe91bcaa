"""Whether two long lists hold the same things in any order, without holding either: one product each, over numbers nobody could foresee.

Events are walked chain by chain and leaves in the order of the tree; asking the database for each event's leaf costs more than all the
hashing. So both sides multiply `hash + name + secret` modulo a prime of 255 bits. The products are polynomials in the secret with the
things as their roots: where the lists differ in anything they agree for at most as many secrets as there are things (Schwartz-Zippel),
a few million of 2^255. The secret is drawn anew for each verification, so nobody can prepare for it.
"""

import secrets

PRIME = 2**255 - 19
#: where in the number the name is put, so that it moves the higher digits
NAME_SHIFT = 190


class Secret:
    """What one verification multiplies with."""

    def __init__(self) -> None:
        self.value = secrets.randbelow(PRIME)

    def of(self, digest: bytes, name: str, seq: int) -> int:
        """One factor: an event's hash, and the chain and number it stands under.

        The name goes in by Python's own keyed hash, drawn for each process.
        """
        return int.from_bytes(digest) + (hash((name, seq)) << NAME_SHIFT) + self.value
