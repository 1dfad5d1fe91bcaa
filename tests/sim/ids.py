"""Ids and salts drawn from the city's own dice, so that one seed is one history, byte for byte."""

import os
import random
import secrets
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from uuid_utils import compat

from hazard_flow.clock import Clock
from hazard_flow.storage import base

_COUNT_BITS = 12


class SeededIds:
    """UUIDv7 as everywhere, ordered by the city's clock; what is random in them comes from the dice.

    Only for the thread that lives through the city: another one of the same process (a server some test left behind) gets real ones, or it
    would draw from this city's dice at moments nobody can repeat.
    """

    def __init__(self, dice: random.Random, clock: Clock) -> None:
        self._dice = dice
        self._clock = clock
        self._count = 0
        self._thread = threading.get_ident()

    def uuid7(self) -> uuid.UUID:
        """The next id of this city."""
        if threading.get_ident() != self._thread:
            return compat.uuid7()
        self._count = (self._count + 1) % (1 << _COUNT_BITS)
        milliseconds = int(self._clock.now().timestamp() * 1000)
        high = milliseconds << 80 | 0x7 << 76 | self._count << 64
        return uuid.UUID(int=high | 0b10 << 62 | self._dice.getrandbits(62))

    def salt(self, size: int = 32) -> bytes:
        """Bytes for the salts of personal values."""
        if threading.get_ident() != self._thread:
            return os.urandom(size)
        return self._dice.randbytes(size)


@contextmanager
def seeded(dice: random.Random, clock: Clock) -> Iterator[None]:
    """Inside, every new id and salt of this process comes from these dice."""
    ids = SeededIds(dice, clock)
    with patch.object(base, "compat", ids), patch.object(secrets, "token_bytes", ids.salt):
        yield
