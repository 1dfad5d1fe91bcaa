"""Holiday notices of a year to come, made up: what the General Office might announce, as the file an administrator imports."""

from collections.abc import Sequence
from datetime import datetime

from hazard_flow.catalogue.operations import import_calendar
from hazard_flow.exchange.kinds import ImportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

SOURCE = "国办发明电〔2026〕99号"
#: days off in 2027 whatever the notice says (lunar new year on 6 February)
STATUTORY = ("01-01", "02-05..02-08", "04-05", "05-01..05-02", "06-09", "09-15", "10-01..10-03")


def notice(
    *, holidays: Sequence[str] = (), workdays: Sequence[str] = (), year: int = 2027, division: str = "",
    status: str = "official",
) -> SourceFile:  # fmt: skip
    """The year's file: the statutory days, further days off, make-up working days."""
    off = ", ".join(f'"{day}"' for day in ((*STATUTORY, *holidays) if not division else holidays))
    on = ", ".join(f'"{day}"' for day in workdays)
    place = f'division: "{division}"\n' if division else ""
    text = f"source: {SOURCE}\n{place}years:\n  {year}: {{status: {status}, holidays: [{off}], workdays: [{on}]}}\n"
    return SourceFile("notice.yaml", text.encode())


def announce(
    database: Database, file: SourceFile, now: datetime, *, by: Actor | None = None, dry_run: bool = False
) -> ImportReport:
    """Import it, as the command line does; limits that run are not counted yet."""
    order = ImportOrder(actor=by or system_actor("story"), now=now, dry_run=dry_run)
    with database.transaction(SYSTEM) as session:
        return import_calendar(session, file, order)
