"""The lock on the house: a hazard's state changes inside the door or not at all.

Two listeners. Assigning a watched attribute of a stored hazard raises at once, where the mistake is; and any INSERT, UPDATE or DELETE of
the hazard table that reaches a cursor (ORM, Core or plain text) raises unless the connection is inside `door_open`.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, object_session

from hazard_flow.hazards.models import Hazard

_OPEN = "hazards.door_open"
_WATCHED = ("state", "stage", "closed_at", "head", "seq")
#: anywhere in the statement: a write may stand behind a comment or inside a WITH
_WRITES_HAZARD = re.compile(
    r"\b(INSERT\s+(OR\s+\w+\s+)?INTO|REPLACE\s+INTO|MERGE\s+INTO|UPDATE(\s+OR\s+\w+)?|DELETE\s+FROM|TRUNCATE(\s+TABLE)?)"
    r"\s+(ONLY\s+)?(\"?\w+\"?\.)?\"?hazard\"?(?![\w\"])",
    re.IGNORECASE,
)


class DoorBypassed(AssertionError):
    """Somebody tried to change a hazard without walking through the door."""


@contextlib.contextmanager
def door_open(session: Session) -> Iterator[None]:
    """Inside this block, and only here, hazards may change; what changed is flushed before the door shuts."""
    info = session.connection().info
    info[_OPEN] = info.get(_OPEN, 0) + 1
    try:
        yield
        session.flush()
    finally:
        info[_OPEN] -= 1


def _refuse_assignment(target: Hazard, value: Any, old: Any, _initiator: Any) -> Any:
    if sa.inspect(target).persistent and value != old:
        session = object_session(target)
        if session is None or not session.connection().info.get(_OPEN):
            raise DoorBypassed("hazards change only through hazards.door.apply")
    return value


for _name in _WATCHED:
    event.listen(getattr(Hazard, _name), "set", _refuse_assignment, retval=True)


@event.listens_for(sa.Engine, "before_cursor_execute")
def _refuse_statement(
    connection: sa.Connection, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    if _WRITES_HAZARD.search(statement) and not connection.info.get(_OPEN):
        raise DoorBypassed("hazards change only through hazards.door.apply")
