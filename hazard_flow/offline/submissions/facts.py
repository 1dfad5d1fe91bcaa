"""What a file that came says of itself, between the moment its bytes came and the moment it is evidence."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from hazard_flow.evidence.items import Arrived
from hazard_flow.offline.submissions.models import SubmissionAttachment


def facts_of(came: Arrived) -> dict[str, Any]:
    """As the attachment's row keeps it."""
    return {
        "display_sha256": came.display_sha256,
        "phash": came.phash,
        "width": came.width,
        "height": came.height,
        "exif_at": came.exif_at.isoformat() if came.exif_at else None,
        "lon": str(came.lon) if came.lon is not None else None,
        "lat": str(came.lat) if came.lat is not None else None,
    }


def arrived(attachment: SubmissionAttachment) -> Arrived | None:
    """What came in this file; None where it has not come, or can be no evidence."""
    if attachment.received_at is None or attachment.refused is not None:
        return None
    facts: Mapping[str, Any] = attachment.facts or {}
    return Arrived(
        role="display" if attachment.role == "display" else "original",
        at=attachment.received_at,
        display_sha256=facts.get("display_sha256"),
        phash=facts.get("phash"),
        width=facts.get("width"),
        height=facts.get("height"),
        exif_at=datetime.fromisoformat(facts["exif_at"]) if facts.get("exif_at") else None,
        lon=Decimal(facts["lon"]) if facts.get("lon") else None,
        lat=Decimal(facts["lat"]) if facts.get("lat") else None,
    )
