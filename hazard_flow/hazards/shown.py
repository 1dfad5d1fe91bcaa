"""Values of forms as people read them: choices by their label, people by name, instants and days as they are said.

Pure: names and disclosed personal values are looked up before and handed in.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hazard_flow.hazards.past import person_of
from hazard_flow.hazards.protecting import PROTECTED
from hazard_flow.hazards.rules import Rules
from hazard_flow.i18n import text
from hazard_flow.workflow.definition import Action
from hazard_flow.workflow.fields import FieldDef

#: told nowhere: a map says it better
_POSITION = frozenset({"lon", "lat", "crs", "accuracy_m"})
#: of a report, what stands in the facts above
_OF_REPORT = frozenset(
    {"title", "description", "place", "found_at", "catalogue_code", "suspected_level", "protected_reporter"}
)
#: a reading is told with its unit
_UNIT_OF = {"leak_reading": "leak_unit"}


@dataclass(frozen=True)
class Words:
    """What values are put into words with."""

    rules: Rules
    locale: str
    people: Mapping[uuid.UUID, str] = field(default_factory=dict)
    #: the hazard's workflow, `general.v1`: its names of time limits come first
    workflow_id: str = ""
    #: digest → the personal value, for readers who may see it
    personal: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, **params: Any) -> str:
        """A sentence."""
        return text(key, self.locale, **params)

    def name(self, person: uuid.UUID | None) -> str:
        """A person's name; somebody the reader may not name is told as such."""
        return self.people.get(person, self.say("hazards.somebody")) if person else self.say("hazards.system")

    def name_of(self, person: str) -> str:
        """The same for an id as text."""
        return self.name(uuid.UUID(person))

    def who(self, actor: str) -> str:
        """Who stands behind an event's actor."""
        if actor == PROTECTED:
            return self.say("hazards.protected")
        return self.name(person_of(actor))

    def by(self, person: str | None) -> str:
        """Who opened something, as the proceedings keep it: an id, None for the system."""
        return self.name(uuid.UUID(person)) if person else self.say("hazards.system")

    def roles(self, who: Iterable[str]) -> str:
        """The roles and parts in a `who`, the first two; more say nothing."""
        book = self.rules.fields
        labels = [book.roles.get(w) or book.relations.get(w) for w in dict.fromkeys(who) if w != "system"]
        return self.joined(found.in_(self.locale) for found in labels[:2] if found is not None)

    def joined(self, parts: Iterable[str]) -> str:
        """`A、B`, `A, B`."""
        return self.say("web.and").join(parts)


def told(words: Words, action: Action | None, values: Mapping[str, Any]) -> list[str]:
    """The given fields of an act as lines, in the order of its form; what says nothing by itself is left out."""
    order = [need.field for need in action.needs] if action is not None else []
    names = [name for name in order if name in values] + [name for name in values if name not in order]
    quiet = _POSITION | set(_UNIT_OF.values())
    if action is not None and action.from_states is None:
        quiet |= _OF_REPORT
    ticked = [name for name in names if values[name] is True]
    lines = [
        line
        for name in names
        if name not in quiet and name not in ticked and (line := _line(words, name, values))
    ]
    if ticked:
        labels = words.joined(label(words, name) for name in ticked)
        lines.append(words.say("hazards.event.ticked", what=labels))
    return lines


def label(words: Words, name: str) -> str:
    """What a field is called."""
    known = words.rules.fields.fields.get(name)
    return known.label.in_(words.locale) if known else name


def _line(words: Words, name: str, values: Mapping[str, Any]) -> str:
    value = values[name]
    if value in (None, "", []) or name not in words.rules.fields.fields:
        return ""
    shown = value_text(words, name, value)
    unit = values.get(_UNIT_OF.get(name, ""))
    if unit:
        shown = f"{shown} {value_text(words, _UNIT_OF[name], unit)}"
    return words.say("hazards.event.field", field=label(words, name), value=shown)


def value_text(words: Words, name: str, value: Any) -> str:
    """One value of one field."""
    known = words.rules.fields.fields.get(name)
    if isinstance(value, Mapping):
        return words.personal.get(str(value.get("sha256")), words.say("hazards.value.withheld"))
    if known is None:
        return str(value)
    if known.choices and value in known.choices:
        return known.choices[value].in_(words.locale)
    if known.type in ("instant", "deadline"):
        return moment_text(words, value)
    if known.type == "flag":
        return words.say("hazards.value.yes" if value else "hazards.value.no")
    if known.type in ("person", "people"):
        ids = value if isinstance(value, list | tuple) else [value]
        return words.joined(words.name(uuid.UUID(str(one))) for one in ids)
    if isinstance(value, list | tuple):
        return words.say("hazards.value.list").join(str(one) for one in value)
    return _with_unit(words, known, value)


def _with_unit(words: Words, known: FieldDef, value: Any) -> str:
    unit = known.unit.in_(words.locale) if known.unit else ""
    shown = _grouped(value) if known.type == "money" else str(value)
    return f"{shown}{'' if unit in ('%', '°') else ' '}{unit}".strip()


def _grouped(value: Any) -> str:
    """`12,400.00`; whole amounts without their empty decimals."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def moment_text(words: Words, value: Any) -> str:
    """`2026-11-27 24:00`: an instant as text; a deadline at midnight is the end of the day before, as people say it."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment(at, words.rules)


def moment(at: datetime, rules: Rules) -> str:
    """The same for an instant."""
    local = at.astimezone(rules.zone)
    if (local.hour, local.minute) == (0, 0):
        before = datetime.fromordinal(local.toordinal() - 1)
        return f"{before.date()} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")


def ids_in(rules: Rules, values: Mapping[str, Any]) -> set[uuid.UUID]:
    """The people a form names."""
    found: set[uuid.UUID] = set()
    for name, value in values.items():
        known = rules.fields.fields.get(name)
        if known is None or known.type not in ("person", "people") or not value:
            continue
        found |= {uuid.UUID(str(one)) for one in (value if isinstance(value, list | tuple) else [value])}
    return found
