"""The lines of daily work as the regulator sees them: registered providers, months, and each line beside the regulator's own re-checks."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.inspections.work_lines import WORK_LINES, LineFigures, LineProvider
from hazard_flow.supervision.spots.queries import Rate, rates

NOTHING = Rate(0, 0)


@dataclass(frozen=True)
class Lines:
    """The providers, in the order `app` registers them; a provider may speak of several lines."""

    providers: list[LineProvider] = field(default_factory=list)

    def register(self, provider: LineProvider) -> None:
        """One more feature that owns a line."""
        self.providers.append(provider)

    def figures(
        self, session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
    ) -> Mapping[tuple[uuid.UUID, str], LineFigures]:
        """(enterprise, line) → figures from `since` to `until`, both included; where two speak of one line, the first is heard."""
        found: dict[tuple[uuid.UUID, str], LineFigures] = {}
        if since > until:
            return found
        for provider in self.providers:
            for home, said in provider(session, organisation_ids, since, until).items():
                for one in said:
                    found.setdefault((home, one.line), one)
        return found


@dataclass(frozen=True)
class Cell:
    """One line of one enterprise: what it says of itself, and how its records stood up to a second look."""

    line: str
    figures: LineFigures | None
    rate: Rate

    @property
    def percent(self) -> int | None:
        """Share of what was due that was done and is valid, rounded down; None where nothing was due."""
        if self.figures is None or not self.figures.due:
            return None
        return min(100, int(100 * self.figures.done / self.figures.due))

    @property
    def is_doubtful(self) -> bool:
        """Whether the regulator found a record of it that does not hold."""
        return self.rate.contradicted > 0


@dataclass(frozen=True)
class Month:
    """A calendar month of the organisation's zone, as far as it is over: to the end of yesterday."""

    first: date
    last: date
    #: the last day figures speak of; before `first` where no day of it is over
    until: date

    @property
    def key(self) -> str:
        """`2026-11`."""
        return f"{self.first:%Y-%m}"


def month_of(key: str, today: date) -> Month:
    """A month by its key, the newest that has a finished day for an empty one; raises ValueError for a bad key or one that lies ahead."""
    yesterday = today - timedelta(days=1)
    first = date.fromisoformat(f"{key}-01") if key else yesterday.replace(day=1)
    if first > today or first.year < 2000:
        raise ValueError("no such month")
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return Month(first, last, min(last, yesterday))


def months_back(month: Month, count: int, today: date) -> list[Month]:
    """A month and those before it, oldest first."""
    found = [month]
    while len(found) < count:
        found.append(month_of(f"{found[-1].first - timedelta(days=1):%Y-%m}", today))
    return found[::-1]


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), zone)


def board(
    session: Session, lines: Lines, organisation_ids: Sequence[uuid.UUID], month: Month, zone: ZoneInfo
) -> Mapping[uuid.UUID, Mapping[str, Cell]]:
    """Every enterprise with every line anybody speaks of or the regulator looked at in that month, lines in the order of `WORK_LINES`."""
    figures = lines.figures(session, organisation_ids, month.first, month.until)
    looked = rates(
        session, organisation_ids, begin_of(month.first, zone), begin_of(month.last + timedelta(days=1), zone)
    )
    return {
        home: {
            line: Cell(line, figures.get((home, line)), looked.get((home, line), NOTHING))
            for line in WORK_LINES
            if (home, line) in figures or (home, line) in looked
        }
        for home in organisation_ids
    }
