"""A hazard and its events as facts. Pure.

What it is comes from the hazard as it stands; when things happened comes from its events, the sealed ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hazard_flow.hazards.models import Hazard

#: what proves that a user was told in writing (domain 6.2, I10)
NOTICES = frozenset({"NOTICE_SIGNED", "DELIVERY_RECEIPT"})
#: the danger of a major, and of an A nobody classified by the catalogue, is to be under control within half an hour (domain 3.4.1 [D])
AT_ONCE = timedelta(minutes=30)
#: of the written notice (建城规〔2023〕4号 art. 9 [V], the hours [D]) and of the report of a major (安全生产法 第41条 [V], the hours [D])
NOTICE_WITHIN = REPORT_WITHIN = timedelta(hours=24)
_COMPLETE = ("risk_point", "failed_measure", "root_cause")


@dataclass(frozen=True)
class Deed:
    """One event of a person or of the engine, as far as facts need it."""

    action: str
    at: datetime
    fields: Mapping[str, Any]
    evidence: tuple[str, ...]
    #: the colour its notice has, or that a failed re-check raised it to; empty for none
    colour: str = ""


@dataclass
class _Course:
    """When things happened, event by event."""

    submitted_at: datetime | None = None
    first_recheck_at: datetime | None = None
    first_recheck_passed: bool | None = None
    passed_at: datetime | None = None
    extensions: int = 0
    notified_at: datetime | None = None
    orange_at: datetime | None = None
    red_at: datetime | None = None

    def take(self, deed: Deed) -> None:
        """One more event."""
        if deed.action == "submit":
            self.submitted_at, self.passed_at = deed.at, None
        elif deed.action in ("pass", "fail"):
            if self.first_recheck_at is None:
                self.first_recheck_at, self.first_recheck_passed = deed.at, deed.action == "pass"
            if deed.action == "pass":
                self.passed_at = deed.at
            else:
                self.submitted_at = None
        elif deed.action == "realarm":
            self.submitted_at = self.passed_at = None
        elif deed.action == "decide_extension" and deed.fields.get("decision") == "approved":
            self.extensions += 1
        if deed.colour in ("orange", "red") and self.orange_at is None:
            self.orange_at = deed.at
        if deed.colour == "red" and self.red_at is None:
            self.red_at = deed.at
        if self.notified_at is None and NOTICES.intersection(deed.evidence):
            self.notified_at = deed.at


def facts_of(hazard: Hazard, deeds: Iterable[Deed], *, is_hidden: bool) -> dict[str, Any]:
    """The row of a hazard, by column; `deeds` in their order."""
    course = _Course()
    for deed in deeds:
        course.take(deed)
    is_users = _is_users(hazard)
    marks = {name: datetime.fromisoformat(str(at)) for name, at in hazard.marks.items()}
    return {
        "hazard_id": hazard.id,
        "home_id": hazard.home_id,
        "organisation_id": hazard.organisation_id,
        "path": hazard.path,
        "division": hazard.division,
        "parties": hazard.parties,
        "number": hazard.number,
        "title": hazard.title,
        "level": hazard.level,
        "urgency": (hazard.urgency or "") if hazard.level == "general" else "",
        "source": hazard.source,
        "catalogue_code": hazard.catalogue_code or "",
        "asset_id": hazard.asset_id,
        "is_users": is_users,
        "is_hidden": is_hidden,
        "stage": hazard.stage,
        "resolution": hazard.resolution or "",
        "reopen_of_id": hazard.reopen_of_id,
        "found_at": hazard.found_at,
        "reported_at": hazard.reported_at,
        "assigned_at": marks.get("assigned_at"),
        "original_due_at": hazard.original_due_at,
        "due_at": hazard.due_at,
        "submitted_at": course.submitted_at,
        "first_recheck_at": course.first_recheck_at,
        "first_recheck_passed": course.first_recheck_passed,
        "passed_at": course.passed_at,
        "closed_at": hazard.closed_at,
        "orange_at": course.orange_at,
        "red_at": course.red_at,
        "listed_at": marks.get("listed"),
        "extensions": course.extensions,
        "control_due_at": _control_due_at(hazard),
        "controlled_at": _first(marks.get("control_started"), course.passed_at, hazard.closed_at),
        "notice_due_at": hazard.found_at + NOTICE_WITHIN if is_users else None,
        "notified_at": _first(course.notified_at, marks.get("user_notified")),
        "report_due_at": marks["confirmed_major"] + REPORT_WITHIN if "confirmed_major" in marks else None,
        "regulator_told_at": marks.get("regulator_told"),
        "is_complete": _is_complete(hazard),
        "seq": hazard.seq,
    }


def _is_users(hazard: Hazard) -> bool:
    """The user is liable: said so, or nobody said and it runs by the household workflow."""
    said = str(hazard.details.get("liable_party") or "")
    return said == "user" if said else hazard.workflow == "household"


def _control_due_at(hazard: Hazard) -> datetime | None:
    """By the catalogue row it was classified by, where that row names a measure; else at once for a major and an A."""
    row = next(iter((hazard.details.get("catalogue") or {}).values()), None)
    if row is not None:
        if str(row.get("interim_control") or "NONE") == "NONE" or not row.get("response_hours"):
            return None
        return hazard.found_at + timedelta(hours=float(row["response_hours"]))
    return hazard.found_at + AT_ONCE if hazard.level == "major" or hazard.urgency == "A" else None


def _is_complete(hazard: Hazard) -> bool:
    has_place = hazard.asset_id is not None or hazard.lon is not None
    return has_place and all(hazard.details.get(name) for name in _COMPLETE)


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def deed_of(action: str | None, at: datetime, data: Mapping[str, Any]) -> Deed:
    """An event's own words, as far as facts need them."""
    evidence = tuple(str(one.get("kind") or "") for one in data.get("evidence") or ())
    colour = data.get("colour") or (data.get("climbed") or {}).get("colour") or ""
    return Deed(action or "", at, data.get("fields") or {}, evidence, str(colour))
