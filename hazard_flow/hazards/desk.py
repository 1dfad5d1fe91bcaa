"""Lists, board and "my work" as the pages draw them. Reads only."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.hazards import figures, queries, working
from hazard_flow.hazards.filtering import filters, href, query_of
from hazard_flow.hazards.many import choosing
from hazard_flow.hazards.queries import Filter
from hazard_flow.hazards.rows import Selectable, rows
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.views import Board, BoardColumn, HazardList, MyWork
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
    able = choosing.selectable(session, list(found.items), actor, locale=locale, now=now)
    return HazardList(
        rows=rows(session, list(found.items), locale=locale, now=now, bulk=able),
        filters=filters(session, actor, wanted, "/hazards", locale=locale, now=now),
        paging=paging,
        scope_label=scope_label(session, actor, locale),
        may_report=may(actor, "hazards.report"),
        bulk=choosing.acts(rules_of(session), able, locale),
    )


def board(session: Session, actor: Actor, wanted: Filter, *, locale: str, now: datetime) -> Board:
    """The board: one column a stage, its newest cards, its whole count."""
    stages = rules_of(session).fields.stages
    totals: dict[str, int] = {}
    for stage, _, _, count in queries.grouped(session, wanted, now=now):
        totals[stage] = totals.get(stage, 0) + count
    columns = []
    able: dict[uuid.UUID, Selectable] = {}
    for stage, fill in _FILLS.items():
        shown = queries.by_stage(session, replace(wanted, stage=stage), now=now, limit=CARDS_PER_COLUMN)
        count = totals.get(stage, 0)
        able |= choosing.selectable(session, shown, actor, locale=locale, now=now)
        columns.append(
            BoardColumn(
                key=stage,
                title=stages[stage].in_(locale),
                fill_percent=fill,
                count=count,
                shows_state=stage == "rectifying",
                rows=rows(session, shown, locale=locale, now=now, bulk=able),
                more_href=href("/hazards", query_of(replace(wanted, stage=stage)))
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
        bulk=choosing.acts(rules_of(session), able, locale),
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
    owed, waiting = working.owed(session, actor, now=now)
    hazards = [one.hazard for one in owed[:OWED_SHOWN]]
    labels = {one.hazard.id: one.label.in_(locale) for one in owed}
    local = now.astimezone(zone)
    return MyWork(
        name=actor.name,
        today=local.date(),
        part_of_day=_part_of_day(local.hour),
        team=scope_label(session, actor, locale),
        owed=rows(session, hazards, locale=locale, now=now, owed=labels),
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
