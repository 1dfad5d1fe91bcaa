"""When a message that did not get out is tried again, and when trying is given up. Pure."""

from datetime import datetime, timedelta

#: wait after the first failed attempt; doubles up to these
RETRY_FIRST = timedelta(seconds=30)
RETRY_MAX = timedelta(hours=1)
#: shorter while the whole channel is down, so that the message at which it broke does not go first for ever
RETRY_DOWN_MAX = timedelta(minutes=30)
#: a message refused for so long, while others get through, goes to the dead-letter list; a channel that is down gives up nothing [D]
GIVE_UP_AFTER = timedelta(hours=24)


def retry_after(attempts: int, *, most: timedelta = RETRY_MAX) -> timedelta:
    """How long to wait after so many failed attempts: 30 s, 1 min, 2 min, … up to an hour."""
    return min(most, RETRY_FIRST * (1 << min(attempts - 1, 20)))


def is_given_up(refused_since: datetime | None, now: datetime) -> bool:
    """Whether a message that is refused once more has been tried for long enough."""
    return refused_since is not None and now - refused_since >= GIVE_UP_AFTER
