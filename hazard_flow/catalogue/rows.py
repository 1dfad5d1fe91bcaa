"""The rows of the hazard catalogue: read from the versioned CSV beside this module, checked whole, found again by code or by words.

A released file is frozen; a change is a new file with a new version. A hazard keeps a snapshot of the row it used.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from hazard_flow.exchange.faults import RowFault
from hazard_flow.i18n import Label

CURRENT_VERSION = "v1"
#: released versions and the first day each counts: the criteria of majors (建城规〔2023〕4号) are in force since that day
RELEASES: Mapping[str, date] = {"v1": date(2023, 9, 21)}
LEVELS = ("major", "conditional_major", "general")
URGENCIES = ("M", "A", "B", "C")
#: how the cited clause was read: in full, in part, or quoted from memory and to be checked before it is printed on legal paper
CONFIDENCES = ("verified", "partly_verified", "memory")
#: the same as the marks policy uses
CONFIDENCE_MARKS: Mapping[str, str] = {"verified": "V", "partly_verified": "P", "memory": "M"}
#: codes from this number on are left to local lists; the shipped file never reaches them
LOCAL_NUMBER_FROM = 51
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
_CODE = re.compile(r"([A-Z]{3})-([MG])(\d\d)")
_HOURS = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,2})?")
_DAYS = re.compile(r"0|[1-9][0-9]{0,2}")
TEXT_LENGTH_MAX = 300
COLUMNS = (
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
    #: prefix of the divisions a local list is for; empty for a row of the shipped catalogue
    authority_division: str = ""
    #: the level in the national list; empty for a danger only a local list names
    national_level: str = ""
    #: days a local row counts, the last included
    valid_from: date | None = None
    valid_to: date | None = None
    #: the document a local row comes from
    source: str = ""

    @property
    def category_label(self) -> Label:
        """The category in both languages."""
        return CATEGORY_LABELS[self.category]

    @property
    def is_major(self) -> bool:
        """Whether the national list names this as a major hidden danger (conditional majors begin as general)."""
        return self.level == "major"

    @property
    def is_national_major(self) -> bool:
        """Whether the national list itself names this as major, so that nobody but the regulator may lower it."""
        return self.national_level == "major"

    @property
    def is_conditional(self) -> bool:
        """Whether it becomes major only if the operator, having found it, does not take the prescribed measures (art. 9)."""
        return self.level == "conditional_major"

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
    among: Iterable[CatalogueRow] | None = None,
) -> list[CatalogueRow]:
    """The best rows for some words of either language or the beginning of a code; every word must occur. Ties keep their order.

    `among` are the rows of a place; without them those of the shipped catalogue.
    """
    wanted = words.casefold().replace("，", " ").replace(",", " ").split()
    found: list[tuple[int, CatalogueRow]] = []
    for entry in load().values() if among is None else among:
        if (category and entry.category != category) or (level and entry.level != level):
            continue
        scores = [_score(entry, word) for word in wanted]
        if all(scores):
            found.append((-sum(scores), entry))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])][:limit]


def parse(text: str, *, version: str) -> Mapping[str, CatalogueRow]:
    """Read a catalogue file; everything wrong with it is said at once, with line numbers, in one ValueError."""
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != tuple(COLUMNS):
        raise ValueError(f"catalogue.{version}.csv: the columns must be exactly {', '.join(COLUMNS)}")
    rows: dict[str, CatalogueRow] = {}
    wrong: list[str] = []
    for cells in reader:
        faults = [RowFault(reader.line_num, *one) for one in cell_faults(cells)]
        if cells["code"] in rows:
            faults.append(RowFault(reader.line_num, "code", "code_twice", {"code": cells["code"]}))
        if cells["category"] != CATEGORIES.get(cells["code"][:3]):
            faults.append(
                RowFault(reader.line_num, "category", "wrong_category", {"value": cells["category"]})
            )
        wrong += [
            f"line {f.row}: {cells['code']} {f.field}: {f.reason('en')}. {f.mend('en')}." for f in faults
        ]
        if not faults:
            rows[cells["code"]] = row_of(cells, version)
    if wrong:
        raise ValueError(f"catalogue.{version}.csv:\n" + "\n".join(wrong))
    return rows


def row_of(cells: Mapping[str, str], version: str) -> CatalogueRow:
    """The row in cells without faults; the category is the code's."""
    return CatalogueRow(
        code=cells["code"], category=CATEGORIES[cells["code"][:3]], title=Label(zh=cells["title_zh"], en=cells["title_en"]),
        level=cells["default_level"], urgency=cells["urgency"], legal_basis=cells["legal_basis"],
        basis_confidence=cells["basis_confidence"], response_within=timedelta(hours=float(cells["response_hours"])),
        deadline_days=int(cells["deadline_days"]), interim_control=cells["interim_control"],
        suggested_evidence=tuple(codes_of(cells["suggested_evidence"])), telemetry_trigger=cells.get("telemetry_trigger", ""),
        note=cells.get("note", ""), version=version, national_level=cells["default_level"],
    )  # fmt: skip


def cell_faults(
    cells: Mapping[str, str], *, is_raising: bool = False
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is wrong with the cells of one row: (column, code, params), all of it.

    `is_raising`: a local row about a danger of the shipped catalogue may raise its level, the code stays as it is.
    """
    code = cells["code"]
    found = _CODE.fullmatch(code)
    if found is None or found[1] not in CATEGORIES:
        yield "code", "not_a_catalogue_code", {"value": code, "categories": tuple(CATEGORIES)}
    elif not is_raising and (found[2] == "M") != (cells["default_level"] in ("major", "conditional_major")):
        yield "default_level", "level_differs_from_code", {"value": cells["default_level"]}
    for column, allowed in (
        ("default_level", LEVELS),
        ("urgency", URGENCIES),
        ("basis_confidence", CONFIDENCES),
    ):
        if cells[column] not in allowed:
            yield column, "not_one_of", {"value": cells[column], "choices": allowed}
    if cells["interim_control"] not in INTERIM_CONTROLS:
        yield "interim_control", "unknown_control", {"value": cells["interim_control"]}
    unknown = tuple(one for one in codes_of(cells["suggested_evidence"]) if one not in EVIDENCE_CODES)
    if unknown:
        yield "suggested_evidence", "unknown_evidence", {"codes": unknown}
    for column in ("title_zh", "title_en", "legal_basis", "suggested_evidence"):
        if not cells[column].strip():
            yield column, "needed", {}
        elif len(cells[column]) > TEXT_LENGTH_MAX:
            yield column, "too_long", {"limit": TEXT_LENGTH_MAX}
    if not _HOURS.fullmatch(cells["response_hours"]):
        yield "response_hours", "not_a_decimal", {"value": cells["response_hours"]}
    if not _DAYS.fullmatch(cells["deadline_days"]):
        yield "deadline_days", "not_a_whole_number", {"value": cells["deadline_days"]}


def version_on(on: date) -> str:
    """The version of the shipped catalogue that counts on a day; the first one for every day before it."""
    counting = [version for version, first in RELEASES.items() if first <= on]
    return (
        max(counting, key=lambda version: RELEASES[version])
        if counting
        else min(RELEASES, key=lambda v: RELEASES[v])
    )


def snapshot(row: CatalogueRow) -> dict[str, Any]:
    """The row as a hazard keeps it: JSON-safe, fit for a hashed event (whole numbers and text only), independent of later versions."""
    return {
        "code": row.code,
        "version": row.version,
        "authority_division": row.authority_division,
        "title": {"zh": row.title.zh, "en": row.title.en},
        "level": row.level,
        "national_level": row.national_level,
        "urgency": row.urgency,
        "deadline_days": row.deadline_days,
        "response_hours": hours_text(row.response_within),
        "interim_control": row.interim_control,
        "evidence": list(row.suggested_evidence),
        "basis": row.legal_basis,
        "confidence": CONFIDENCE_MARKS[row.basis_confidence],
    }


def hours_text(span: timedelta) -> str:
    """Hours as people write them: `0.5`, `24`."""
    return format((Decimal(span.days * 86_400 + span.seconds) / 3600).normalize(), "f")


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


def codes_of(cell: str) -> list[str]:
    """The codes of a cell `A;B`."""
    return [part.strip() for part in cell.replace("；", ";").split(";") if part.strip()]
