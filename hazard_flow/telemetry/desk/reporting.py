"""The figures of a span out of the rows: what the desk's pages and programs are told of its load."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.telemetry.desk import kpis, queries
from hazard_flow.telemetry.desk.kpis import Figures, Occurrence
from hazard_flow.telemetry.desk.rules import desk_rules

#: what is reported on by itself, and at most
SPAN, SPAN_MAX = timedelta(days=7), timedelta(days=31)


def figures(session: Session, *, since: datetime, until: datetime) -> Figures:
    """The figures of a span, measured against the desk's targets."""
    return figures_of(queries.occurrences(session, since=since, until=until), since=since, until=until)


def figures_of(occurrences: list[Occurrence], *, since: datetime, until: datetime) -> Figures:
    """The same of occurrences already read."""
    rules = desk_rules()
    return kpis.figures(
        occurrences,
        since=since,
        until=until,
        operators=rules.operators,
        flood_above=rules.targets.flood_above,
        flood_below=rules.targets.flood_below,
        chatter_changes=rules.targets.chatter_changes,
        stale_after=rules.targets.stale_after,
        top=rules.targets.top,
    )
