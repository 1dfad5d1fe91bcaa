"""A question as a value: what hazards it is narrowed to, by what they are grouped, what is measured. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.hazards.filtering import query_of
from hazard_flow.hazards.narrowing import instant
from hazard_flow.hazards.queries import Filter, read_filter

DIMENSIONS = (
    "organisation", "team", "division", "level", "urgency", "stage", "source", "category", "code", "month", "asset_kind", "liable",
)  # fmt: skip
MEASURES = ("count", "open", "overdue", "closed", "closing_share", "median_days")
#: spans of finding that move with the day they are asked on
PERIODS = ("this_month", "last_month", "last_30_days", "this_year")
GROUPS_MAX = 2
#: the words of the filter, the same as the list of hazards reads
FILTER_WORDS = (
    "q", "stage", "level", "urgency", "organisation", "division", "overdue", "mine", "open", "state", "workflow", "flag", "colour",
    "source", "protected", "asset", "code", "category", "asset_kind", "liable", "unit", "found_since", "found_before",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What is asked."""

    filter: Filter = field(default_factory=Filter)
    groups: tuple[str, ...] = ()
    measures: tuple[str, ...] = MEASURES
    period: str = ""

    @property
    def words(self) -> dict[str, str]:
        """The filter as query parameters, only what is set."""
        return query_of(self.filter)

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "filter": self.words,
            "groups": list(self.groups),
            "measures": list(self.measures),
            "period": self.period,
        }

    def pairs(self) -> list[tuple[str, str]]:
        """As parameters of an address."""
        found = [*self.words.items()]
        found += [("group", one) for one in self.groups] + [("measure", one) for one in self.measures]
        return [*found, ("period", self.period)] if self.period else found


def read_question(
    raw: Mapping[str, str], groups: Sequence[str], measures: Sequence[str], period: str = ""
) -> Question:
    """The question out of what was given; every wrong field is listed. No groups asks for the sum alone, no measures for all."""
    problems: list[FieldError] = [
        FieldError(name[:40], "unknown_field") for name in raw if name not in FILTER_WORDS
    ]
    wanted = Filter()
    try:
        wanted = read_filter({name: raw[name] for name in raw if name in FILTER_WORDS})
    except BadRequest as wrong:
        problems += wrong.fields
    chosen = tuple(one for one in groups if one)
    problems += _unknown("group", chosen, DIMENSIONS) + _unknown("measure", measures, MEASURES)
    if len(chosen) > GROUPS_MAX:
        problems.append(FieldError("group", "too_many", {"at_most": GROUPS_MAX}))
    if len(set(chosen)) < len(chosen):
        problems.append(FieldError("group", "given_twice"))
    problems += _unknown("period", [period] if period else [], PERIODS)
    if problems:
        raise BadRequest("bad question", fields=problems)
    ordered = tuple(one for one in MEASURES if one in measures) or MEASURES
    return Question(wanted, chosen, ordered, period)


def from_plain(stored: Mapping[str, Any]) -> Question:
    """A stored question; raises BadRequest where it holds words this release no longer knows."""
    return read_question(
        stored.get("filter", {}),
        stored.get("groups", []),
        stored.get("measures", []),
        stored.get("period", ""),
    )


def on_the_day(question: Question, now: datetime, zone: ZoneInfo) -> Question:
    """The question with its moving span as instants: what the days are at `now`, narrowed further by what it says itself."""
    if not question.period:
        return question
    since, before = span(question.period, now.astimezone(zone).date(), zone)
    own_since, own_before = instant(question.filter.found_since), instant(question.filter.found_before)
    wanted = replace(
        question.filter,
        found_since=max(filter(None, (since, own_since))).isoformat(),
        found_before=min(filter(None, (before, own_before))).isoformat(),
    )
    return replace(question, filter=wanted, period="")


def span(period: str, today: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of a span and the first one after it."""
    first = today.replace(day=1)
    days = {
        "this_month": (first, today + timedelta(days=1)),
        "last_month": ((first - timedelta(days=1)).replace(day=1), first),
        "last_30_days": (today - timedelta(days=29), today + timedelta(days=1)),
        "this_year": (today.replace(month=1, day=1), today + timedelta(days=1)),
    }
    begins, ends = days[period]
    return datetime.combine(begins, time(), zone), datetime.combine(ends, time(), zone)


def _unknown(name: str, given: Sequence[str], known: Sequence[str]) -> list[FieldError]:
    return [FieldError(name, "unknown_choice", {"value": str(one)[:40]}) for one in given if one not in known]
