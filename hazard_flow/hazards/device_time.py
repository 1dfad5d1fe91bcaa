"""What a device said of its own clock when it sent files: when each was taken, and how far its clock is ahead of ours.

Kept apart from the photo's own time and from receipt: nobody's clock is put in another's place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hazard_flow.errors import BadRequest, FieldError

#: parts of a form beside the workflow's fields: when it was taken, and the device's clock as it sent
CAPTURED_AT, DEVICE_AT = "captured_at", "device_at"


@dataclass(frozen=True)
class DeviceTime:
    """One device's word for one submission; None where it said nothing."""

    captured_at: datetime | None = None
    clock_skew_s: int | None = None


SILENT = DeviceTime()


def read(parts: Mapping[str, Any], *, received_at: datetime) -> DeviceTime:
    """Out of the parts of a form: instants with their offset from UTC. Raises BadRequest naming the part that is none."""
    captured_at, device_at = _instant(parts, CAPTURED_AT), _instant(parts, DEVICE_AT)
    skew = round((device_at - received_at).total_seconds()) if device_at is not None else None
    return DeviceTime(captured_at, skew)


def _instant(parts: Mapping[str, Any], name: str) -> datetime | None:
    raw = str(parts.get(name) or "").strip()
    if not raw:
        return None
    try:
        at = datetime.fromisoformat(raw)
        if at.tzinfo is None or not 2000 <= at.year <= 2100:
            raise ValueError("no instant of ours")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            f"{name} is no instant", fields=[FieldError(name, "not_an_instant_with_zone")]
        ) from error
