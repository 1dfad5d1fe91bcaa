"""What the made-up city set by itself: policy, a list of its own, one place in the calendar."""

from datetime import UTC, datetime

from hazard_flow.catalogue.operations import import_catalogue, import_policy
from hazard_flow.exchange.kinds import ImportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile
from hazard_flow.exchange.writing import write
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

ENTERED_AT = datetime(2026, 11, 1, 2, tzinfo=UTC)


def as_csv(*rows: dict[str, str]) -> str:
    """Rows with the same columns as a CSV file."""
    return write(".csv", tuple(rows[0]), rows)


POLICY = """key,division,value,valid_from,valid_to,source,confidence,withdrawn
extension_apply_before,990100,major: 15 workdays,2026-01-01,,云泽市燃气安全管理办法第 31 条,V,
household_check_months_max,990100,12,2026-01-01,,云泽市燃气安全管理办法第 22 条,V,
extension_apply_before,990102,major: 20 workdays,2027-01-01,,城东区挂牌督办规定,P,
limit.general.classify,990100,A: 2 h,2026-01-01,,云泽市燃气安全管理办法第 12 条,V,
"""
_COMMON = {"authority_division": "990100", "basis_confidence": "verified", "valid_from": "2026-01-01"}
CATALOGUE = as_csv(
    _COMMON
    | {
        "code": "PIP-G51",
        "title_zh": "燃气管道与电缆同沟敷设",
        "title_en": "Gas pipe laid in one trench with cables",
        "default_level": "general",
        "urgency": "A",
        "legal_basis": "云泽市补充判定标准第 3 条",
        "response_hours": "4",
        "deadline_days": "7",
        "interim_control": "GAS_MONITORING",
        "suggested_evidence": "PHOTO_BEFORE;PHOTO_AFTER;SURVEY_REPORT",
        "source": "云泽市燃气隐患补充判定标准",
    },
    _COMMON
    | {
        "code": "VLV-G03",
        "title_zh": "井盖缺失、破损或被埋压",
        "title_en": "Cover missing, broken or buried",
        "default_level": "general",
        "urgency": "A",
        "legal_basis": "云泽市补充判定标准第 5 条",
        "response_hours": "0.5",
        "deadline_days": "0",
        "interim_control": "GUARD",
        "suggested_evidence": "PHOTO_BEFORE;PHOTO_AFTER;GPS_POINT",
        "source": "云泽市燃气隐患补充判定标准",
    },
)


def csv(text: str, name: str = "rules.csv") -> SourceFile:
    """A file as somebody hands it in."""
    return SourceFile(name, text.encode())


def order(by: Actor | None = None, *, division: str = "", dry_run: bool = False) -> ImportOrder:
    """The command line's order, or a person's."""
    return ImportOrder(actor=by or system_actor("story"), now=ENTERED_AT, division=division, dry_run=dry_run)


def enter_policy(database: Database, text: str, **given: object) -> ImportReport:
    """Import policy rows."""
    with database.transaction(SYSTEM) as session:
        return import_policy(session, csv(text), order(**given))  # type: ignore[arg-type]


def enter_catalogue(database: Database, text: str, **given: object) -> ImportReport:
    """Import catalogue rows."""
    with database.transaction(SYSTEM) as session:
        return import_catalogue(session, csv(text), order(**given))  # type: ignore[arg-type]


def local_rules(database: Database) -> None:
    """All of them."""
    for report in (enter_policy(database, POLICY), enter_catalogue(database, CATALOGUE)):
        assert report.faults == (), [fault.reason("en") for fault in report.faults]
