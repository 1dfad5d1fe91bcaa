"""What is known of a hazard's kind: its row of the catalogue, whether the national list names it, who classified it, which term was set."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hazard_flow.hazards import proceedings
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.listed import known_row
from hazard_flow.hazards.models import Hazard

CONDITIONAL, CONDITIONAL_MARK = "conditional_major", "conditional"
#: 城镇燃气经营安全重大隐患判定标准
NATIONAL_LIST = "建城规〔2023〕4号"
#: fields that cite a clause or a code: what it is raised by, what it is classified by
_CITING = ("clause", "basis")
#: mark of a reading taken before the work began; the form of the work overwrites its value
MEASURED_BEFORE = "measured_before"
#: marks of the assignment in force, which the term counts from and to
ASSIGNED_AT, ASSIGNED_DUE_AT = "assigned_at", "assigned_due_at"


def take_code(hazard: Hazard, clean: Mapping[str, Any]) -> None:
    """Who classifies decides the row of the catalogue, whatever the reporter chose: the first code they cite (domain 2.2)."""
    cited = [str(clause) for name in _CITING for clause in clean.get(name) or ()]
    row = next((row for clause in cited if (row := known_row(hazard, clause)) is not None), None)
    if row is not None:
        hazard.catalogue_code = str(row["code"])


def note_conditional(hazard: Hazard, now: datetime) -> None:
    """A user's hazard that becomes the operator's major one unless the user is told as prescribed (建城规〔2023〕4号 第九条 [V])."""
    rows = [row for code in _cited(hazard) if (row := known_row(hazard, code)) is not None]
    if any(row["level"] == CONDITIONAL for row in rows) and CONDITIONAL_MARK not in hazard.marks:
        hazard.marks = {**hazard.marks, CONDITIONAL_MARK: instant_text(now)}


def is_national_major(hazard: Hazard) -> bool:
    """Whether the national list makes it a major: a code of the list, or the list's own number, cited by whoever reported or classified."""
    return any(_is_national(hazard, clause) for clause in _cited(hazard))


def _cited(hazard: Hazard) -> list[str]:
    """Every code and clause given so far, the reporter's own among them."""
    found = [hazard.catalogue_code or "", str(hazard.details.get("catalogue_code") or "")]
    return found + [str(clause) for name in _CITING for clause in hazard.details.get(name) or ()]


def _is_national(hazard: Hazard, clause: str) -> bool:
    row = known_row(hazard, clause)
    if row is None:
        return NATIONAL_LIST in clause
    return row["level"] != "general" and not row["authority_division"]


def note_reading(hazard: Hazard, clean: Mapping[str, Any], now: datetime) -> None:
    """A reading given before anybody works on it is the one the reading afterwards is compared with."""
    if clean.get("leak_reading") is not None and hazard.stage in ("reported", "assigned"):
        hazard.marks = {MEASURED_BEFORE: instant_text(now), **hazard.marks}


def note_assignment(hazard: Hazard, who: uuid.UUID | None, now: datetime) -> None:
    """When and by whom it was classified and assigned, and until when: one given back and assigned anew has a new term."""
    due_at = {ASSIGNED_DUE_AT: instant_text(hazard.due_at)} if hazard.due_at else {}
    hazard.marks = {**hazard.marks, ASSIGNED_AT: instant_text(now), **due_at}
    note_classifier(hazard, who)


def note_classifier(hazard: Hazard, who: uuid.UUID | None) -> None:
    """Who said what it is: assigned it, or raised it to major. The system classifies nothing."""
    if who is None:
        return
    found = replace(proceedings.read(hazard.proceedings), classifier=str(who))
    hazard.proceedings = proceedings.write(found)


def assigned_at(hazard: Hazard) -> datetime | None:
    """When the assignment in force was made."""
    return _instant(hazard, ASSIGNED_AT)


def assigned_due_at(hazard: Hazard) -> datetime | None:
    """The deadline the assignment in force set; later extensions and re-checks do not change it."""
    return _instant(hazard, ASSIGNED_DUE_AT)


def term_of(hazard: Hazard) -> timedelta | None:
    """How long the assignment in force gave."""
    start, end = assigned_at(hazard), assigned_due_at(hazard)
    return end - start if start is not None and end is not None else None


def _instant(hazard: Hazard, mark: str) -> datetime | None:
    text = hazard.marks.get(mark)
    return datetime.fromisoformat(text) if text else None
