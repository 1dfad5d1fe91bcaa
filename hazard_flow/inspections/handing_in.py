"""Files that come with a visit or a day of guarding: judged first, on disk before the record is, and named by what the input was called."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, HazardFlowError, Refused
from hazard_flow.evidence import keeping
from hazard_flow.evidence.operations import Looked, look
from hazard_flow.evidence.store import Store
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database

T = TypeVar("T")
#: input `item.<key>` shows that item of the checklist
ITEM = "item."
FILES_MAX = 40


@dataclass(frozen=True)
class Sent:
    """Bytes under the name of the input they came in."""

    field: str
    filename: str
    data: bytes


@dataclass(frozen=True)
class Piece:
    """A judged file and the checklist item it shows; empty for the whole."""

    looked: Looked
    shows: str = ""


def look_at(
    sent: Sequence[Sent], kinds: Mapping[str, tuple[str, str]], *, received_at: datetime
) -> tuple[Piece, ...]:
    """All files judged, none kept yet; Refused naming each that was not taken. `kinds`: input → (stage, code of the evidence vocabulary).

    An input nobody asked for is refused as well; the same bytes twice count once for an input.
    """
    if len(sent) > FILES_MAX:
        raise Refused(fields=[FieldError("files", "too_many_files", {"most": FILES_MAX})])
    good: dict[tuple[str, str, str], Piece] = {}
    faults: list[FieldError] = []
    hardest: HazardFlowError | None = None
    for one in sent:
        shows = one.field.removeprefix(ITEM) if one.field.startswith(ITEM) else ""
        known = kinds.get(ITEM if shows else one.field)
        if known is None:
            faults.append(FieldError(one.field[:80], "unknown_field"))
            continue
        stage, kind = known
        try:
            looked = look(one.data, one.filename, stage=stage, kind=kind, received_at=received_at)
        except HazardFlowError as refused:
            hardest = hardest or refused
            faults += [FieldError(one.field, f.code, f.params) for f in refused.fields]
        else:
            good[looked.item.sha256, kind, shows] = Piece(looked, shows)
    if hardest is not None:
        hardest.fields = faults
        raise hardest
    if faults:
        raise Refused(fields=faults)
    return tuple(good.values())


def hand_in(
    database: Database, scope: Scope, work: Callable[[Session], T], *, pieces: Sequence[Piece], store: Store
) -> T:
    """`work` in one transaction, its files on disk before that commits; rehearsed first, so that what is refused leaves no file behind."""
    return keeping.carry_out(database, scope, work, files=[one.looked for one in pieces], store=store)


def instant_of(raw: Any, zone: ZoneInfo, *, field: str) -> datetime | None:
    """An instant as a form (`2026-11-02T09:30`, the organisation's zone) or a program (with its zone) writes it; None for nothing."""
    words = str(raw or "").strip()
    if not words:
        return None
    try:
        read = datetime.fromisoformat(words)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(fields=[FieldError(field, "not_an_instant")]) from error


def day_of(raw: Any, *, field: str) -> date:
    """A day as forms and programs write it; Refused for anything else."""
    words = str(raw or "").strip()
    try:
        day = date.fromisoformat(words)
        if not 2000 <= day.year <= 2099:
            raise ValueError("far away")
    except ValueError as error:
        raise Refused(
            fields=[FieldError(field, "not_a_date" if words else "required", {"value": words[:40]})]
        ) from error
    return day


def number_of(raw: Any, *, field: str) -> float | None:
    """A number as a form or a program writes it; None for nothing."""
    words = str(raw if raw is not None else "").strip()
    if not words:
        return None
    try:
        value = float(words)
        if not math.isfinite(value) or abs(value) > 1e9:
            raise ValueError("no place on earth")
    except ValueError as error:
        raise Refused(fields=[FieldError(field, "not_a_number", {"value": words[:40]})]) from error
    return value


def blank(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same for a form to draw: a field that was not sent is empty."""
    return defaultdict(str, fields)
