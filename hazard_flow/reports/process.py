"""What happened, in order: the process log, notices that climbed, what did not go straight, and the clocks."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from hazard_flow.hazards.limits import own_limit
from hazard_flow.hazards.protecting import PROTECTED
from hazard_flow.hazards.tags import EventTag
from hazard_flow.i18n import Label
from hazard_flow.reports import words
from hazard_flow.reports.closure import Escalation, LogEntry, Matter, TimeLimit
from hazard_flow.reports.gather import Event, Sources
from hazard_flow.workflow.deadlines import add
from hazard_flow.workflow.definition import TimerRule, Workflow
from hazard_flow.workflow.documents import installed_kinds

#: Fields told in the process log; the rest stands in the passages above it and in the record.
_TOLD = (
    "control", "clause", "basis", "responsible", "verifiers", "closer", "due_at", "return_reason", "reason", "percent", "note",
    "leak_reading", "alarm_level", "device", "on_site", "remote_reason", "opinion",
)  # fmt: skip
_MATTERS = ("return", "reassign", "fail", "send_back", "escalate_to_major", "realarm", "dismiss", "merge", "request_extension",
            "decide_extension", "suspend", "resume", "transfer")  # fmt: skip
_NOT_ARISEN = {
    Label(zh="延期", en="extension"): ("request_extension",),
    Label(zh="受阻挂起", en="suspension"): ("suspend",),
    Label(zh="移送", en="transfer"): ("transfer",),
    Label(zh="退回", en="return"): ("return", "send_back"),
    Label(zh="复查不合格", en="failed re-check"): ("fail",),
    Label(zh="升为重大", en="raise to major"): ("escalate_to_major",),
}


def log(sources: Sources) -> tuple[LogEntry, ...]:
    """Every event, in order, none left out."""
    return tuple(
        LogEntry(
            seq=event.seq,
            at=event.at,
            by=_by(event),
            actor=words.who(sources, event),
            what=_what(sources, event),
            hash=event.hash,
            post=words.post(sources, event.person) if event.person else "",
            comment=_comment(sources, event),
            stage=_stage_entered(sources, event),
            colour=event.data.get("colour"),
            evidence_count=len(event.data.get("evidence") or ()),
        )
        for event in sources.events
    )


def _by(event: Event) -> str:
    if event.person or event.actor == PROTECTED:
        return "person"
    if event.type == EventTag.MIGRATED:
        return "system"
    return "timer" if event.type.startswith("timer.") else "alarm"


def _what(sources: Sources, event: Event) -> Label:
    if event.type == EventTag.MIGRATED:
        return words.both(
            "hazards.event.migrated", old=event.data["from_workflow"], new=event.data["workflow"]
        )
    if not event.type.startswith("timer."):
        return words.action(sources, event)
    name, level = words.limit(sources, str(event.data["timer"])), int(event.data.get("level", 0))
    if event.type == EventTag.ESCALATED:
        return Label(zh=f"{name.zh}：第 {level + 1} 级督办", en=f"{name.en}: notice, rung {level + 1}")
    if event.type == EventTag.REMINDED:
        return Label(zh=f"{name.zh}：提醒", en=f"{name.en}: reminder")
    if event.type == EventTag.RECOUNTED:
        return Label(
            zh=f"{name.zh}：按放假通知重新计算", en=f"{name.en}: counted again by the holiday notice"
        )
    return Label(zh=f"{name.zh}：已办理，不再督办", en=f"{name.en}: no longer due")


def _comment(sources: Sources, event: Event) -> str:
    fields = sources.rules.fields.fields
    told = []
    for name in _TOLD:
        if name in event.fields:
            value = (
                words.reading(sources, event.fields)
                if name == "leak_reading"
                else words.told(sources, name, event.fields[name])
            )
            told.append(f"{fields[name].label.zh}：{value}")
    if event.issued is not None:
        told.append(
            f"签发 Issued：《{installed_kinds()[event.issued['kind']].name.zh}》{event.issued['number']}"
        )
    if people := event.data.get("told"):
        told.append("送达 To：" + "、".join(sources.name(one.removeprefix("person:")) for one in people))
    if missed := event.data.get("unreachable"):
        roles = sources.rules.fields.roles
        told.append(
            "无人可达 Unreachable：" + "、".join(roles[role].zh if role in roles else role for role in missed)
        )
    if skipped := event.data.get("collapsed"):
        told.append(f"合并补发 {len(skipped)} 级 collapsed rungs")
    if (late := int(event.data.get("late_ms", 0)) // 60000) >= 1:
        told.append(f"迟发 {late} 分钟 min late")
    return "\n".join(told)


def _stage_entered(sources: Sources, event: Event) -> Label | None:
    stage = event.data.get("stage")
    if not stage or stage == event.data.get("from_stage"):
        return None
    return sources.rules.fields.stages.get(stage)


def escalations(sources: Sources) -> tuple[Escalation, ...]:
    """Notices that climbed, and who said to have seen each; repeats of a rung to the same people stand in one line."""
    seen = list(sources.all("acknowledge"))
    lines: dict[tuple[str, int, str], Escalation] = {}
    for event in sources.events:
        if event.type != EventTag.ESCALATED:
            continue
        told = [str(one) for one in event.data.get("told") or ()]
        answer = next((a for a in seen if a.seq > event.seq and a.actor in told), None)
        to = "、".join(sources.name(one.removeprefix("person:")) for one in told) or "—"
        key = (str(event.data["timer"]), int(event.data["level"]), to)
        earlier = lines.get(key)
        lines[key] = Escalation(
            at=earlier.at if earlier else event.at,
            colour=event.data.get("colour"),
            what=_what(sources, event),
            level=key[1],
            to=to,
            acknowledged_at=answer.at if answer else None,
            acknowledged_by=words.who_zh(sources, answer) if answer else "",
            times=earlier.times + 1 if earlier else 1,
            last_at=event.at,
        )
    return tuple(lines.values())


def matters(sources: Sources) -> tuple[Matter, ...]:
    """What did not go straight: returns, failed re-checks, re-assignments, extensions."""
    return tuple(
        Matter(
            label=words.action(sources, event),
            at=event.at,
            by=words.who_zh(sources, event),
            text=_comment(sources, event) or "—",
        )
        for event in sources.all(*_MATTERS)
    )


def not_arisen(sources: Sources) -> tuple[Label, ...]:
    """Matters a reader would look for in vain, named so that their absence is a statement."""
    done = {event.action for event in sources.events}
    absent = [label for label, actions in _NOT_ARISEN.items() if not done & set(actions)]
    if not any(event.type == EventTag.ESCALATED for event in sources.events):
        absent.insert(0, Label(zh="督办升级", en="escalation"))
    return tuple(absent)


def limits(sources: Sources) -> tuple[TimeLimit, ...]:
    """Each clock the hazard ran under: reckoned again from the workflow and the events, as fired timers leave no row."""
    return tuple(sorted((*_clocks(sources), *_visits(sources)), key=lambda limit: limit.started_at))


def _visits(sources: Sources) -> Iterator[TimeLimit]:
    """One line for each stay in a state with a time limit of its own, and one for the rectification as a whole."""
    for (event, by), (following, _) in pairwise(_moves(sources)):
        key, version = str(by.data["workflow"]).split(".v")
        workflow = sources.rules.workflows.get((key, int(version)))
        state = workflow.states.get(str(by.data["state"])) if workflow else None
        for rule in state.timers.values() if state else ():
            due = _due(sources, workflow, rule, event.at, by.data.get("urgency"))
            if due is not None:
                yield TimeLimit(words.limit(sources, rule.name), event.at, due, following.at)
    hazard, assigned = sources.hazard, sources.last("assign")
    if hazard.due_at is not None and assigned is not None:
        yield TimeLimit(
            words.limit(sources, "rectify"),
            assigned.at,
            hazard.due_at,
            hazard.completed_at,
            hazard.original_due_at,
        )


def _moves(sources: Sources) -> list[tuple[Event, Event]]:
    """The events that entered a state, each with the one that says by which rules: itself, or a migration while it stood there."""
    moves: list[tuple[Event, Event]] = []
    for event in sources.events:
        if event.type == EventTag.MIGRATED:
            moves[-1] = (moves[-1][0], event)
        elif event.data.get("state") and event.data.get("state") != event.data.get("from"):
            moves.append((event, event))
    return moves


def _clocks(sources: Sources) -> Iterator[TimeLimit]:
    hazard = sources.hazard
    workflow = sources.rules.pinned(hazard.workflow, hazard.workflow_version)
    for rule in workflow.clocks.values():
        ran = rule.starts_from == "found_at" and (not rule.only_if or hazard.marks.keys() & set(rule.only_if))
        due = _due(sources, workflow, rule, hazard.found_at, hazard.urgency) if ran else None
        if due is not None:
            marks = [words.instant(str(hazard.marks[mark])) for mark in rule.until if mark in hazard.marks]
            ended = min(marks, default=hazard.verified_at or hazard.closed_at)
            yield TimeLimit(words.limit(sources, rule.name), hazard.found_at, due, ended)


def _due(
    sources: Sources, workflow: Workflow | None, rule: TimerRule, start: datetime, urgency: str | None
) -> datetime | None:
    rules, division = sources.rules, sources.hazard.division
    own = own_limit(rules, workflow, rule, division=division, at=start) if workflow else rule
    span = own.within.for_(urgency) if own.within else None
    if span is None:
        return None
    due: datetime = add(span, start, zone=rules.zone, calendar=rules.book.calendar(division))
    return due
