"""What the pages of hazards draw: frozen values, words already in the reader's language, instants aware UTC. No request, no session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from markupsafe import Markup

from hazard_flow.hazards.case_views import (
    ActionForm,
    ActionGroup,
    Clock,
    DoubtLine,
    Evidence,
    EvidencePair,
    EvidenceSlot,
    Fact,
    Firing,
    HazardPage,
    Originality,
    PhotoTime,
    Reason,
    Step,
    TimelineEntry,
)
from hazard_flow.hazards.marks import SOON, STAGE_FILL, Countdown, Tier, countdown, tier
from hazard_flow.hazards.matter_views import Related
from hazard_flow.web.views import FormError, FormField, InboxItem, Kpi, Paging

__all__ = [
    "SOON",
    "STAGE_FILL",
    "ActionForm",
    "ActionGroup",
    "ActiveFilter",
    "Board",
    "BoardColumn",
    "BulkAct",
    "BulkForm",
    "BulkItem",
    "Clock",
    "Countdown",
    "DoubtLine",
    "Evidence",
    "EvidencePair",
    "EvidenceSlot",
    "Fact",
    "FilterSelect",
    "Firing",
    "HazardList",
    "HazardPage",
    "HazardRow",
    "ListFilters",
    "MyWork",
    "Originality",
    "PhotoTime",
    "Reason",
    "ReportForm",
    "Step",
    "Tier",
    "TierCount",
    "TimelineEntry",
    "countdown",
    "tier",
]


@dataclass(frozen=True)
class HazardRow:
    """A hazard in a list, on a card of the board, in somebody's work."""

    number: str
    title: str
    level: str
    urgency: str | None
    stage: str
    state_label: str
    organisation: str
    place: str
    found_at: datetime
    #: who owes the next step; empty while nobody was named
    responsible: str = ""
    #: the next deadline; None on a closed hazard
    clock: Countdown | None = None
    closed_at: datetime | None = None
    #: on a closed hazard: how much earlier (positive) or later (negative) than its original deadline
    ahead: timedelta | None = None
    photo_count: int = 0
    thumbnail_url: str | None = None
    #: process colour of the last notice
    colour: str | None = None
    is_blind: bool = False
    is_incomplete: bool = False
    #: gas alarm, 2 is the worse; None without one
    alarm_level: int | None = None
    #: what stands open on it, in a word each
    marks: tuple[str, ...] = ()
    #: what the reader is asked to do with it (`my work` only)
    owed: str = ""
    #: acts the reader may do to many at once and to this one; why not where there is none
    bulk: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def tier(self) -> Tier:
        """The shape of its level."""
        return tier(self.level, self.urgency)

    @property
    def stage_fill(self) -> int:
        """How full the stage circle is, 0–100."""
        return STAGE_FILL[self.stage]

    @property
    def href(self) -> str:
        """Its page."""
        return f"/hazards/{self.number}"


@dataclass(frozen=True)
class TierCount:
    """How many open hazards have one shape, and the filter that shows them."""

    tier: Tier
    count: int
    href: str
    is_on: bool = False


@dataclass(frozen=True)
class ActiveFilter:
    """A condition that is set, and the address without it."""

    label: str
    drop_href: str


@dataclass(frozen=True)
class FilterSelect:
    """One condition to be chosen from a list; the empty value chooses none."""

    name: str
    label: str
    any_label: str
    value: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class BulkAct:
    """An act the reader may do to many hazards at once."""

    action: str
    label: str
    icon: str


@dataclass(frozen=True)
class ListFilters:
    """What the list and the board are narrowed to; both show the same filter. Choices are (value, label)."""

    q: str = ""
    stage: str = ""
    urgency: str = ""
    organisation: str = ""
    overdue: bool = False
    mine: bool = False
    stages: tuple[tuple[str, str], ...] = ()
    organisations: tuple[tuple[str, str], ...] = ()
    tiers: tuple[TierCount, ...] = ()
    #: rarer conditions, behind a button
    more: tuple[FilterSelect, ...] = ()
    #: the reader may ask for what was reported past a manager
    may_ask_protected: bool = False
    protected: bool = False
    active: tuple[ActiveFilter, ...] = ()
    #: everything that is set: (name, value)
    asked: tuple[tuple[str, str], ...] = ()
    #: this filter as a query string, without the question mark
    query: str = ""


@dataclass(frozen=True)
class HazardList:
    """The table of hazards."""

    rows: tuple[HazardRow, ...]
    filters: ListFilters
    paging: Paging
    scope_label: str = ""
    may_report: bool = False
    bulk: tuple[BulkAct, ...] = ()


@dataclass(frozen=True)
class BoardColumn:
    """One column of the board; `fill_percent` fills its circle, `count` also counts the cards not drawn."""

    key: str
    title: str
    fill_percent: int
    count: int
    rows: tuple[HazardRow, ...]
    more_href: str | None = None
    #: the column holds more than one state, so the cards say which
    shows_state: bool = False


@dataclass(frozen=True)
class Board:
    """The board: figures, filter, columns."""

    columns: tuple[BoardColumn, ...]
    filters: ListFilters
    kpis: tuple[Kpi, ...] = ()
    scope_label: str = ""
    may_report: bool = False
    bulk: tuple[BulkAct, ...] = ()


@dataclass(frozen=True)
class MyWork:
    """A person's first page: what they owe, what they must acknowledge, what they wait for."""

    name: str
    today: date
    part_of_day: Literal["morning", "noon", "afternoon", "evening"]
    team: str = ""
    #: soonest deadline first
    owed: tuple[HazardRow, ...] = ()
    owed_total: int = 0
    to_acknowledge: tuple[InboxItem, ...] = ()
    #: reported by me or handed on by me, still open
    waiting: tuple[HazardRow, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    may_report: bool = False
    #: pieces registered by other features
    tiles: tuple[Markup, ...] = ()


@dataclass(frozen=True)
class ReportForm:
    """The report form.

    `fields` by name: title, description, found_at, place, asset_id, suspected_urgency, category, site_condition,
    leak_reading, leak_unit, onsite_action; a field that is not given is not drawn, an unknown one is drawn at the end of its part.
    """

    fields: Mapping[str, FormField]
    request_key: str
    photos: EvidenceSlot
    #: the creating action where it is not the ordinary report
    action: str = ""
    #: the reader has a manager to report past
    may_protect: bool = False
    #: the closed hazard this is a relapse of
    origin: Related | None = None
    #: what the catalogue proposes for the chosen row, one line
    proposals: str = ""
    errors: tuple[FormError, ...] = ()
    #: the same place has open hazards already
    nearby: tuple[HazardRow, ...] = ()


@dataclass(frozen=True)
class BulkItem:
    """One hazard of an act on many: waiting, done, or refused with the reasons."""

    row: HazardRow
    version: int
    status: Literal["waiting", "done", "refused"] = "waiting"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class BulkForm:
    """An act on many hazards: the form and what it is about, or what became of each."""

    action: str
    label: str
    icon: str
    items: tuple[BulkItem, ...]
    #: chosen, but not to be done: shown with the reason, left out of the form
    barred: tuple[BulkItem, ...] = ()
    fields: tuple[FormField, ...] = ()
    request_key: str = ""
    errors: tuple[FormError, ...] = ()
    #: where the reader came from
    back_href: str = "/hazards"
    is_result: bool = False

    @property
    def done(self) -> int:
        """How many were done."""
        return sum(1 for one in self.items if one.status == "done")

    @property
    def refused(self) -> tuple[BulkItem, ...]:
        """Those that were not."""
        return tuple(one for one in self.items if one.status == "refused")
