"""What an exception while firing means: try the same again, give up for now, or look for the one timer that cannot be fired."""

from enum import Enum, auto

import sqlalchemy as sa

#: deadlock, serialization failure, lock not available
_CONTENTION = {"40P01", "40001", "55P03"}
#: connection, server going down, out of disk or memory: nothing a timer is guilty of
_SERVER = ("08", "53", "57P")
_SQLITE_CONTENTION = ("locked", "busy")
_SQLITE_SERVER = ("disk", "unable to open", "readonly")


class Trouble(Enum):
    """The three answers."""

    #: others were in the way: the whole batch again
    CONTENTION = auto()
    #: the database itself: nothing can be fired or noted now
    DATABASE = auto()
    #: one of the timers, until shown otherwise
    TIMER = auto()


def trouble(error: BaseException) -> Trouble:
    """Tell the three apart by SQLSTATE, or by SQLite's words, which has no codes of that kind."""
    if not isinstance(error, sa.exc.DBAPIError):
        return Trouble.DATABASE if isinstance(error, sa.exc.TimeoutError) else Trouble.TIMER
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
        return Trouble.DATABASE if lost else Trouble.TIMER
    return Trouble.DATABASE if state.startswith(_SERVER) else Trouble.TIMER
