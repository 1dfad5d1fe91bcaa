"""The rows of the hazard catalogue: read from the versioned CSV beside this module, checked whole, found again by code or by words.

A released file is frozen; a change is a new file with a new version. A hazard keeps a snapshot of the row it used.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from io import StringIO
from pathlib import Path

from hazard_flow.i18n import Label

CURRENT_VERSION = "v1"
LEVELS = ("major", "conditional_major", "general")
URGENCIES = ("M", "A", "B", "C")
#: how the cited clause was read: in full, in part, or quoted from memory and to be checked before it is printed on legal paper
CONFIDENCES = ("verified", "partly_verified", "memory")
CATEGORIES: Mapping[str, str] = {
    "MGT": "management", "STN": "station", "PIP": "pipeline", "REG": "regulator", "VLV": "valve_well",
    "RES": "residential", "COM": "commercial", "LPG": "lpg_cylinder", "TPC": "third_party_construction",
    "MON": "monitoring_emergency",
}  # fmt: skip
CATEGORY_LABELS: Mapping[str, Label] = {
    "management": Label(zh="安全管理", en="Safety management"),
    "station": Label(zh="厂站", en="Station"),
    "pipeline": Label(zh="管道", en="Pipeline"),
    "regulator": Label(zh="调压设施", en="Regulator"),
    "valve_well": Label(zh="阀门及阀井", en="Valve and valve well"),
    "residential": Label(zh="居民用户", en="Residential user"),
    "commercial": Label(zh="工商业用户", en="Commercial user"),
    "lpg_cylinder": Label(zh="瓶装液化石油气", en="Bottled LPG"),
    "third_party_construction": Label(zh="第三方施工", en="Third-party construction"),
    "monitoring_emergency": Label(zh="监测报警与应急", en="Monitoring and emergency"),
}
_CONTROLS = """
    NONE GAS_STOP GAS_RESUME ADVISE_CLOSE_VALVE ISOLATE_VENTILATE ISOLATE_GUARD GUARD STOP_WORK STOP_DEVICE STOP_LOADING
    STOP_OPERATION SWITCH_STANDBY POWER_OFF PORTABLE_DETECTION GAS_MONITORING LEAK_CHECK INCREASED_PATROL MANUAL_READING MANUAL_DOSING
    OPERATION_LIMIT SUPPLY_CONTROL RECTIFY_BEFORE_USE REMOVE_CYLINDER REMOVE_DEVICE REMOVE_FROM_POST RESTORE_DEVICE CORRECT_ON_SITE
    DUTY_REINFORCE TEMP_SUBSTITUTE RISK_ISOLATION SEIZE_BY_AUTHORITY BY_EXPERT
"""
_EVIDENCE = """
    PHOTO_BEFORE PHOTO_AFTER VIDEO LEAK_READING_BEFORE LEAK_READING_AFTER GASTIGHT_TEST TEST_RECORD DATA_LOG CALIBRATION_CERT
    INSPECT_REPORT LAB_REPORT SURVEY_REPORT EVALUATION_REPORT EXPERT_OPINION ACCEPT_REPORT WORK_ORDER WORK_PERMIT NOTICE_SIGNED
    GAS_STOP_NOTICE ABSENCE_NOTICE_PHOTO CALL_LOG DELIVERY_RECEIPT THIRD_PARTY_AGREEMENT MONITOR_PLAN GPS_POINT GPS_TRACK CYLINDER_SCAN
    DESTROY_RECORD ENFORCEMENT_DOC LIABILITY_RECORD INTERVIEW_RECORD SITE_RECORD LICENSE CERTIFICATE REGISTRATION_CERT APPOINTMENT_DOC
    DOC_SYSTEM RISK_LIST LEDGER MEETING_RECORD PUBLIC_NOTICE_PHOTO TRAIN_RECORD EXAM_RESULT DRILL_RECORD DUTY_LOG CALL_TEST INSPECT_PLAN
    FILING_RECEIPT REPORT_COPY SIGNATURE
"""
#: codes of interim controls (domain 2.3) and of evidence (domain 2.4)
INTERIM_CONTROLS = frozenset(_CONTROLS.split())
EVIDENCE_CODES = frozenset(_EVIDENCE.split())
_COLUMNS = (
    "code", "category", "category_zh", "title_zh", "title_en", "default_level", "default_level_zh", "urgency", "legal_basis",
    "basis_confidence", "response_hours", "deadline_days", "interim_control", "suggested_evidence", "telemetry_trigger", "note",
)  # fmt: skip


@dataclass(frozen=True)
class CatalogueRow:
    """One entry of the catalogue as released."""

    code: str
    category: str
    #: a condensed fact, not the wording of the law
    title: Label
    level: str
    urgency: str
    legal_basis: str
    #: one of `CONFIDENCES`
    basis_confidence: str
    #: time to the first control on site
    response_within: timedelta
    #: suggested days for rectification; 0 = on the spot or the same day
    deadline_days: int
    #: a code of domain 2.3
    interim_control: str
    #: codes of domain 2.4, all asked for at the default strictness
    suggested_evidence: tuple[str, ...]
    telemetry_trigger: str
    note: str
    version: str

    @property
    def category_label(self) -> Label:
        """The category in both languages."""
        return CATEGORY_LABELS[self.category]

    @property
    def is_major(self) -> bool:
        """Whether the national list names this as a major hidden danger (conditional majors begin as general)."""
        return self.level == "major"

    @property
    def is_settled(self) -> bool:
        """Whether the cited clause was read in full, so that it may be printed on legal paper unchecked."""
        return self.basis_confidence == "verified"


@cache
def load(version: str = CURRENT_VERSION) -> Mapping[str, CatalogueRow]:
    """All rows of a released version by code, in the order of the file; an unknown version raises FileNotFoundError."""
    path = Path(__file__).with_name(f"catalogue.{version}.csv")
    return parse(path.read_text("utf-8-sig"), version=version)


def row(code: str, version: str = CURRENT_VERSION) -> CatalogueRow | None:
    """The row with this code (letters in any case), or None."""
    return load(version).get(code.strip().upper())


def search(
    words: str = "",
    *,
    category: str | None = None,
    level: str | None = None,
    limit: int = 20,
    version: str = CURRENT_VERSION,
) -> list[CatalogueRow]:
    """The best rows for some words of either language or the beginning of a code; every word must occur. Ties keep the file's order."""
    wanted = words.casefold().replace("，", " ").replace(",", " ").split()
    found: list[tuple[int, CatalogueRow]] = []
    for entry in load(version).values():
        if (category and entry.category != category) or (level and entry.level != level):
            continue
        scores = [_score(entry, word) for word in wanted]
        if all(scores):
            found.append((-sum(scores), entry))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])][:limit]


def parse(text: str, *, version: str) -> Mapping[str, CatalogueRow]:
    """Read a catalogue file; everything wrong with it is said at once, with line numbers, in one ValueError."""
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != tuple(_COLUMNS):
        raise ValueError(f"catalogue.{version}.csv: the columns must be exactly {', '.join(_COLUMNS)}")
    rows: dict[str, CatalogueRow] = {}
    wrong: list[str] = []
    for cells in reader:
        said = [f"line {reader.line_num}: {fault}" for fault in _faults(cells, rows.keys())]
        wrong += said
        if not said:
            rows[cells["code"]] = _row(cells, version)
    if wrong:
        raise ValueError(f"catalogue.{version}.csv:\n" + "\n".join(wrong))
    return rows


def _row(cells: Mapping[str, str], version: str) -> CatalogueRow:
    return CatalogueRow(
        code=cells["code"], category=cells["category"], title=Label(zh=cells["title_zh"], en=cells["title_en"]),
        level=cells["default_level"], urgency=cells["urgency"], legal_basis=cells["legal_basis"],
        basis_confidence=cells["basis_confidence"], response_within=timedelta(hours=float(cells["response_hours"])),
        deadline_days=int(cells["deadline_days"]), interim_control=cells["interim_control"],
        suggested_evidence=tuple(_codes(cells["suggested_evidence"])), telemetry_trigger=cells["telemetry_trigger"],
        note=cells["note"], version=version,
    )  # fmt: skip


def _faults(cells: Mapping[str, str], seen: Iterable[str]) -> Iterable[str]:
    code = cells["code"] or ""
    prefix, _, rest = code.partition("-")
    if CATEGORIES.get(prefix) != cells["category"] or not (
        rest[:1] in ("M", "G") and rest[1:].isdigit() and len(rest) == 3
    ):
        yield f"the code {code!r} does not fit its category {cells['category']!r} (form: PIP-M01, PIP-G01)"
    if code in seen:
        yield f"the code {code!r} stands twice"
    if (rest[:1] == "M") != (cells["default_level"] in ("major", "conditional_major")):
        yield f"{code}: M codes are major or conditional_major, G codes general; found {cells['default_level']!r}"
    for column, allowed in (
        ("default_level", LEVELS),
        ("urgency", URGENCIES),
        ("basis_confidence", CONFIDENCES),
    ):
        if cells[column] not in allowed:
            yield f"{code}: {column} {cells[column]!r} is none of {', '.join(allowed)}"
    if cells["interim_control"] not in INTERIM_CONTROLS:
        yield f"{code}: unknown interim control {cells['interim_control']!r}"
    for evidence in _codes(cells["suggested_evidence"]):
        if evidence not in EVIDENCE_CODES:
            yield f"{code}: unknown evidence code {evidence!r}"
    for column in ("title_zh", "title_en", "legal_basis", "suggested_evidence"):
        if not cells[column]:
            yield f"{code}: {column} is empty"
    if not _is_number(cells["response_hours"]) or not cells["deadline_days"].isdigit():
        yield f"{code}: response_hours and deadline_days must be numbers, not negative"


def _score(entry: CatalogueRow, word: str) -> int:
    if entry.code.casefold().startswith(word):
        return 8
    if word in entry.title.zh.casefold():
        return 4
    if word in entry.title.en.casefold():
        return 3
    return (
        1
        if any(
            word in text.casefold()
            for text in (entry.legal_basis, entry.category_label.zh, entry.category_label.en)
        )
        else 0
    )


def _codes(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()
