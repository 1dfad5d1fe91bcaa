"""What a worker does for devices every minute: state in line with the alerts, expired calibrations reported. The topic pages follow."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.clock import Clock
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.devices import expiry, values
from hazard_flow.telemetry.devices.queries import changed_since
from hazard_flow.web.live.topics import Topic

JOB = "devices"
LOOK_EVERY_SECONDS = 60.0
#: who may follow devices
RIGHT = "assets.read"


def look_after(database: Database, clock: Clock, zone: ZoneInfo) -> int:
    """One round, in transactions of their own; how many hazards it opened."""
    with database.transaction(SYSTEM) as session:
        values.settle(session)
    opened = 0
    while True:
        with database.transaction(SYSTEM) as session:
            found = len(expiry.open_expired(session, clock.now(), zone))
        opened += found
        if found < expiry.BATCH_MAX:
            return opened


def _changed(session: Session, revision: int) -> Sequence[str] | None:
    found = changed_since(session, revision)
    return None if found is None else [str(one) for one in found]


LIVE = Topic(values.TOPIC, values.marker, _changed, RIGHT)
