"""Rules in the reader's words: values with their units, marks, places, codes of controls and evidence."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hazard_flow.catalogue.policy_keys import LIMIT_KEY, PERMANENT, PolicyKey
from hazard_flow.catalogue.rows import CatalogueRow
from hazard_flow.i18n import known, text
from hazard_flow.workflow.definition import Duration
from hazard_flow.workflow.durations import parse_duration
from hazard_flow.workflow.vocabulary import default_vocabulary

#: tier of the level badge by urgency; a major is 1 whatever its urgency
_TIERS: Mapping[str, int] = {"M": 1, "A": 2, "B": 3, "C": 4}


def key_name(key: PolicyKey, locale: str) -> str:
    """What people call a policy value; a workflow's time limit by the names of both."""
    found = LIMIT_KEY.fullmatch(key.key)
    if found is None:
        return key.label.in_(locale)
    workflow, timer = f"catalogue.workflow.{found[1]}", f"hazards.timer.{found[2]}"
    names = [
        text(word, locale) if known(word) else name
        for word, name in ((workflow, found[1]), (timer, found[2]))
    ]
    return text("catalogue.limit_name", locale, workflow=names[0], timer=names[1])


def value_words(key: PolicyKey, plain: Any, locale: str) -> str:
    """One plain value (of one part) as a sentence says it."""
    match key.type:
        case "span":
            span = parse_duration(plain)
            return span_words(span, locale) if span is not None else str(plain)
        case "flag":
            return text("catalogue.yes" if plain else "catalogue.no", locale)
        case "choice":
            return key.choices[plain].in_(locale) if plain in key.choices else str(plain)
        case "years":
            return (
                text("catalogue.permanent", locale)
                if plain == PERMANENT
                else text("catalogue.years", locale, n=plain)
            )
        case "evidence":
            groups = (
                text("catalogue.or", locale).join(evidence_name(code, locale) for code in group)
                for group in plain
            )
            return text("catalogue.and", locale).join(groups)
    one, _, many = (key.unit.in_(locale) if key.unit else "").partition("|")
    unit = one if not many or plain == 1 else many
    return f"{plain} {unit}".strip()


def part_name(key: PolicyKey, part: str, locale: str) -> str:
    """The name of a part; empty for a value without parts."""
    return key.parts[part].in_(locale) if part in key.parts else part


def span_words(span: Duration, locale: str) -> str:
    """`3 个工作日`, `3 working days`."""
    plural = "s" if span.amount != 1 else ""
    return text(f"catalogue.span.{span.unit}{plural}", locale, n=span.amount)


def evidence_name(code: str, locale: str) -> str:
    """The name of an evidence code."""
    word = f"evidence.kind.{code}"
    return text(word, locale) if known(word) else code


def control_name(code: str, locale: str) -> str:
    """The name of an interim control."""
    label = default_vocabulary().book.controls.get(code)
    return label.in_(locale) if label else code


def tier_of(row: CatalogueRow) -> int:
    """The tier of its level badge."""
    return 1 if row.is_major else _TIERS[row.urgency]


def days_words(first: date | None, last: date | None, locale: str) -> str:
    """From when until when a row counts."""
    if first is None:
        return text("catalogue.days.draft", locale)
    if last is None:
        return text("catalogue.days.since", locale, first=first.isoformat())
    return text("catalogue.days.span", locale, first=first.isoformat(), last=last.isoformat())
