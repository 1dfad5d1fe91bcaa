"""What is wrong with a tablet, from values alone: who should ring somebody up before a report is lost."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hazard_flow.offline.tablets.models import Tablet

#: records wait on it and nothing was heard for so long, or they have waited for so long
SILENT_AFTER = timedelta(hours=24)
#: a clock further off than this makes times on evidence doubtful
SKEW_SECONDS_MAX = 120


class Trouble(NamedTuple):
    """One thing that is wrong: the code of its sentence (`tablets.trouble.<code>`), what fills it."""

    code: str
    params: Mapping[str, Any] = {}


def troubles(tablet: Tablet, *, newest_version: str, now: datetime) -> list[Trouble]:
    """Everything that is wrong with it, the worst first; `newest_version` empty where nobody knows it."""
    found: list[Trouble] = []
    silent = now - tablet.last_seen_at
    if tablet.state == "lost":
        found.append(
            Trouble("lost_seen")
            if tablet.lost_at is not None and tablet.last_seen_at > tablet.lost_at
            else Trouble("lost_unsent" if tablet.unsent else "lost", {"n": tablet.unsent})
        )
    elif tablet.unsent and silent > SILENT_AFTER:
        found.append(Trouble("silent", {"n": tablet.unsent, "span": silent}))
    elif tablet.unsent and tablet.unsent_since is not None and now - tablet.unsent_since > SILENT_AFTER:
        found.append(Trouble("stuck", {"n": tablet.unsent, "span": now - tablet.unsent_since}))
    skew = tablet.clock_skew_s
    if skew is not None and abs(skew) > SKEW_SECONDS_MAX:
        found.append(
            Trouble("fast" if skew > 0 else "slow", {"span": timedelta(seconds=abs(skew))}),
        )
    if newest_version and tablet.version and tablet.version != newest_version:
        found.append(Trouble("old"))
    return found
