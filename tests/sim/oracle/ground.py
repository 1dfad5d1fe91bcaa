"""What holds for every hazard of a log: files, calendars, local limits, people by instant, and when workers looked."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.sim.oracle.days import Calendars, prefix
from tests.sim.oracle.flows import Flow, Span, read, span
from tests.sim.oracle.people import People, Seat, seats_of

#: a second count follows when whatever read the old days has ended
_SECOND_ROUND = timedelta(minutes=1)


class Ground:
    """A log's common part."""

    def __init__(self, log: Mapping[str, Any]) -> None:
        self.zone = ZoneInfo(log["zone"])
        self.calendars = Calendars(self.zone, log["shipped"]["calendar"], log["calendar_days"])
        diary: Sequence[Mapping[str, Any]] = log["diary"]
        texts = [("", key, text) for key, text in log["shipped"]["workflows"].items()]
        texts += [(e["at"], e["id"], e["text"]) for e in diary if e["kind"] == "workflow"]
        self._flows = [(at, read(text)) for at, _, text in texts]
        self._policies = [row for row in log["policies"] if row["key"].startswith("limit.")]
        self._people_at = [e["at"] for e in diary if e["kind"] == "people"]
        self._people = [People(seats_of(e["seats"]), e["highest"]) for e in diary if e["kind"] == "people"]
        if not self._people:
            self._people_at, self._people = [""], [_from_tables(log)]
        #: organisation → path; hazard number → worst alarm, final where it was merged
        self.paths = {row["id"]: row["path"] for row in log["organisations"]}
        self.alarms = {row["number"]: row["alarm_level"] or 0 for row in log["hazards"]}
        ticks = [e for e in diary if e["kind"] == "tick"]
        #: instants lived through twice: nobody can say whether a look came before or after something else in them
        self._twice = [(when(e["at"]), when(e["until"])) for e in diary if e["kind"] == "set_back"]
        #: looks that came to their end, and all others
        self.looks = sorted(at for e in ticks if e["whole"] and not self.unclear(at := when(e["at"])))
        woken = [(row["thing_id"], when(row["at"])) for row in log["upkeep"] if row["act"] == "timer.retried"]
        #: steps that were put aside: (hazard, name, level, cycle) → when, and when they were let go, in order
        self.asleep: dict[tuple[str, str, int, int], list[tuple[datetime, datetime | None]]] = {}
        for entry in (e for e in diary if e["kind"] == "parked"):
            at, (name, level, cycle) = when(entry["at"]), entry["step"]
            later = (woken_at for timer, woken_at in woken if timer == entry["timer"] and woken_at >= at)
            self.asleep.setdefault((entry["hazard"], name, level, cycle), []).append((at, next(later, None)))
        self.any_looks = {when(e["at"]) for e in ticks}
        settles = [(when(e["at"]), e["whole"]) for e in diary if e["kind"] == "settle"]
        self.counts, self._counted_through = self._rounds(
            [at for at, whole in settles if whole and not self.unclear(at)]
        )
        #: counts that may have come half-way
        self.tries = {at for at, whole in settles if not whole or self.unclear(at)}

    def flow(self, id_: str) -> Flow | None:
        """A version by its id."""
        return next((flow for _, flow in reversed(self._flows) if flow.id == id_), None)

    def newest(self, key: str, at: str) -> Flow:
        """The newest version in use at an instant."""
        return max(
            (f for since, f in self._flows if f.key == key and since <= at), key=lambda flow: flow.version
        )

    def people(self, at: str) -> People:
        """Everybody's seats at an instant."""
        return self._people[max(0, bisect_right(self._people_at, at) - 1)]

    def missed(self, due: datetime, since: datetime, before: datetime | None) -> datetime | None:
        """The first whole look that should have found something due, planned earlier; None where none has ended yet."""
        index = max(bisect_left(self.looks, due), bisect_right(self.looks, since))
        if index == len(self.looks) or (before is not None and self.looks[index] >= before):
            return None
        return self.looks[index]

    def own_span(
        self, flow: str, limit: str, division: str, *, start: datetime, now: datetime
    ) -> dict[str, Span]:
        """A place's own spans of a limit, as they were known now for the day it began on, by urgency."""
        if not self._policies:
            return {}
        day, known = start.astimezone(self.zone).date().isoformat(), self.text(now)
        newest = {
            (row["division"], row["valid_from"]): row
            for row in sorted(self._policies, key=lambda row: int(row["version"]))
            if row["key"] == f"limit.{flow}.{limit}" and row["entered_at"] <= known
        }
        fitting = [row for row in newest.values() if _counts(row, prefix(division), day)]
        found: dict[str, Span] = {}
        for row in sorted(fitting, key=lambda row: (len(row["division"]), row["valid_from"])):
            found |= {urgency: span(text) for urgency, text in row["value"].items()}
        return found

    @staticmethod
    def text(at: datetime) -> str:
        """An instant as logs write it."""
        return _text(at)

    def unclear(self, at: datetime) -> bool:
        """Whether an instant was lived through twice."""
        return any(first <= at <= last for first, last in self._twice)

    def _rounds(self, settles: Sequence[datetime]) -> tuple[list[datetime], set[str]]:
        """The instants at which running limits were counted again, after each import once and once more a minute later; and the
        imports after which both rounds came before the next import."""
        found: set[datetime] = set()
        finished: set[str] = set()
        imports = self.calendars.imports
        for number, text in enumerate(imports):
            at, until = when(text), when(imports[number + 1]) if number + 1 < len(imports) else None
            own = [one for one in sorted(settles) if one >= at and (until is None or one < until)]
            second = [one for one in own[1:] if one >= at + _SECOND_ROUND][:1]
            found |= {*own[:1], *second}
            finished |= {text} if second else set()
        return sorted(found), finished

    def changed_day(self, at: datetime) -> date | None:
        """The first day changed in a year that was official before, by the imports not yet counted through at `at`."""
        before, unsettled = "", list[tuple[str, str]]()
        for text in (key for key in self.calendars.imports if key <= self.text(at)):
            unsettled = [] if before in self._counted_through else unsettled
            unsettled.append((before, text))
            before = text
        return min(
            (day for earlier, later in unsettled for day in self._changed(earlier, later)), default=None
        )

    def _changed(self, earlier: str, later: str) -> Iterator[date]:
        for division in {"", *(key[1] for key in self.calendars.editions)}:
            old, new = self.calendars.at(earlier, division), self.calendars.at(later, division)
            for day in {*old.special, *new.special}:
                if day.year in old.official and old.works(day) != new.works(day):
                    yield day


def when(text: str) -> datetime:
    """An instant of the log."""
    return _when(text)


@lru_cache(maxsize=65536)
def _when(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@lru_cache(maxsize=65536)
def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def bare(id_: str | None) -> str | None:
    """An id or an event's `person:…` as 32 hex digits."""
    return None if id_ is None else id_.removeprefix("person:").replace("-", "")


def _counts(row: Mapping[str, Any], division: str, day: str) -> bool:
    return (
        not row["withdrawn"]
        and row["valid_from"] is not None
        and row["valid_from"] <= day
        and (row["valid_to"] is None or day <= row["valid_to"])
        and division.startswith(row["division"])
    )


def _from_tables(log: Mapping[str, Any]) -> People:
    organisations = {row["id"]: row for row in log["organisations"]}
    active = {row["id"] for row in log["people"] if row["active"]}
    seats = []
    for row in log["memberships"]:
        unit = organisations[row["organisation_id"]]
        if row["person_id"] in active and row["ended_at"] is None:
            seats.append(
                Seat(row["person_id"], row["role"], unit["path"], unit["division"], unit["id"], unit["kind"])
            )
    highest = {
        row["code"]: row["highest_regulator_id"] for row in log["divisions"] if row["highest_regulator_id"]
    }
    return People(seats, highest)
