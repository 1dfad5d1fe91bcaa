"""What a policy key may hold: its type, by what it differs, and its values as they stand in files, in the database and in code.

A value is *plain* (JSON: text, number, flag, list; a map by part where the key differs by one) wherever it is stored, and *typed*
(Duration, int, Decimal, bool, tuple) where it is used.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from hazard_flow.catalogue.rows import EVIDENCE_CODES
from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import Duration
from hazard_flow.workflow.durations import parse_duration, write_duration

KeyType = Literal["span", "count", "decimal", "flag", "years", "choice", "evidence"]
Plain = Any
#: (code, params) of a sentence under import.reason and import.mend
Fault = tuple[str, dict[str, Any]]

TYPES: tuple[KeyType, ...] = ("span", "count", "decimal", "flag", "years", "choice", "evidence")
BOUNDS = ("at_least", "at_most")
PERMANENT = "permanent"
COUNT_MAX = 100_000
#: `limit.<workflow>.<timer>`: a place's own span for a time limit of a workflow
LIMIT_KEY = re.compile(r"limit\.([a-z][a-z0-9_]{0,39})\.([a-z][a-z0-9_]{0,39})")
LIMIT_GROUP, LIMIT_PARTS = "limit", "urgency"
#: no place may let a limit of a workflow run longer than this
LIMIT_DAYS_MAX = 366
_FLAGS = {"yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,5})(\.[0-9]{1,4})?")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,5}")
#: hours a unit counts for where two spans are compared; a working day is never shorter than a day
_HOURS = {"min": 1 / 60, "h": 1.0, "day": 24.0, "workday": 24.0 * 7 / 5}


@dataclass(frozen=True)
class PolicyKey:
    """One named value."""

    key: str
    label: Label
    type: KeyType
    group: str
    #: where English tells one from many: `day|days`
    unit: Label | None = None
    #: the parts a value differs by, in order, with their names; empty for a single value
    parts: Mapping[str, Label] = field(default_factory=dict)
    choices: Mapping[str, Label] = field(default_factory=dict)
    #: `at_least` or `at_most`: how a local value must compare with the national one
    bound: str = ""

    def read(self, raw: Any) -> tuple[Plain, list[Fault]]:
        """The plain value of what stands in a file, and what is wrong with it."""
        if not self.parts:
            return self._read_one(raw)
        given = _split(raw)
        if not given:
            return None, [("value_by_part", {"parts": tuple(self.parts)})]
        found: dict[str, Plain] = {}
        faults: list[Fault] = [
            ("unknown_part", {"part": part, "parts": tuple(self.parts)})
            for part in given
            if part not in self.parts
        ]
        for part in (part for part in self.parts if part in given):
            found[part], wrong = self._read_one(given[part])
            faults += wrong
        return found, faults

    def typed(self, plain: Plain) -> Any:
        """One plain value (of one part) as code uses it."""
        match self.type:
            case "span":
                return parse_duration(plain)
            case "decimal":
                return Decimal(plain)
            case "years":
                return None if plain == PERMANENT else int(plain)
            case "evidence":
                return tuple(tuple(group) for group in plain)
        return plain

    def write(self, plain: Plain) -> str:
        """A plain value as a cell of a CSV file, which `read` takes again."""
        if self.parts:
            return "; ".join(f"{part}: {self._write_one(one)}" for part, one in plain.items())
        return self._write_one(plain)

    def falls_short(self, local: Plain, national: Plain) -> bool:
        """Whether a local value (of one part) breaks the bound the national one sets."""
        if not self.bound or national is None:
            return False
        mine, theirs = self._weight(local), self._weight(national)
        return mine < theirs if self.bound == "at_least" else mine > theirs

    def _read_one(self, raw: Any) -> tuple[Plain, list[Fault]]:
        text = "" if raw is None else str(raw).strip()
        if isinstance(raw, bool):
            text = "yes" if raw else "no"
        match self.type:
            case "span":
                span = parse_duration(text)
                return (
                    (None, [("not_a_span", {"value": text})]) if span is None else (write_duration(span), [])
                )
            case "count":
                return self._whole(text)
            case "years":
                return (PERMANENT, []) if text in (PERMANENT, "永久") else self._whole(text)
            case "decimal":
                return (
                    (text, []) if _DECIMAL.fullmatch(text) else (None, [("not_a_decimal", {"value": text})])
                )
            case "flag":
                flag = _FLAGS.get(text.lower())
                return (None, [("not_yes_or_no", {"value": text})]) if flag is None else (flag, [])
            case "choice":
                known = text in self.choices
                return (
                    (text, [])
                    if known
                    else (None, [("not_one_of", {"value": text, "choices": tuple(self.choices)})])
                )
        return _evidence(raw)

    def _whole(self, text: str) -> tuple[Plain, list[Fault]]:
        if not _WHOLE.fullmatch(text) or int(text) > COUNT_MAX:
            return None, [("not_a_whole_number", {"value": text})]
        return int(text), []

    def _write_one(self, plain: Plain) -> str:
        if isinstance(plain, bool):
            return "yes" if plain else "no"
        if self.type == "evidence":
            return "; ".join(" | ".join(group) for group in plain)
        return str(plain)

    def _weight(self, plain: Plain) -> float:
        if self.type == "span":
            span = parse_duration(plain)
            assert span is not None, plain
            return hours(span)
        if plain == PERMANENT:
            return float("inf")
        return float(plain)


def hours(span: Duration) -> float:
    """How long a span is for comparing it with another, in hours; a working day counts as 33.6."""
    return span.amount * _HOURS[span.unit]


def limit_key(key: str, parts: Mapping[str, Label]) -> PolicyKey | None:
    """The definition of `limit.<workflow>.<timer>`; None for any other key. `parts` are the urgencies."""
    found = LIMIT_KEY.fullmatch(key)
    if found is None:
        return None
    name = f"{found[1]}.{found[2]}"
    return PolicyKey(key, Label(zh=name, en=name), "span", LIMIT_GROUP, parts=parts)


def _split(raw: Any) -> dict[str, Any]:
    """`general: 1; major: 2`, or the same as a map."""
    if isinstance(raw, Mapping):
        return {str(part): one for part, one in raw.items()}
    found: dict[str, Any] = {}
    for piece in str(raw or "").replace("；", ";").split(";"):
        part, colon, value = piece.replace("：", ":").partition(":")
        if not colon:
            return {}
        found[part.strip()] = value.strip()
    return found


def _evidence(raw: Any) -> tuple[Plain, list[Fault]]:
    """Groups of which one piece each is needed: `NOTICE_SIGNED | DELIVERY_RECEIPT; GAS_STOP_NOTICE`, or lists in a list."""
    if isinstance(raw, list):
        groups = [one if isinstance(one, list) else [one] for one in raw]
    else:
        groups = [part.split("|") for part in str(raw or "").replace("；", ";").split(";") if part.strip()]
    found = [[str(code).strip().upper() for code in group] for group in groups]
    unknown = sorted({code for group in found for code in group if code not in EVIDENCE_CODES})
    if not found or unknown:
        return None, [("unknown_evidence", {"codes": tuple(unknown) or ("—",)})]
    return found, []
