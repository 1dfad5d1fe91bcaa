"""What a tablet says of itself whenever it reaches us, read from the headers it sends along."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from hazard_flow.errors import BadRequest, FieldError

TABLET, DEVICE_AT, UNSENT, VERSION = "X-HF-Tablet", "X-HF-Device-At", "X-HF-Unsent", "X-HF-Version"
#: when the oldest of the unsent records was submitted on the tablet; left out while there are none
OLDEST = "X-HF-Oldest-At"
UNSENT_MAX = 1_000_000
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,39}")
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPad", "iPadOS"),
    ("iPhone", "iOS"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Contact:
    """One contact; None where the tablet does not say."""

    tablet_id: uuid.UUID
    unsent: int | None = None
    skew_seconds: int | None = None
    version: str = ""
    oldest_unsent_at: datetime | None = None


def read(header: Callable[[str], str | None], *, now: datetime) -> Contact:
    """The contact these headers (each asked for by its name) tell of; BadRequest naming every header that cannot be read."""
    wrong: list[FieldError] = []
    tablet_id = _uuid(header(TABLET), wrong)
    unsent = _count(header(UNSENT), wrong)
    device_at = _instant(DEVICE_AT, header(DEVICE_AT), wrong)
    oldest_at = _instant(OLDEST, header(OLDEST), wrong)
    version = header(VERSION) or ""
    if version and not _VERSION.fullmatch(version):
        wrong.append(FieldError(VERSION, "not_a_version"))
    if wrong or tablet_id is None:
        raise BadRequest("headers of a tablet", fields=wrong)
    skew = round((device_at - now).total_seconds()) if device_at else None
    return Contact(tablet_id, unsent, skew, version, oldest_at)


def browser_of(user_agent: str) -> str:
    """`Chrome · Android`: enough to know which machine is meant; empty for what we do not know."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system)))


def _uuid(raw: str | None, wrong: list[FieldError]) -> uuid.UUID | None:
    if not raw:
        wrong.append(FieldError(TABLET, "required"))
        return None
    try:
        return uuid.UUID(raw)
    except ValueError:
        wrong.append(FieldError(TABLET, "not_an_id"))
        return None


def _count(raw: str | None, wrong: list[FieldError]) -> int | None:
    if not raw:
        return None
    if raw.isascii() and raw.isdigit() and len(raw) < 8 and int(raw) <= UNSENT_MAX:
        return int(raw)
    wrong.append(FieldError(UNSENT, "out_of_range", {"minimum": 0, "maximum": UNSENT_MAX}))
    return None


def _instant(name: str, raw: str | None, wrong: list[FieldError]) -> datetime | None:
    if not raw:
        return None
    try:
        found = datetime.fromisoformat(raw)
        if found.tzinfo is None:
            raise ValueError("an instant without a zone")
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        wrong.append(FieldError(name, "not_an_instant_with_zone"))
        return None
