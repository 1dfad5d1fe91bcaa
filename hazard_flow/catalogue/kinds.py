"""The kinds of files this feature takes and writes: `catalogue`, `policy`, `calendar`."""

from collections.abc import Collection
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.catalogue import calendar_lines, catalogue_lines, policy_lines, queries, rows
from hazard_flow.catalogue.calendars import NATIONAL
from hazard_flow.catalogue.models import CALENDAR, CATALOGUE, POLICY
from hazard_flow.catalogue.operations import import_calendar, import_catalogue, import_policy
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.exchange.kinds import ExportOrder, Kind
from hazard_flow.exchange.writing import write
from hazard_flow.i18n import Label
from hazard_flow.identity.roles import division_prefix
from hazard_flow.workflow.calendar import china

ENDINGS = (".csv", ".yaml", ".json")
SHIPPED_CALENDAR = "国务院办公厅关于部分节假日安排的通知"


def kinds(limits: Collection[str]) -> tuple[Kind, ...]:
    """All three; `limits` are the time limits of the installed workflows, as `workflow.timer`."""
    return (
        Kind(
            CATALOGUE,
            Label(zh="地方隐患目录", en="Local hazard catalogue"),
            ENDINGS,
            import_catalogue,
            export_catalogue,
        ),
        Kind(
            POLICY,
            Label(zh="地方政策", en="Local policy"),
            ENDINGS,
            partial(import_policy, limits=limits),
            export_policy,
        ),
        Kind(
            CALENDAR,
            Label(zh="工作日历", en="Working-day calendar"),
            ENDINGS,
            import_calendar,
            export_calendar,
        ),
    )


def export_policy(session: Session, order: ExportOrder) -> str:
    """Policy rows in force or to come, as `import_policy` takes them."""
    found = [queries.policy_row(row) for row in queries.newest_policy(session).values() if not row.withdrawn]
    if order.with_shipped:
        found = [*shipped_policy().rows, *found]
    chosen = [row for row in found if row.division.startswith(_prefix(order))]
    as_text = order.ending == ".csv"
    return write(
        order.ending, policy_lines.COLUMNS, [policy_lines.as_record(row, as_text=as_text) for row in chosen]
    )


def export_catalogue(session: Session, order: ExportOrder) -> str:
    """Catalogue rows, as `import_catalogue` takes them."""
    found = [
        queries.catalogue_row(row)
        for row in queries.newest_catalogue(session).values()
        if not row.withdrawn and row.authority_division.startswith(_prefix(order))
    ]
    if order.with_shipped and not order.division:
        found = [*rows.load().values(), *found]
    return write(order.ending, catalogue_lines.COLUMNS, [catalogue_lines.as_record(row) for row in found])


def export_calendar(session: Session, order: ExportOrder) -> str:
    """The newest edition of each year, as `import_calendar` takes it."""
    found = sorted(queries.imported_years(session), key=lambda one: (one.division, one.year))
    if order.with_shipped:
        imported = {one.year for one in found if one.division == NATIONAL}
        shipped = calendar_lines.shipped_years(china(), source=SHIPPED_CALENDAR)
        found = [*(one for one in shipped if one.year not in imported), *found]
    chosen: list[Any] = [
        record
        for year in found
        if year.division.startswith(_prefix(order))
        for record in calendar_lines.as_records(year)
    ]
    return write(order.ending, calendar_lines.COLUMNS, chosen)


def _prefix(order: ExportOrder) -> str:
    return division_prefix(order.division) if order.division else ""
