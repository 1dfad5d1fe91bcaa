"""Words and values of a closure file in both languages, out of the workflow's own vocabulary."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hazard_flow import i18n
from hazard_flow.evidence.kinds import kind_name
from hazard_flow.hazards.protecting import PROTECTED
from hazard_flow.hazards.story import timer_label
from hazard_flow.hazards.tags import EventTag
from hazard_flow.i18n import Label
from hazard_flow.reports.closure import Fact, Text
from hazard_flow.reports.gather import Event, Sources

UNKNOWN = Label(zh="—", en="—")


def both(key: str, **params: Any) -> Label:
    """A sentence in both languages."""
    return Label(zh=i18n.text(key, "zh", **params), en=i18n.text(key, "en", **params))


def kind(code: str) -> Label:
    """The name of a kind of evidence."""
    return Label(zh=kind_name(code, "zh"), en=kind_name(code, "en"))


def limit(sources: Sources, name: str) -> Label:
    """The name of a time limit."""
    workflow = f"{sources.hazard.workflow}.v{sources.hazard.workflow_version}"
    return Label(
        zh=timer_label(sources.rules, workflow, name, "zh"),
        en=timer_label(sources.rules, workflow, name, "en"),
    )


def action(sources: Sources, event: Event) -> Label:
    """What was done, in the words of the workflow it was done under."""
    key, version = str(
        event.data.get("workflow", f"{sources.hazard.workflow}.v{sources.hazard.workflow_version}")
    ).split(".v")
    workflow = sources.rules.workflows.get((key, int(version)))
    if event.type == EventTag.LINKED:
        return both("hazards.event.merged_from", number=event.data["number"])
    found = workflow.actions.get(event.action) if workflow else None
    if found is None and workflow is not None:
        # A switch is recorded under the workflow it leads to; its name stands in the one it left.
        found = next(
            (w.actions[event.action] for w in sources.rules.workflows.values() if event.action in w.actions),
            None,
        )
    return found.label if found else Label(zh=event.action or event.type, en=event.action or event.type)


def told(sources: Sources, name: str, value: Any) -> str:
    """A field's value as people read it; choices in both languages."""
    definition = sources.rules.fields.fields.get(name)
    if definition is None:
        return str(value)
    if definition.type in ("person", "people"):
        return "、".join(sources.name(one) for one in (value if isinstance(value, list) else [value]))
    if definition.choices and value in definition.choices:
        chosen = definition.choices[value]
        return chosen.zh if chosen.zh == chosen.en else f"{chosen.zh} {chosen.en}"
    if definition.type in ("instant", "deadline"):
        return minute(sources, instant(str(value)), deadline=definition.type == "deadline")
    if definition.type == "flag":
        return "是 yes" if value else "否 no"
    if definition.type == "decimal":
        value = _number(value)
    shown = "；".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{shown} {definition.unit.zh}" if definition.unit else shown


def field_fact(sources: Sources, name: str, value: Any, *, wide: bool = False) -> Fact:
    """A field as a line of a table."""
    definition = sources.rules.fields.fields[name]
    return Fact(definition.label, told(sources, name, value), wide=wide)


def reading(sources: Sources, fields: Any) -> str:
    """A gas reading with its unit."""
    unit = fields.get("leak_unit")
    choices = sources.rules.fields.fields["leak_unit"].choices
    return f"{_number(fields['leak_reading'])} {choices[unit].zh if unit in choices else ''}".strip()


def _number(text: Any) -> str:
    """A decimal as people write it: no zeros that nobody measured."""
    return format(Decimal(str(text)).normalize(), "f")


def person(sources: Sources, person_id: Any) -> str:
    """A name and the unit it belongs to."""
    if not person_id:
        return "—"
    name, where = sources.name(person_id), post(sources, person_id)
    return f"{name}　{where.zh}" if isinstance(where, Label) else name


def post(sources: Sources, person_id: Any) -> Text:
    """The unit a person belongs to; empty where unknown."""
    known = sources.people.get(uuid.UUID(str(person_id))) if person_id else None
    return known.organisation.label if known and known.organisation else ""


def instant(text: str) -> datetime:
    """An instant as events write it."""
    return datetime.fromisoformat(text)


def minute(sources: Sources, at: datetime, *, deadline: bool = False) -> str:
    """Local time to the minute; a deadline at midnight is 24:00 of the day before, that day included."""
    local = at.astimezone(sources.rules.zone)
    if deadline and (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def who(sources: Sources, event: Event) -> Text:
    """Who acted: a name, or the part of the system that did."""
    if event.person:
        return sources.name(event.person)
    if event.type == EventTag.MIGRATED:
        return both("hazards.administrator")
    if event.actor == PROTECTED:
        return both("hazards.protected")
    return (
        Label(zh="系统（时限）", en="System (timers)")
        if event.type.startswith("timer.")
        else Label(zh="系统（监测）", en="System (telemetry)")
    )


def who_zh(sources: Sources, event: Event) -> str:
    """The same in Chinese, for lines that hold several names."""
    acted = who(sources, event)
    return acted if isinstance(acted, str) else acted.zh
