"""What an exception out of a transaction means: try the same again, give up for now, or look for a fault in what was asked."""

from enum import Enum, auto

import sqlalchemy as sa

#: deadlock, serialization failure, lock not available
_CONTENTION = {"40P01", "40001", "55P03"}
#: connection, server going down, out of disk or memory: nothing the work is guilty of
_SERVER = ("08", "53", "57P")
_SQLITE_CONTENTION = ("locked", "busy")
_SQLITE_SERVER = ("disk", "unable to open", "readonly")
_DISK_FULL = "53100"


class Trouble(Enum):
    """The three answers."""

    #: others were in the way: the same again
    CONTENTION = auto()
    #: the database itself: nothing can be done or noted now
    DATABASE = auto()
    #: the work, until shown otherwise: one of a batch's timers, a mistake of ours
    WORK = auto()


def trouble(error: BaseException) -> Trouble:
    """Tell the three apart by SQLSTATE, or by SQLite's words, which has no codes of that kind."""
    if not isinstance(error, sa.exc.DBAPIError):
        return Trouble.DATABASE if isinstance(error, sa.exc.TimeoutError) else Trouble.WORK
    state = getattr(error.orig, "sqlstate", None)
    words = str(error.orig).lower() if isinstance(error, sa.exc.OperationalError) else ""
    if state in _CONTENTION or any(w in words for w in _SQLITE_CONTENTION if state is None):
        return Trouble.CONTENTION
    if error.connection_invalidated or isinstance(error, sa.exc.InterfaceError):
        return Trouble.DATABASE
    if state is None:
        # psycopg reports a connection that never came about without a code
        lost = isinstance(error, sa.exc.OperationalError) and (
            type(error.orig).__module__.startswith("psycopg") or any(w in words for w in _SQLITE_SERVER)
        )
        return Trouble.DATABASE if lost else Trouble.WORK
    return Trouble.DATABASE if state.startswith(_SERVER) else Trouble.WORK


def is_disk_full(error: BaseException) -> bool:
    """Whether the database had no room left to write to."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state == _DISK_FULL or (state is None and "disk is full" in str(error.orig).lower())
