"""Request keys: the same request twice is one effect, whoever repeats it and however often."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from hazard_flow.errors import KeyReused
from hazard_flow.hazards.changes import Outcome, Request, digest_of
from hazard_flow.hazards.models import Hazard, HazardEvent, RequestKey
from hazard_flow.storage.engine import is_sqlite

Key = tuple[str, str]

_TABLE: sa.Table = RequestKey.__table__  # type: ignore[assignment] # SQLAlchemy types it as any FROM clause
_THIS = (_TABLE.c.actor == sa.bindparam("b_actor"), _TABLE.c.key == sa.bindparam("b_key"))
_SETTLE = (
    sa.update(_TABLE).where(*_THIS).values(hazard_id=sa.bindparam("b_hazard"), seq=sa.bindparam("b_seq"))
)
_GIVE_BACK = sa.delete(_TABLE).where(*_THIS)


def key_of(change: Request) -> Key:
    """Keys belong to whoever chose them: two people may use the same one."""
    return change.actor.key, change.request_key


def first_asked(changes: Sequence[Request]) -> dict[Key, Request]:
    """The first change of a batch with each key."""
    found: dict[Key, Request] = {}
    for change in changes:
        found.setdefault(key_of(change), change)
    return found


def same_request(first: Request, again: Request) -> bool:
    """Whether two changes with one key ask for the same."""
    return first is again or digest_of(first) == digest_of(again)


def reused(key: str) -> KeyReused:
    """The refusal of a key that came with another content before."""
    return KeyReused(f"key {key!r} was used for another request", key=key)


def claim(session: Session, changes: Sequence[Request], now: datetime) -> dict[Key, Outcome]:
    """Claim all keys in one statement; returns the outcomes of those already answered.

    The insert waits for an unfinished transaction with the same key: if that one commits we find its event, if it rolls back the key is
    ours. Sorted, so that two batches cannot deadlock.
    """
    rows = {
        key_of(c): {
            "actor": c.actor.key,
            "key": c.request_key,
            "digest": digest_of(c),
            "at": now,
            "hazard_id": None,
            "seq": None,
        }
        for c in changes
    }
    if not rows:
        return {}
    insert = sqlite_insert if is_sqlite(session.connection()) else postgresql_insert
    # rows beside the statement, so that it is compiled once and not for each number of rows
    statement = insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.actor, _TABLE.c.key)
    found = session.connection().execute(statement, [rows[k] for k in sorted(rows)])
    claimed = {(actor, key) for actor, key in found}
    return {k: _earlier(session, k, rows[k]["digest"]) for k in sorted(rows.keys() - claimed)}


def _earlier(session: Session, key: Key, digest: object) -> Outcome:
    row = session.get(RequestKey, key)
    if row is None or row.digest != digest or row.hazard_id is None:
        return Outcome(error=reused(key[1]))
    hazard = session.get(Hazard, row.hazard_id)
    event = session.scalar(
        sa.select(HazardEvent).where(HazardEvent.hazard_id == row.hazard_id, HazardEvent.seq == row.seq)
    )
    return Outcome(hazard=hazard, event=event, replayed=True)


def settle(session: Session, outcomes: dict[Key, Outcome]) -> None:
    """Note which event answered each key; give back the keys of refused changes, so that a mended request may use them."""
    done = [
        {"b_actor": actor, "b_key": key, "b_hazard": o.event.hazard_id, "b_seq": o.event.seq}
        for (actor, key), o in sorted(outcomes.items())
        if o.event is not None and not o.replayed
    ]
    if done:
        session.connection().execute(_SETTLE, done)
    # A reused key stays with the request it answered first.
    refused = sorted(
        key for key, o in outcomes.items() if o.error is not None and not isinstance(o.error, KeyReused)
    )
    if refused:
        session.connection().execute(_GIVE_BACK, [{"b_actor": actor, "b_key": key} for actor, key in refused])
