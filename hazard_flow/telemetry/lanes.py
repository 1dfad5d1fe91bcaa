"""Lanes that one process at a time may drive, whatever the number of workers: by row lock for a moment, by lease for long."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.engine import is_sqlite
from hazard_flow.telemetry.inbox import insert_new
from hazard_flow.telemetry.models import IntakeLane

EVALUATION = "evaluation"
BROKER = "broker"
#: a holder that does not renew for this long is taken for dead; the broker keeps its messages meanwhile
LEASE = timedelta(seconds=6)


def lock(session: Session, name: str) -> bool:
    """Hold the lane until the end of this transaction; False, without waiting, if another transaction holds it."""
    if is_sqlite(session.connection()):
        return True  # a writing transaction is alone
    row = sa.select(IntakeLane).where(IntakeLane.name == name).with_for_update(skip_locked=True)
    if session.scalars(row).first() is not None:
        return True
    prepare(session)
    return session.scalars(row).first() is not None


def prepare(session: Session) -> None:
    """Make the lanes' rows where they are missing, long before anybody needs to wait for them."""
    _make(session, BROKER, EVALUATION)


def broker(shard: str) -> str:
    """The lane of a shard's consumer; of the only one when there are no shards."""
    return f"{BROKER} {shard}" if shard else BROKER


def lease(session: Session, name: str, holder: str, *, now: datetime) -> bool:
    """Take or renew the lane for `LEASE` from now; False while another holder's lease runs."""
    _make(session, name)
    free = sa.or_(IntakeLane.holder == holder, IntakeLane.held_until.is_(None), IntakeLane.held_until < now)
    taken = (
        sa.update(IntakeLane)
        .where(IntakeLane.name == name, free)
        .values(holder=holder, held_until=now + LEASE)
    )
    return session.scalars(taken.returning(IntakeLane.name)).first() is not None


def release(session: Session, name: str, holder: str) -> None:
    """Give a leased lane back at once."""
    session.execute(
        sa.update(IntakeLane)
        .where(IntakeLane.name == name, IntakeLane.holder == holder)
        .values(held_until=None, holder="")
    )


def _make(session: Session, *names: str) -> None:
    insert_new(session, IntakeLane.name, [{"name": name, "holder": ""} for name in sorted(names)])
