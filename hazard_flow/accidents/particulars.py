"""What people say of an accident, read from a form or a JSON body: everything that is wrong is told at once, nothing is guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.accidents.classes import Toll
from hazard_flow.accidents.models import CATEGORIES, KINDS
from hazard_flow.errors import FieldError

TEXT_MAX = 4000
TITLE_MAX = 120
PEOPLE_MAX = 9999
LOSS_YUAN_MAX = 10**12
USERS_MAX = 100_000_000
GAS_M3_MAX = 1e9
#: a slip of two clocks, no more: what lies ahead has not happened
AHEAD_MAX = timedelta(minutes=5)
COUNTS = ("dead", "seriously_injured", "slightly_injured", "missing")
FIGURES = (*COUNTS, "loss_yuan", "gas_escaped_m3", "users_affected")
WORDS = ("title", "description", "place", "measures")
CAUSES = ("cause_direct", "cause_indirect", "cause_management", "lesson")
_WHOLE = re.compile(r"[0-9]{1,13}")


@dataclass(frozen=True)
class Figures:
    """The toll and what else is counted."""

    dead: int = 0
    seriously_injured: int = 0
    slightly_injured: int = 0
    missing: int = 0
    loss_yuan: int = 0
    gas_escaped_m3: float | None = None
    users_affected: int | None = None

    @property
    def toll(self) -> Toll:
        """What the class follows from."""
        return Toll(self.dead, self.seriously_injured, self.loss_yuan)

    def plain(self) -> dict[str, Any]:
        """As a step keeps it."""
        return {name: getattr(self, name) for name in FIGURES}


@dataclass
class Reading:
    """Asks a form for values; what does not fit is noted and a plain value stands in its place."""

    given: Mapping[str, Any]
    zone: ZoneInfo
    now: datetime
    faults: list[FieldError] = field(default_factory=list)

    def words(self, name: str, *, needed: bool = False, at_most: int = TEXT_MAX) -> str:
        """A text."""
        value = self.given.get(name)
        said = str(value).strip() if value is not None else ""
        if needed and not said:
            self.faults.append(FieldError(name, "required"))
        if len(said) > at_most:
            self.faults.append(FieldError(name, "too_long", {"at_most": at_most}))
        if "\0" in said:
            self.faults.append(FieldError(name, "wrong_type", {"reason": "NUL"}))
            return ""
        return said

    def choice(self, name: str, allowed: tuple[str, ...], default: str = "") -> str:
        """One of the known words."""
        said = self.words(name) or default
        if not said:
            self.faults.append(FieldError(name, "required"))
        elif said not in allowed:
            self.faults.append(FieldError(name, "unknown_choice", {"value": said[:40]}))
        return said

    def count(self, name: str, *, at_most: int = PEOPLE_MAX) -> int | None:
        """A whole number; None where nothing is said."""
        said = self.words(name, at_most=40)
        if not said:
            return None
        if not _WHOLE.fullmatch(said) or int(said) > at_most:
            self.faults.append(FieldError(name, "out_of_range", {"minimum": 0, "maximum": at_most}))
            return None
        return int(said)

    def number(self, name: str, *, at_most: Decimal) -> Decimal | None:
        """A number of no less than zero; None where nothing is said."""
        said = self.words(name, at_most=40)
        if not said:
            return None
        try:
            value = Decimal(said)
            if value.is_finite() and 0 <= value <= at_most:
                return value
        except InvalidOperation:
            pass
        self.faults.append(FieldError(name, "out_of_range", {"minimum": 0, "maximum": str(at_most)}))
        return None

    def instant(self, name: str, *, needed: bool = True) -> datetime | None:
        """An instant that has passed: ISO with a zone, or a clock on the wall of the organisation's own."""
        said = self.words(name, needed=needed, at_most=40)
        if not said:
            return None
        try:
            read = datetime.fromisoformat(said)
            at = (read if read.tzinfo else read.replace(tzinfo=self.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.faults.append(FieldError(name, "not_an_instant", {"value": said}))
            return None
        if at > self.now + AHEAD_MAX:
            self.faults.append(FieldError(name, "in_the_future", {"latest": self.now}))
            return None
        return min(at, self.now)

    def figures(self) -> Figures:
        """Toll and counts; what is not said is nothing."""
        gas = self.number("gas_escaped_m3", at_most=Decimal(str(GAS_M3_MAX)))
        return Figures(
            **{name: self.count(name) or 0 for name in COUNTS},
            loss_yuan=self.count("loss_yuan", at_most=LOSS_YUAN_MAX) or 0,
            gas_escaped_m3=float(gas) if gas is not None else None,
            users_affected=self.count("users_affected", at_most=USERS_MAX),
        )


@dataclass(frozen=True)
class Registration:
    """What a first entry says."""

    kind: str
    category: str
    title: str
    description: str
    place: str
    measures: str
    occurred_at: datetime
    known_at: datetime
    figures: Figures
    asset: str
    organisation: str


def registration(reading: Reading, *, has_place: bool = False) -> Registration | None:
    """A first entry; None, with `faults` filled, where something is wrong. `has_place`: another thing says where."""
    kind = reading.choice("kind", KINDS, "accident")
    category = reading.choice("category", CATEGORIES)
    title = reading.words("title", needed=True, at_most=TITLE_MAX)
    description = reading.words("description", needed=True)
    place = reading.words("place", needed=not (has_place or reading.given.get("asset")), at_most=200)
    measures = reading.words("measures")
    occurred_at = reading.instant("occurred_at")
    known_at = reading.instant("known_at", needed=False) or occurred_at
    if occurred_at and known_at and known_at < occurred_at:
        reading.faults.append(FieldError("known_at", "before_it_happened"))
    figures = reading.figures()
    if kind == "near_miss" and (figures.dead or figures.seriously_injured or figures.missing):
        reading.faults.append(FieldError("kind", "no_near_miss"))
    asset, organisation = reading.words("asset", at_most=80), reading.words("organisation", at_most=40)
    if reading.faults or occurred_at is None or known_at is None:
        return None
    return Registration(
        kind, category, title, description, place, measures, occurred_at, known_at, figures, asset, organisation
    )  # fmt: skip
