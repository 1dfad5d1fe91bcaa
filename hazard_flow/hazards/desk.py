"""Lists, board and "my work" as the pages draw them. Reads only."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.hazards import figures, queries
from hazard_flow.hazards.queries import Filter
from hazard_flow.hazards.rows import rows
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.views import (
    ActiveFilter,
    Board,
    BoardColumn,
    HazardList,
    ListFilters,
    MyWork,
    TierCount,
    tier,
)
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.paging import Page
from hazard_flow.web.views import InboxItem, Kpi, Paging

CARDS_PER_COLUMN = 20
OWED_SHOWN = 8
WAITING_SHOWN = 5
SOON = timedelta(hours=24)
_FILLS = {"reported": 0, "assigned": 25, "rectifying": 50, "verified": 75, "closed": 100}
_TIERS = ((1, "M"), (2, "A"), (3, "B"), (4, "C"))


def filters(
    session: Session, actor: Actor, wanted: Filter, path: str, *, locale: str, now: datetime
) -> ListFilters:
    """The filter as the reader sees it: choices, counts of each shape among what is open, and what is set."""
    rules = rules_of(session)
    stages = rules.fields.stages
    units = identity.enterprises(session) if any(h.regulator for h in actor.holdings) else []
    organisations = tuple((str(o.id), o.label.in_(locale)) for o in units)
    base = replace(wanted, urgency="", level="", open_only=True)
    counts: dict[int, int] = {}
    for _, level, urgency, count in queries.grouped(session, base, now=now):
        shape = tier(level, urgency)
        counts[shape] = counts.get(shape, 0) + count
    asked = query_of(wanted)
    active = tuple(
        ActiveFilter(
            label=_active_label(name, value, rules, organisations, locale),
            drop_href=_href(path, asked, **{name: None}),
        )
        for name, value in asked.items()
    )
    return ListFilters(
        q=wanted.q,
        stage=wanted.stage,
        urgency=wanted.urgency,
        organisation=str(wanted.organisation) if wanted.organisation else "",
        overdue=wanted.overdue,
        mine=wanted.mine,
        state=wanted.state,
        workflow=wanted.workflow,
        open_only=wanted.open_only,
        stages=tuple((key, label.in_(locale)) for key, label in stages.items()),
        organisations=organisations,
        tiers=tuple(
            TierCount(
                tier=shape,  # type: ignore[arg-type]
                count=counts.get(shape, 0),
                href=_href(path, asked, urgency=None if wanted.urgency == urgency else urgency),
                is_on=wanted.urgency == urgency,
            )
            for shape, urgency in _TIERS
        ),
        active=active,
        query=urlencode(asked),
    )


def query_of(wanted: Filter) -> dict[str, str]:
    """The filter as query parameters, only what is set."""
    found = {
        "q": wanted.q,
        "stage": wanted.stage,
        "level": wanted.level,
        "urgency": wanted.urgency,
        "organisation": str(wanted.organisation) if wanted.organisation else "",
        "division": wanted.division,
        "overdue": "1" if wanted.overdue else "",
        "mine": "1" if wanted.mine else "",
        "state": wanted.state,
        "workflow": wanted.workflow,
        "open": "1" if wanted.open_only else "",
    }
    return {name: value for name, value in found.items() if value}


def _href(path: str, asked: Mapping[str, str], **changed: str | None) -> str:
    merged = {**asked, **changed}
    query = urlencode({name: value for name, value in merged.items() if value})
    return f"{path}?{query}" if query else path


def _active_label(
    name: str,
    value: str,
    rules: Rules,
    organisations: tuple[tuple[str, str], ...],
    locale: str,
) -> str:
    if name == "stage":
        return text(f"web.stage.{value}", locale)
    if name == "urgency":
        return text(f"hazards.tier.{value}", locale)
    if name == "level":
        return text(f"hazards.level.{value}", locale)
    if name == "organisation":
        return dict(organisations).get(value, value)
    if name in ("state", "workflow"):
        return _rule_label(name, value, rules, locale)
    if name in ("overdue", "mine", "open"):
        return text(f"hazards.filter.{name}", locale)
    return value


def _rule_label(name: str, value: str, rules: Rules, locale: str) -> str:
    """What people call a state or a workflow; the newest version that has it says."""
    key, _, version = value.partition(".v")
    newest = sorted(rules.workflows.values(), key=lambda workflow: -workflow.version)
    if name == "state":
        labels = [workflow.states[value].label for workflow in newest if value in workflow.states]
    else:
        labels = [workflow.label for workflow in newest if workflow.key == key]
    said = labels[0].in_(locale) if labels else value
    return f"{said} v{version}" if version else said


def listing(
    session: Session,
    actor: Actor,
    wanted: Filter,
    found: Page,  # type: ignore[type-arg]
    paging: Paging,
    *,
    locale: str,
    now: datetime,
) -> HazardList:
    """The table."""
    return HazardList(
        rows=rows(session, list(found.items), locale=locale, now=now),
        filters=filters(session, actor, wanted, "/hazards", locale=locale, now=now),
        paging=paging,
        scope_label=scope_label(session, actor, locale),
        may_report=may(actor, "hazards.report"),
    )


def board(session: Session, actor: Actor, wanted: Filter, *, locale: str, now: datetime) -> Board:
    """The board: one column a stage, its newest cards, its whole count."""
    stages = rules_of(session).fields.stages
    totals: dict[str, int] = {}
    for stage, _, _, count in queries.grouped(session, wanted, now=now):
        totals[stage] = totals.get(stage, 0) + count
    columns = []
    for stage, fill in _FILLS.items():
        shown = queries.by_stage(session, replace(wanted, stage=stage), now=now, limit=CARDS_PER_COLUMN)
        count = totals.get(stage, 0)
        columns.append(
            BoardColumn(
                key=stage,
                title=stages[stage].in_(locale),
                fill_percent=fill,
                count=count,
                shows_state=stage == "rectifying",
                rows=rows(session, shown, locale=locale, now=now),
                more_href=_href("/hazards", query_of(replace(wanted, stage=stage)))
                if count > len(shown)
                else None,
            )
        )
    return Board(
        columns=tuple(columns),
        filters=filters(session, actor, wanted, "/hazards/board", locale=locale, now=now),
        kpis=_kpis(session, locale=locale, now=now),
        scope_label=scope_label(session, actor, locale),
        may_report=may(actor, "hazards.report"),
    )


def _kpis(session: Session, *, locale: str, now: datetime) -> tuple[Kpi, ...]:
    found = figures.of_scope(session, now=now)
    on_time = f"{found.on_time_percent:.1f}" if found.on_time_percent is not None else "–"
    mean = f"{found.mean_days:.1f}" if found.mean_days is not None else "–"
    last = text("hazards.kpi.last_30_days", locale)
    return (
        Kpi(
            text("hazards.kpi.open", locale),
            str(found.open),
            note=text("hazards.kpi.unassigned", locale, n=found.unassigned),
        ),
        Kpi(
            text("hazards.kpi.overdue", locale),
            str(found.overdue),
            tone="strong" if found.overdue else "plain",
            href="/hazards?overdue=1",
        ),
        Kpi(text("hazards.kpi.soon", locale), str(found.due_soon)),
        Kpi(text("hazards.kpi.on_time", locale), on_time, unit="%" if on_time != "–" else "", note=last),
        Kpi(
            text("hazards.kpi.mean", locale),
            mean,
            unit=text("hazards.kpi.days", locale) if mean != "–" else "",
            note=last,
        ),
    )


def my_work(
    session: Session,
    actor: Actor,
    *,
    notices: tuple[InboxItem, ...],
    tiles: tuple[Markup, ...],
    locale: str,
    now: datetime,
    zone: ZoneInfo,
) -> MyWork:
    """What the person owes now, what they must acknowledge, what they wait for."""
    owed, waiting = figures.owed(session, actor, now=now)
    local = now.astimezone(zone)
    return MyWork(
        name=actor.name,
        today=local.date(),
        part_of_day=_part_of_day(local.hour),
        team=scope_label(session, actor, locale),
        owed=rows(session, owed[:OWED_SHOWN], locale=locale, now=now, owed=True),
        owed_total=len(owed),
        to_acknowledge=notices,
        waiting=rows(session, waiting[:WAITING_SHOWN], locale=locale, now=now),
        kpis=_kpis(session, locale=locale, now=now) if any(h.regulator for h in actor.holdings) else (),
        may_report=may(actor, "hazards.report"),
        tiles=tiles,
    )


def scope_label(session: Session, actor: Actor, locale: str) -> str:
    """Whose hazards these are, in words."""
    units = identity.organisation_labels(session, {h.organisation_id for h in actor.holdings})
    return text("web.and", locale).join(sorted({u.label.in_(locale) for u in units.values()}))


def _part_of_day(hour: int) -> Literal["morning", "noon", "afternoon", "evening"]:
    if 5 <= hour < 11:
        return "morning"
    if 11 <= hour < 13:
        return "noon"
    return "afternoon" if 13 <= hour < 18 else "evening"
