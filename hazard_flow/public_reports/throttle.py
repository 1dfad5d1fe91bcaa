"""How many reports are taken in an hour: from one address, about one asset, in all. Counted in the database, for all processes together."""

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import TooMany
from hazard_flow.public_reports.models import PublicVisit
from hazard_flow.public_reports.rules import PublicRules
from hazard_flow.storage.base import UtcDateTime

KEPT = timedelta(days=2)
#: in one statement, so that two at the same moment are two
_COUNT = sa.text(
    "INSERT INTO public_visit (bucket, hour, count) VALUES (:bucket, :hour, 1)"
    " ON CONFLICT (bucket, hour) DO UPDATE SET count = public_visit.count + 1 RETURNING count"
).bindparams(sa.bindparam("hour", type_=UtcDateTime()))


def take(
    session: Session,
    rules: PublicRules,
    *,
    address: str,
    asset_id: uuid.UUID | None,
    secret: str,
    now: datetime,
) -> None:
    """Count one more; raises TooMany where that is one too many. Commit it whatever becomes of the report."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    session.execute(sa.delete(PublicVisit).where(PublicVisit.hour < now - KEPT))
    buckets = [("all", rules.everywhere), (_hidden(address, secret, now), rules.from_one_address)]
    if asset_id is not None:
        buckets.append((f"asset:{asset_id.hex}", rules.about_one_asset))
    # always in one order, so that two transactions never wait for each other crosswise
    for bucket, most in sorted(buckets):
        count = session.execute(_COUNT, {"bucket": bucket, "hour": hour}).scalar_one()
        if count > most:
            raise TooManyReports(bucket.partition(":")[0], minutes=60 - now.minute)


class TooManyReports(TooMany):
    """More reports than are taken in an hour."""

    code = "too_many_reports"


def _hidden(address: str, secret: str, now: datetime) -> str:
    """An address as it is counted: keyed, and another one every day."""
    said = f"{now.date().isoformat()}\0{address}".encode()
    return "from:" + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()[:32]
