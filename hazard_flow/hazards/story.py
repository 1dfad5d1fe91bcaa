"""A hazard's events as sentences, newest first."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.protecting import PROTECTED
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.views import TimelineEntry
from hazard_flow.i18n import known, text

_ICONS = {
    "report": "flag-3",
    "assign": "send",
    "accept": "user-check",
    "progress": "progress",
    "submit": "clipboard-check",
    "pass": "checks",
    "fail": "x",
    "close": "archive",
    "start_control": "shield-half",
    "lift_control": "shield-off",
    "alarm": "bell-ringing",
    "realarm": "bell-ringing",
    "attach": "paperclip",
    "return": "arrow-back-up",
    "send_back": "arrow-back-up",
}
#: fields told in the timeline, in this order; the rest stands in the facts and in the record
_TOLD = (
    "control",
    "reason",
    "return_reason",
    "note",
    "percent",
    "measures",
    "measures_done",
    "opinion",
    "due_at",
    "clause",
)


def timeline(
    session: Session,
    hazard: Hazard,
    chain: Sequence[HazardEvent],
    people: Mapping[uuid.UUID, str],
    locale: str,
) -> tuple[TimelineEntry, ...]:
    """One entry for each event."""
    rules = rules_of(session)
    return tuple(_entry(rules, hazard, event, people, locale) for event in reversed(chain))


def _entry(
    rules: Rules, hazard: Hazard, event: HazardEvent, people: Mapping[uuid.UUID, str], locale: str
) -> TimelineEntry:
    data = json.loads(event.body)["data"]
    system = event.actor.startswith("system:")
    return TimelineEntry(
        seq=event.seq,
        hash=event.hash.hex(),
        at=event.at,
        title=_title(rules, hazard, event, data, locale),
        actor=_who(event, people, locale),
        icon=_icon(event),
        details=tuple(_details(rules, data, people, locale)),
        is_system=system,
        is_step=bool(data.get("stage")) and data.get("from_stage") != data.get("stage"),
    )


def _who(event: HazardEvent, people: Mapping[uuid.UUID, str], locale: str) -> str:
    if event.actor.startswith("person:"):
        return _name(event.actor, people, locale)
    return text("hazards.administrator" if event.type == EventTag.MIGRATED else "hazards.system", locale)


def _icon(event: HazardEvent) -> str:
    if event.type == EventTag.MIGRATED:
        return "arrows-exchange"
    return _ICONS.get(event.action or "", "bell" if event.type.startswith("timer.") else "point")


def _title(rules: Rules, hazard: Hazard, event: HazardEvent, data: Mapping[str, Any], locale: str) -> str:
    if event.type == EventTag.RECOUNTED:
        shorter = "_shorter" if data["shortened"] else ""
        return text(f"hazards.event.recounted{shorter}", locale, name=_limit(rules, hazard, data, locale))
    if event.type in (EventTag.ESCALATED, EventTag.REMINDED, EventTag.TIMER_VOID):
        colour = data.get("colour")
        kind = {EventTag.ESCALATED: "escalated", EventTag.REMINDED: "reminded", EventTag.TIMER_VOID: "void"}[
            EventTag(event.type)
        ]
        name = _limit(rules, hazard, data, locale)
        if kind == "escalated" and colour:
            return text(
                "hazards.event.escalated_colour",
                locale,
                name=name,
                colour=text(f"hazards.colour.{colour}", locale),
            )
        return text(f"hazards.event.{kind}", locale, name=name)
    if event.type == EventTag.MIGRATED:
        return text("hazards.event.migrated", locale, old=data["from_workflow"], new=data["workflow"])
    if event.type == EventTag.LINKED:
        return text("hazards.event.merged_from", locale, number=data["number"])
    key, version = str(data.get("workflow", f"{hazard.workflow}.v{hazard.workflow_version}")).split(".v")
    workflow = rules.workflows.get((key, int(version)))
    action = workflow.actions.get(event.action or "") if workflow else None
    return action.label.in_(locale) if action else event.action or event.type


def _details(
    rules: Rules, data: Mapping[str, Any], people: Mapping[uuid.UUID, str], locale: str
) -> list[str]:
    found: list[str] = []
    if "from_workflow" in data and data["from"] != data["state"]:
        states = [
            _state(rules, data["from_workflow"], data["from"], locale),
            _state(rules, data["workflow"], data["state"], locale),
        ]
        found.append(text("hazards.event.migrated_state", locale, old=states[0], new=states[1]))
    fields = data.get("fields", {})
    found += [
        f"{rules.fields.fields[name].label.in_(locale)}：{_shown(rules, name, fields[name], people, locale)}"
        for name in _TOLD
        if fields.get(name) not in (None, "", [])
    ]
    if data.get("moved"):
        found.append(_moved(rules, data, locale))
    if data.get("evidence"):
        found.append(text("hazards.event.evidence", locale, n=len(data["evidence"])))
    if data.get("issues"):
        kind = rules.vocabulary.documents[data["issues"]["kind"]].name.in_(locale)
        found.append(text("hazards.event.issued", locale, kind=kind, number=data["issues"]["number"]))
    if data.get("told"):
        told = "、".join(_name(p, people, locale) for p in data["told"])
        found.append(text("hazards.event.told", locale, people=told))
    if data.get("unreachable"):
        missed = "、".join(
            rules.fields.roles[r].in_(locale) if r in rules.fields.roles else r for r in data["unreachable"]
        )
        found.append(text("hazards.event.unreachable", locale, roles=missed))
    if data.get("collapsed"):
        found.append(text("hazards.event.collapsed", locale, n=len(data["collapsed"])))
    late_s = int(data.get("late_ms", 0)) // 1000
    if late_s >= 60:
        found.append(text("hazards.event.late", locale, minutes=late_s // 60))
    if data.get("alarm_level"):
        found.append(text("hazards.event.alarm_level", locale, level=data["alarm_level"]))
    return found


def _state(rules: Rules, workflow_id: str, state: str, locale: str) -> str:
    key, version = workflow_id.split(".v")
    workflow = rules.workflows.get((key, int(version)))
    return workflow.states[state].label.in_(locale) if workflow else state


def _moved(rules: Rules, data: Mapping[str, Any], locale: str) -> str:
    """From which instant to which a limit moved when it was counted again, and by which notice."""
    what = "expires" if data["moved"] == "limit" else "due"
    before, after = (
        moment(datetime.fromisoformat(str(data[f"{what}_{when}"])), rules.zone)
        for when in ("before", "after")
    )
    return text(
        f"hazards.event.moved_{data['moved']}",
        locale,
        before=before,
        after=after,
        source=data["calendar"] or "—",
    )


def _shown(rules: Rules, name: str, value: Any, people: Mapping[uuid.UUID, str], locale: str) -> str:
    definition = rules.fields.fields[name]
    if definition.choices and value in definition.choices:
        return definition.choices[value].in_(locale)
    if definition.type in ("instant", "deadline"):
        return moment(datetime.fromisoformat(str(value)), rules.zone)
    unit = definition.unit.in_(locale) if definition.unit else ""
    if isinstance(value, list):
        return "；".join(str(v) for v in value)
    return f"{value} {unit}".strip()


def _name(actor: str, people: Mapping[uuid.UUID, str], locale: str) -> str:
    if actor == PROTECTED:
        return text("hazards.protected", locale)
    return people.get(uuid.UUID(actor.removeprefix("person:")), text("hazards.somebody", locale))


def _limit(rules: Rules, hazard: Hazard, data: Mapping[str, Any], locale: str) -> str:
    return timer_label(rules, f"{hazard.workflow}.v{hazard.workflow_version}", str(data["timer"]), locale)


def timer_label(rules: Rules | None, workflow_id: str, name: str, locale: str) -> str:
    """What people call a time limit: its workflow's own name for it, else ours.

    `workflow_id` (`general.v1`) may be one the hazard has left since, or none that is loaded here: then any other that names it will do.
    """
    loaded = (
        sorted(rules.workflows.values(), key=lambda w: (w.id != workflow_id, -w.version)) if rules else []
    )
    labels = [(one.id, label) for one in loaded if (label := one.timer_label(name)) is not None]
    own = labels and (labels[0][0] == workflow_id or not known(f"hazards.timer.{name}"))
    return labels[0][1].in_(locale) if own else timer_name(name, locale)


def timer_name(name: str, locale: str) -> str:
    """What people call a time limit no workflow names."""
    key = f"hazards.timer.{name}"
    return text(key, locale) if known(key) else name.replace("_", " ")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`2026-11-27 24:00`: a deadline at midnight is the end of the day before, as people say it."""
    local = at.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return f"{local.date() - timedelta(days=1)} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")
