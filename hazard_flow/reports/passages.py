"""What people answered for: classification, the five implementations, readings, controls, re-check, cause, opinions."""

from hazard_flow.i18n import Label
from hazard_flow.reports import words
from hazard_flow.reports.closure import Control, Fact, Measure, Opinion, Reading, Text
from hazard_flow.reports.gather import Sources
from hazard_flow.workflow.documents import installed_kinds


def assignment(sources: Sources) -> tuple[Fact, ...]:
    """Who judged the hazard, on what ground, and into whose hands it went."""
    event = sources.last("assign")
    if event is None:
        return ()
    hazard = sources.hazard
    facts = [
        Fact(Label(zh="定级人", en="Classified by"), words.person(sources, event.person)),
        Fact(Label(zh="定级时间", en="At"), words.minute(sources, event.at)),
        Fact(Label(zh="整改责任人", en="Responsible"), words.person(sources, hazard.responsible_id)),
        Fact(
            Label(zh="复查人", en="Verifiers"),
            "\n".join(words.person(sources, one) for one in hazard.verifier_ids) or "—",
        ),
        Fact(Label(zh="销号审批人", en="Closer"), words.person(sources, hazard.closer_id)),
    ]
    if hazard.due_at is not None:
        facts.append(
            Fact(Label(zh="整改期限", en="Deadline"), words.minute(sources, hazard.due_at, deadline=True))
        )
    if event.issued is not None:
        facts.append(Fact(installed_kinds()[event.issued["kind"]].name, event.issued["number"]))
    if (accepted := sources.last("accept")) is not None:
        facts.append(
            Fact(
                Label(zh="签收", en="Accepted"),
                f"{sources.name(accepted.person)}　{words.minute(sources, accepted.at)}",
            )
        )
    facts += [
        words.field_fact(sources, name, event.fields[name], wide=True)
        for name in ("clause", "basis", "reason")
        if name in event.fields
    ]
    return tuple(facts)


def measures(sources: Sources) -> tuple[Measure, ...]:
    """The five implementations (五落实, Order 16 art. 15): responsibility, measures, funds, time limit, contingency plan."""
    assigned = sources.last("assign")
    if assigned is None:
        return ()
    hazard, details = sources.hazard, sources.hazard.details
    accepted = sources.last("accept")
    responsible = sources.name(hazard.responsible_id)
    started = list(sources.all("start_control"))
    plan = details.get("emergency_plan") or "；".join(
        words.told(sources, "control", event.fields["control"])
        for event in started
        if "control" in event.fields
    )
    funds = [
        f"{title} {details[name]} 元 CNY"
        for name, title in (("funds_planned", "计划 planned"), ("funds_used", "实际 used"))
        if details.get(name) not in (None, "")
    ]
    return (
        Measure(
            Label(zh="责任", en="Responsibility"),
            words.person(sources, hazard.responsible_id),
            responsible,
            None,
            accepted.at if accepted else None,
        ),
        Measure(
            Label(zh="措施", en="Measures"), _joined(details.get("measures"), details.get("measures_done")), responsible,
            hazard.due_at, hazard.completed_at,
        ),
        Measure(Label(zh="资金", en="Funds"), "\n".join(funds) or "—", responsible, hazard.due_at, hazard.completed_at if funds else None),
        Measure(
            Label(zh="时限", en="Time limit"), _time_limit(sources), responsible,
            hazard.original_due_at or hazard.due_at, hazard.completed_at,
        ),
        Measure(Label(zh="预案", en="Contingency"), plan or "—", responsible, None, started[0].at if started else None),
    )  # fmt: skip


def _joined(planned: object, done: object) -> str:
    parts = [f"{title}：{text}" for title, text in (("计划 Planned", planned), ("完成 Done", done)) if text]
    return "\n".join(parts) or "—"


def _time_limit(sources: Sources) -> Text:
    hazard = sources.hazard
    if hazard.due_at is None:
        return "—"
    last = words.minute(sources, hazard.due_at, deadline=True)
    first = words.minute(sources, hazard.original_due_at, deadline=True) if hazard.original_due_at else last
    if first != last:
        return Label(zh=f"原期限 {first}，现期限 {last}", en=f"first {first}, now {last}")
    return Label(zh=f"{last} 前完成", en=f"by {last}")


def readings(sources: Sources) -> tuple[Reading, ...]:
    """Gas readings, those before the first submission for re-check and those after."""
    submitted = sources.last("submit")
    label = sources.rules.fields.fields["leak_reading"].label
    return tuple(
        Reading(
            side="after"
            if event.action in ("pass", "dismiss") or (submitted and event.seq > submitted.seq)
            else "before",
            label=label,
            value=words.reading(sources, event.fields),
            instrument=str(event.fields.get("instrument_number") or event.fields.get("device") or ""),
            at=event.at,
            by=words.who_zh(sources, event),
        )
        for event in sources.events
        if "leak_reading" in event.fields
    )


def controls(sources: Sources) -> tuple[Control, ...]:
    """Interim controls; lifting ends all that are open."""
    lifts = list(sources.all("lift_control"))
    found = []
    for event in sources.all("start_control"):
        lifted = next((lift for lift in lifts if lift.seq > event.seq), None)
        code = str(event.fields.get("control", ""))
        found.append(
            Control(
                label=sources.rules.fields.controls.get(code, Label(zh=code, en=code)),
                started_at=event.at,
                started_by=words.who_zh(sources, event),
                lifted_at=lifted.at if lifted else None,
                lifted_by=words.who_zh(sources, lifted) if lifted else "",
                note=str(event.fields.get("note", "")),
            )
        )
    return tuple(found)


def recheck(sources: Sources) -> tuple[Fact, ...]:
    """Who looked, where, and what they found."""
    event = sources.last("pass")
    if event is None:
        return ()
    on_site = event.fields.get("on_site")
    facts = [
        Fact(Label(zh="复查人", en="Verifier"), words.person(sources, event.person)),
        Fact(Label(zh="复查时间", en="At"), words.minute(sources, event.at)),
        Fact(
            Label(zh="复查方式", en="Manner"),
            Label(zh="现场复查", en="On site") if on_site else Label(zh="远程复查", en="Remote"),
        ),
    ]
    if "lon" in event.fields and "lat" in event.fields:
        facts.append(
            Fact(
                Label(zh="复查位置", en="Position"),
                f"{event.fields['lon']}, {event.fields['lat']}",
                event.fields.get("crs"),
            )
        )
    if "leak_reading" in event.fields:
        facts.append(Fact(Label(zh="复测读数", en="Reading"), words.reading(sources, event.fields)))
    facts += [
        words.field_fact(sources, name, event.fields[name], wide=True)
        for name in ("remote_reason", "opinion")
        if name in event.fields
    ]
    return tuple(facts)


def conclusion(sources: Sources) -> Text | None:
    """One sentence: how the hazard ended, by whom."""
    hazard, closed = sources.hazard, sources.events[-1]
    passed, dismissed = sources.last("pass"), sources.last("dismiss")
    if hazard.resolution == "rectified" and passed is not None:
        verifier, closer = sources.name(passed.person), words.who_zh(sources, closed)
        return Label(
            zh=f"经{verifier}复查合格，隐患已消除；{closer}同意销号。",
            en=f"Re-checked and found rectified by {verifier}; closing approved by {closer}.",
        )
    if hazard.resolution == "dismissed" and dismissed is not None:
        return Label(
            zh=f"经{words.who_zh(sources, dismissed)}核定，不予认定为隐患。", en="Judged not to be a hazard."
        )
    return None


def cause(sources: Sources) -> tuple[Fact, ...]:
    """Root cause and what was done elsewhere."""
    details = sources.hazard.details
    return tuple(
        words.field_fact(sources, name, details[name], wide=True)
        for name in ("root_cause", "prevention")
        if details.get(name)
    )


def opinions(sources: Sources) -> tuple[Opinion, ...]:
    """What each person answered for, by the event that holds it."""
    asked = (
        ("assign", Label(zh="定级交办", en="Classified and assigned by"), "measures"),
        ("submit", Label(zh="整改责任人", en="Responsible"), "measures_done"),
        ("pass", Label(zh="复查人", en="Verifier"), "opinion"),
        ("dismiss", Label(zh="核定人", en="Judged by"), "reason"),
        ("close", Label(zh="销号审批", en="Closed by"), "opinion"),
    )
    found = []
    for action, role, field in asked:
        event = sources.last(action)
        if event is not None and event.person is not None:
            said = event.fields.get(field) or (
                Label(zh="同意销号。", en="Closing approved.")
                if action == "close"
                else words.action(sources, event)
            )
            found.append(
                Opinion(
                    role,
                    sources.name(event.person),
                    said,
                    event.at,
                    event.seq,
                    words.post(sources, event.person),
                )
            )
    return tuple(found)
