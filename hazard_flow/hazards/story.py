"""A hazard's events as sentences, newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hazard_flow.hazards.icons import ICONS
from hazard_flow.hazards.marks import tier
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import Past, person_of
from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.shown import Words, moment, moment_text, told, value_text
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.views import TimelineEntry
from hazard_flow.i18n import known, text
from hazard_flow.workflow.definition import Action

_LAPSED = "hourglass"
_OWN_ICONS = {EventTag.LINKED: "git-merge", EventTag.MIGRATED: "arrows-exchange"}
_KINDS = {EventTag.ESCALATED: "escalated", EventTag.REMINDED: "reminded", EventTag.TIMER_VOID: "void"}
#: lateness below this is the engine's ordinary rhythm
_LATE_FROM_S = 60


def timeline(
    words: Words, hazard: Hazard, past: Sequence[Past], numbers: Mapping[str, str]
) -> tuple[TimelineEntry, ...]:
    """One entry for each event; `numbers` are those of linked hazards the reader may see, by id."""
    found, level = [], None
    for event in past:
        now = tier_of(event.data) if "level" in event.data else level
        found.append(_entry(words, hazard, event, numbers, changed=(level, now)))
        level = now
    return tuple(reversed(found))


def _entry(
    words: Words,
    hazard: Hazard,
    event: Past,
    numbers: Mapping[str, str],
    *,
    changed: tuple[str | None, str | None],
) -> TimelineEntry:
    action = action_of(words, hazard, event)
    return TimelineEntry(
        seq=event.seq,
        hash=event.hash,
        at=event.at,
        title=_title(words, event, action),
        actor=words.say("hazards.administrator")
        if event.type == EventTag.MIGRATED
        else words.who(event.actor),
        icon=_icon(event),
        details=(
            *_migrated(words, event.data),
            *_levels(words, *changed),
            *told(words, action, event.fields),
            *_moved(words, event.data),
            *_consequences(words, event, numbers),
            *_firing(words, event.data),
            *_offline(words, event),
            *_written_off(words, event.data),
        ),
        is_system=event.actor.startswith("system"),
        is_step=event.is_step,
        is_offline=event.done_at is not None,
    )


def _offline(words: Words, event: Past) -> list[str]:
    """When it was really done, and who wrote it where somebody else carried it over."""
    if event.done_at is None:
        return []
    found = [words.say("hazards.event.offline", at=moment(event.done_at, words.rules))]
    author = event.data["offline"].get("author")
    return [*found, *([words.say("hazards.event.carried_over", who=words.who(author))] if author else [])]


def _written_off(words: Words, data: Mapping[str, Any]) -> list[str]:
    """The files that were given up for lost."""
    names = [str(one["filename"] or one["sha256"][:12]) for one in data.get("written_off", ())]
    return [words.say("hazards.event.written_off", names=words.joined(names))] if names else []


def action_of(words: Words, hazard: Hazard, event: Past) -> Action | None:
    """The act as the workflow version it was done under knows it; a switch is an act of the workflow it left."""
    if event.action is None:
        return None
    key, _, version = str(event.data.get("workflow", "")).rpartition(".v")
    workflows = words.rules.workflows
    pinned = workflows.get((key, int(version))) if version.isdigit() else None
    candidates = [pinned, workflows.get((hazard.workflow, hazard.workflow_version)), *workflows.values()]
    return next((w.actions[event.action] for w in candidates if w and event.action in w.actions), None)


def _icon(event: Past) -> str:
    if event.action in ICONS:
        return ICONS[event.action]
    if event.type in _OWN_ICONS:
        return _OWN_ICONS[EventTag(event.type)]
    if "silent" in event.data:
        return _LAPSED
    return "bell" if event.type.startswith("timer.") else "point"


def _title(words: Words, event: Past, action: Action | None) -> str:
    if event.type in set(_KINDS):
        return _firing_title(words, EventTag(event.type), event.data)
    if event.type == EventTag.RECOUNTED:
        shorter = "_shorter" if event.data["shortened"] else ""
        name = limit_name(words, str(event.data["timer"]))
        return words.say(f"hazards.event.recounted{shorter}", name=name)
    if event.type == EventTag.MIGRATED:
        names = [str(event.data[key]) for key in ("from_workflow", "workflow")]
        return words.say("hazards.event.migrated", old=names[0], new=names[1])
    if event.type == EventTag.LINKED:
        return words.say(f"hazards.event.{event.data['link']}", number=event.data["number"])
    return action.label.in_(words.locale) if action else event.action or event.type


def _firing_title(words: Words, tag: EventTag, data: Mapping[str, Any]) -> str:
    name, colour = limit_name(words, str(data["timer"])), data.get("colour")
    if tag == EventTag.ESCALATED and colour:
        return words.say(
            "hazards.event.escalated_colour", name=name, colour=words.say(f"hazards.colour.{colour}")
        )
    return words.say(f"hazards.event.{_KINDS[tag]}", name=name)


def _migrated(words: Words, data: Mapping[str, Any]) -> list[str]:
    """What the hazard's state became where it moved to another version of its workflow."""
    if "from_workflow" not in data or data["from"] == data["state"]:
        return []
    before = _state(words, str(data["from_workflow"]), str(data["from"]))
    after = _state(words, str(data["workflow"]), str(data["state"]))
    return [words.say("hazards.event.migrated_state", old=before, new=after)]


def _state(words: Words, workflow_id: str, state: str) -> str:
    key, _, version = workflow_id.partition(".v")
    workflow = words.rules.workflows.get((key, int(version)))
    return workflow.states[state].label.in_(words.locale) if workflow else state


def _moved(words: Words, data: Mapping[str, Any]) -> list[str]:
    """From which instant to which a limit moved when it was counted again, and by which notice."""
    if not data.get("moved"):
        return []
    what = "expires" if data["moved"] == "limit" else "due"
    before, after = (
        moment(datetime.fromisoformat(str(data[f"{what}_{when}"])), words.rules)
        for when in ("before", "after")
    )
    source = data["calendar"] or "—"
    return [words.say(f"hazards.event.moved_{data['moved']}", before=before, after=after, source=source)]


def _levels(words: Words, before: str | None, after: str | None) -> list[str]:
    """What became of the level, said where it changed."""
    if before is None or after is None or before == after:
        return []
    names = [words.say(f"hazards.tier.{key}") for key in (before, after)]
    return [words.say("hazards.event.tier", before=names[0], after=names[1])]


def tier_of(data: Mapping[str, Any]) -> str | None:
    """M, A, B or C as an event says it; None while nobody has classified it."""
    return (None, "M", "A", "B", "C")[tier(str(data["level"]), data.get("urgency"))]


def _consequences(words: Words, event: Past, numbers: Mapping[str, str]) -> list[str]:
    """What the act brought beside its step."""
    data, found = event.data, []
    for name, value in (data.get("adopted") or {}).items():
        shown = words.say(
            "hazards.event.adopted", field=_goal(words, name), value=_adopted(words, name, value)
        )
        found.append(shown)
    if signatures := data.get("signatures"):
        found.append(words.say("hazards.event.signatures", **signatures))
    if data.get("spawned"):
        found.append(words.say("hazards.event.spawned", number=data["spawned"]))
    if data.get("merged_into"):
        found.append(words.say("hazards.event.merged_into", number=data["merged_into"]))
    found += [
        words.say(f"hazards.event.{link}", number=numbers[str(data[link])])
        for link in ("reopen_of", "split_from")
        if str(data.get(link)) in numbers
    ]
    if climbed := data.get("climbed"):
        found.append(_climbed(words, climbed))
    if penalties := data.get("penalties"):
        found.append(
            words.say("hazards.event.penalties", half=penalties["in_180_days"], year=penalties["in_one_year"])
        )
        found += [words.say("hazards.event.closure_proposal")] if penalties["closure_proposal"] else []
    if data.get("evidence"):
        found.append(words.say("hazards.event.evidence", n=len(data["evidence"])))
    if reused := data.get("reused"):
        found.append(words.say("hazards.event.reused", n=len(reused["files"]), reason=reused["reason"]))
    if issued := data.get("issues"):
        kind = words.rules.vocabulary.documents[issued["kind"]].name.in_(words.locale)
        found.append(words.say("hazards.event.issued", kind=kind, number=issued["number"]))
    return found


def _goal(words: Words, name: str) -> str:
    known_field = words.rules.fields.fields.get(name)
    return known_field.label.in_(words.locale) if known_field else name


def _adopted(words: Words, name: str, value: Any) -> str:
    return moment_text(words, value) if name == "due_at" else value_text(words, name, value)


def _climbed(words: Words, climbed: Mapping[str, Any]) -> str:
    colour = climbed.get("colour")
    people = words.joined(words.name(person_of(str(p))) for p in climbed.get("told", ()))
    key = "hazards.event.climbed_colour" if colour else "hazards.event.climbed"
    shown = words.say(f"hazards.colour.{colour}") if colour else ""
    return words.say(key, n=climbed["count"], colour=shown, people=people)


def _firing(words: Words, data: Mapping[str, Any]) -> list[str]:
    """What a time limit did: whom it reached, what it skipped, how late it was."""
    found: list[str] = []
    if silent := data.get("silent"):
        found.append(words.say("hazards.event.silent", name=limit_name(words, str(silent["timer"]))))
    if data.get("told"):
        found.append(
            words.say("hazards.event.told", people=words.joined(words.who(str(p)) for p in data["told"]))
        )
    if data.get("unreachable"):
        roles = words.rules.fields.roles
        missed = words.joined(roles[r].in_(words.locale) if r in roles else r for r in data["unreachable"])
        found.append(words.say("hazards.event.unreachable", roles=missed))
    if data.get("collapsed"):
        found.append(words.say("hazards.event.collapsed", n=len(data["collapsed"])))
    late_s = int(data.get("late_ms", (data.get("silent") or {}).get("late_ms", 0))) // 1000
    if late_s >= _LATE_FROM_S:
        found.append(words.say("hazards.event.late", minutes=late_s // 60))
    if data.get("alarm_level") and "alarm_level" not in (data.get("fields") or {}):
        found.append(words.say("hazards.event.alarm_level", level=data["alarm_level"]))
    return found


def limit_name(words: Words, name: str) -> str:
    """What the reader calls one of the hazard's time limits."""
    return timer_label(words.rules, words.workflow_id, name, words.locale)


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
