"""Password hashing: argon2id, never more at once than there are cores, so a flood of sign-ins cannot eat the memory."""

import os
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 128

#: OWASP's first choice for argon2id: 19 MiB, two passes, one lane
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_TURN = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))


@cache
def _nobody() -> str:
    """Verified against when there is no such user, so that unknown and known names take the same time."""
    return _HASHER.hash("no such person")


def hash_password(password: str) -> str:
    """An encoded argon2id hash."""
    with _TURN:
        return _HASHER.hash(password)


def verify_password(encoded: str | None, password: str) -> bool:
    """Whether the password fits; costs the same when there is nothing to compare with."""
    with _TURN:
        try:
            _HASHER.verify(encoded or _nobody(), password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return encoded is not None
