"""The demo's duty desks: they hear every alarm, send a crew, and once the signal is normal say what it was and put it away."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.desk import operations, queries
from hazard_flow.telemetry.desk.queries import Wanted

SENT, FOUND = "已派抢修班到场检测，周边警戒", "阀杆密封处渗漏，已处置"


def attend(database: Database, people: Iterable[Actor], now: datetime) -> None:
    """Everybody at a desk does what their alerts wait for, the duty desk before its managers."""
    able = [one for one in people if may(one, operations.HANDLE)]
    for actor in sorted(able, key=lambda one: ("duty_desk" not in one.roles, one.key)):
        with database.transaction(actor.scope) as session:
            for row in queries.active(session, Wanted(), now=now):
                if row.duty.is_asked:
                    _hear(session, actor, row, now)
            for row in queries.page(session, Wanted("open"), now=now, cursor=None, limit=50).items:
                _finish(session, actor, row, now)


def _hear(session: Session, actor: Actor, row: queries.Row, now: datetime) -> None:
    alert_id = row.alert.id
    operations.acknowledge(
        session, actor=actor, alert_id=alert_id, request_key=f"{alert_id}:heard:{row.duty.seq}", now=now
    )
    operations.respond(
        session,
        actor=actor,
        alert_id=alert_id,
        note=SENT,
        request_key=f"{alert_id}:sent:{row.duty.seq}",
        now=now,
    )


def _finish(session: Session, actor: Actor, row: queries.Row, now: datetime) -> None:
    alert_id = row.alert.id
    peak = f"{row.alert.peak_value:.1f}" if row.alert.peak_value is not None else ""
    operations.feed_back(
        session, actor=actor, alert_id=alert_id, cause="leak" if peak else "data_error", reading=peak, unit="%LEL" if peak else "",
        note=FOUND if peak else "", request_key=f"{alert_id}:found", now=now,
    )  # fmt: skip
    operations.archive(session, actor=actor, alert_id=alert_id, request_key=f"{alert_id}:away", now=now)
