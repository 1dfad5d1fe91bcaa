"""Findings as a reader sees them: sentences, names, where they lead. No request here."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.findings import ASSET, ENTERPRISE, HAZARD, Case, Finding, Ranked
from hazard_flow.assessment.radar.queries import Seen
from hazard_flow.assessment.radar.rules import RadarRules
from hazard_flow.hazards.views import tier
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.web.formats import deadline_text, instant_text

#: holes of sentences that are deadlines: midnight is the end of the day before
_DEADLINES = ("first", "due")


@dataclass(frozen=True)
class CaseRow:
    """A hazard behind a finding."""

    number: str
    title: str
    tier: int
    is_auditable: bool


@dataclass(frozen=True)
class FindingRow:
    """One finding in words."""

    signal: str
    signal_name: str
    subject: str
    #: the page of what it is about
    href: str
    home: uuid.UUID
    organisation: str
    score: int
    expected: str
    seen: str
    cases: tuple[CaseRow, ...]
    #: of a finding about one hazard, that hazard
    number: str = ""


@dataclass(frozen=True)
class RankedRow:
    """An enterprise or a hazard with its figure and what it is made of."""

    name: str
    href: str
    score: int
    #: (signal, its name, how often)
    signals: tuple[tuple[str, str, int], ...]
    findings: int
    #: of an enterprise: hazards it closed within the days
    closed: int = 0
    home: uuid.UUID | None = None
    case: CaseRow | None = None
    organisation: str = ""


@dataclass(frozen=True)
class Words:
    """What names and sentences are made with."""

    locale: str
    zone: ZoneInfo
    organisations: Mapping[uuid.UUID, str]
    now: datetime

    def finding(self, one: Finding) -> FindingRow:
        """A finding in words."""
        organisation = self.organisations.get(one.home_id, "—")
        about = one.cases[0] if one.about == HAZARD else None
        return FindingRow(
            signal=one.signal,
            signal_name=text(f"radar.{one.signal}.name", self.locale),
            subject=self._subject(one, organisation),
            href=_href(one),
            home=one.home_id,
            organisation=organisation,
            score=one.score,
            expected=self.sentence(f"radar.{one.signal}.expected", one.expected),
            seen=self.sentence(f"radar.{one.signal}.{one.variant}", one.seen),
            cases=tuple(map(case_row, one.cases)),
            number=about.number if about else "",
        )

    def sentence(self, key: str, params: Mapping[str, Any]) -> str:
        """A sentence with its holes filled as people of this language write them."""
        return text(
            key, self.locale, **{"_": "", **{name: self._said(name, value) for name, value in params.items()}}
        )

    def _said(self, name: str, value: Any) -> Any:
        if isinstance(value, datetime) and name in _DEADLINES:
            return deadline_text(value, self.locale, self.zone, self.now)
        if isinstance(value, datetime):
            return instant_text(value, self.zone)
        if isinstance(value, tuple):
            joint = "、" if self.locale == "zh" else ", "
            return joint.join(text(f"radar.doubt.{one}", self.locale) for one in value)
        return value

    def _subject(self, one: Finding, organisation: str) -> str:
        if one.about == HAZARD:
            return one.cases[0].title
        if one.about == ENTERPRISE:
            return f"{organisation} {one.seen.get('month', '')}".strip()
        return one.name.in_(self.locale) if one.name is not None else organisation


def words(session: Session, seen: Iterable[uuid.UUID], locale: str, zone: ZoneInfo, now: datetime) -> Words:
    """The words for these enterprises."""
    found = identity.organisation_labels(session, seen)
    return Words(locale, zone, {id_: one.label.in_(locale) for id_, one in found.items()}, now)


def case_row(case: Case) -> CaseRow:
    """A hazard behind a finding as it is drawn."""
    return CaseRow(case.number, case.title or case.number, tier(case.level, case.urgency), case.is_auditable)


def enterprise_rows(found: Seen, said: Words) -> list[RankedRow]:
    """The enterprises in their order."""
    return [
        RankedRow(
            name=said.organisations.get(one.subject_id, "—"),
            href=f"/radar?organisation={one.subject_id}",
            score=one.score,
            signals=_signals(one, said.locale),
            findings=len(one.findings),
            closed=found.closed.get(one.subject_id, 0),
            home=one.subject_id,
        )
        for one in found.enterprises
    ]


def hazard_rows(found: Sequence[tuple[Case, Ranked]], said: Words) -> list[RankedRow]:
    """The hazards in their order."""
    return [
        RankedRow(
            name=case.title or case.number,
            href=f"/hazards/{case.number}",
            score=one.score,
            signals=_signals(one, said.locale),
            findings=len(one.findings),
            home=case.home_id,
            case=case_row(case),
            organisation=said.organisations.get(case.home_id, "—"),
        )
        for case, one in found
    ]


def thresholds(rules: RadarRules, signal: str, locale: str) -> list[tuple[str, int, str]]:
    """(name, value, mark) of a signal's thresholds."""
    return [
        (text(f"radar.threshold.{name}", locale), one.value, one.mark)
        for name, one in rules.signals[signal].items()
    ]


def _signals(one: Ranked, locale: str) -> tuple[tuple[str, str, int], ...]:
    return tuple(
        (key, text(f"radar.{key}.name", locale), sum(f.signal == key for f in one.findings))
        for key in one.signals
    )


def _href(one: Finding) -> str:
    if one.about == HAZARD:
        return f"/hazards/{one.cases[0].number}"
    if one.about == ASSET:
        return f"/assets/{one.subject_id}"
    return f"/hazards?organisation={one.subject_id}"
