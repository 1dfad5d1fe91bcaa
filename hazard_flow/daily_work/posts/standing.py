"""How a signature stands: valid, of an older list, run out, or missing. Pure."""

from datetime import datetime, timedelta

#: a signature holds a year [D]: the list is gone through at the yearly appraisal (Work Safety Law art. 22 asks for one, not for the span)
SIGNED_FOR = timedelta(days=365)
#: from taking a post, or from a change of its list, to the signature [D]
SIGN_WITHIN = timedelta(days=7)
STANDINGS = ("valid", "changed", "expired", "missing")


def standing(*, version: int, signed_version: int | None, signed_at: datetime | None, now: datetime) -> str:
    """One of STANDINGS; of several the one that must be mended first."""
    if signed_version is None or signed_at is None:
        return "missing"
    if signed_version != version:
        return "changed"
    return "valid" if now < signed_at + SIGNED_FOR else "expired"


def asked_by(
    *, version: int, signed_version: int | None, signed_at: datetime | None, now: datetime
) -> datetime:
    """By when the next signature is due."""
    found = standing(version=version, signed_version=signed_version, signed_at=signed_at, now=now)
    if found in ("valid", "expired"):
        assert signed_at is not None
        return signed_at + SIGNED_FOR
    return now + SIGN_WITHIN
