"""What stands beside a hazard's way, as its page draws it: open requests and measures, duties, hazards that belong to it. Frozen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hazard_flow.hazards.marks import Countdown

DutyStatus = Literal["done", "waiting", "due", "overdue", "open"]


@dataclass(frozen=True)
class Way:
    """A form on this page that settles something, for who may use it."""

    action: str
    label: str


@dataclass(frozen=True)
class Matter:
    """A request or measure that stands open: since when and by whom, what it says, until when somebody answers."""

    key: str
    label: str
    icon: str
    since: datetime | None = None
    by: str = ""
    #: sentences: what is asked, what was put in place
    lines: tuple[str, ...] = ()
    #: until when the answer is due; None where no limit runs
    clock: Countdown | None = None
    #: what is waited for, one sentence
    waits: str = ""
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Duty:
    """Something the law asks beside the work: done, awaited from somebody, due, overdue, or still open without a limit."""

    key: str
    label: str
    status: DutyStatus
    at: datetime | None = None
    note: str = ""
    clock: Countdown | None = None
    way: Way | None = None


@dataclass(frozen=True)
class Related:
    """Another hazard this one belongs to, in words: relapse of, split from, merged into, and the reverse."""

    label: str
    number: str
    title: str
    state_label: str
    icon: str

    @property
    def href(self) -> str:
        """Its page."""
        return f"/hazards/{self.number}"
