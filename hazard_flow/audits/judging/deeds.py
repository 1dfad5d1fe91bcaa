"""Points 8, 14 and 15: whether the place was kept safe, the dates follow each other, and notices were answered."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from hazard_flow.audits.dossier import Dossier
from hazard_flow.audits.finding import Remark, clock, days_text, said
from hazard_flow.hazards.effects import NO_CONTROL
from hazard_flow.hazards.past import Past
from hazard_flow.hazards.tags import EventTag
from hazard_flow.i18n import Label

_START, _LIFT = ("start_control", "stop_gas"), ("lift_control", "resume_gas")


def control(dossier: Dossier) -> list[Remark]:
    """8: a control began in time, stood until the re-check passed, and was lifted by somebody afterwards."""
    began, wanted = next(dossier.all(*_START), None), _wanted(dossier)
    if began is None:
        if dossier.hazard.split_from_id is not None and dossier.hazard.marks.get("control_started"):
            return [said("pass", "control.shared")]
        at_once = dossier.value("onsite_action")
        if wanted and at_once:
            return [said("remark", "control.only_told", 1)]
        return [said("fail", "control.never", 1)] if wanted else [said("na", "control.not_needed")]
    found = list(_late(dossier, began))
    gap = _gap(dossier, dossier.checked)
    if gap is not None and wanted:
        handed_in = dossier.last("submit", "fix_on_site")
        is_mended = handed_in is not None and gap.seq > handed_in.seq
        found.append(said("remark" if is_mended else "fail", f"control.gap{'_mended' * is_mended}", gap.seq))
    lifted = dossier.last(*_LIFT)
    if lifted is not None and not found:
        found.append(said("pass", "control.whole", began.seq, lifted.seq))
    return found or [said("pass", "control.stood", began.seq)]


def _wanted(dossier: Dossier) -> bool:
    asked = any(row["interim_control"] != NO_CONTROL for row in dossier.rows)
    return asked or dossier.is_major or dossier.hazard.urgency == "A"


def _late(dossier: Dossier, began: Past) -> Iterator[Remark]:
    """Later than the catalogue's own time to the first control."""
    asked = [
        Decimal(str(row["response_hours"])) for row in dossier.rows if Decimal(str(row["response_hours"]))
    ]
    if not asked:
        return
    most = timedelta(hours=float(min(asked)))
    took = began.at - dossier.hazard.found_at
    if took > most:
        took_text, most_text = days_text(took.total_seconds()), days_text(most.total_seconds())
        yield said("remark", "control.late", began.seq, took=took_text, most=most_text)


def _gap(dossier: Dossier, passed: Past | None) -> Past | None:
    """The act after which nothing stood though the re-check had not passed yet."""
    standing: set[str] = set()
    gap: Past | None = None
    for event in dossier.all(*_START, *_LIFT):
        if passed is not None and event.seq > passed.seq:
            break
        kind = "gas" if event.action in ("stop_gas", "resume_gas") else "control"
        if event.action in _START:
            standing.add(kind)
        else:
            standing.discard(kind)
        gap = None if standing else event
    return gap


def dates(dossier: Dossier) -> list[Remark]:
    """14: each step after the one before it; re-checks and cancellations at night or on a day off are remarked."""
    zone = dossier.rules.zone
    found: list[Remark] = []
    steps = _steps(dossier)
    for (before, at, seq), (after, then, later) in itertools.pairwise(steps):
        # a form's times are given to the minute: within one, the order cannot be told
        if then < at - timedelta(minutes=1):
            found.append(
                said("fail", "dates.order", seq, later,
                     before=before, at=clock(at, zone), after=after, then=clock(then, zone))
            )  # fmt: skip
    found += [
        said("remark", f"dates.{why}", event.seq, at=clock(event.at, zone))
        for event in (dossier.checked, dossier.entered("closed"))
        if event is not None and (why := _odd(dossier, event.at))
    ]
    return found or [said("pass", "dates.fit", *(seq for _, _, seq in steps))]


def _steps(dossier: Dossier) -> list[tuple[Label, datetime, int]]:
    """Found, assigned, accepted, finished, checked, closed: those that happened, the last time each."""
    hazard = dossier.hazard
    handed_in = dossier.last("submit", "fix_on_site")
    found = [(Label(zh="发现", en="found"), hazard.found_at, 1)]
    found += _happened(Label(zh="交办", en="assigned"), dossier.last("assign"))
    found += _happened(Label(zh="签收", en="accepted"), dossier.last("accept"))
    if hazard.completed_at is not None and handed_in is not None:
        found.append((Label(zh="完成", en="finished"), hazard.completed_at, handed_in.seq))
    found += _happened(Label(zh="复查", en="checked"), dossier.checked)
    if dossier.checked != dossier.entered("closed"):  # on the spot both are one act
        found += _happened(Label(zh="销号", en="closed"), dossier.entered("closed"))
    return found


def _happened(label: Label, event: Past | None) -> list[tuple[Label, datetime, int]]:
    return [] if event is None else [(label, event.at, event.seq)]


def _odd(dossier: Dossier, at: datetime) -> str:
    local, (begins, ends) = at.astimezone(dossier.rules.zone), dossier.audit_rules.night
    if local.hour >= begins or local.hour < ends:
        return "night"
    calendar = dossier.rules.book.calendar(dossier.hazard.division)
    return "" if calendar.is_workday(local.date()) else "holiday"


def escalations(dossier: Dossier) -> list[Remark]:
    """15: after each notice of a colour somebody acknowledged it or did something about the hazard in time."""
    rules, answered = dossier.audit_rules, 0
    found: list[Remark] = []
    for fired in dossier.past:
        colour = fired.data.get("colour")
        if fired.type != EventTag.ESCALATED or not colour:
            continue
        within = rules.answer_within[colour]
        answer = next((e for e in dossier.acts if e.seq > fired.seq and e.who is not None), None)
        if answer is not None and answer.at - fired.at <= within:
            answered += 1
            continue
        result = "fail" if colour in rules.answer_fails else "remark"
        shown = Label(zh=_COLOURS[colour], en=colour)
        hours = int(within.total_seconds() // 3600)
        found.append(said(result, "escalations.silent", fired.seq, colour=shown, hours=hours))
    if found:
        return found
    return [said("pass", "escalations.answered", n=answered) if answered else said("na", "escalations.none")]


_COLOURS = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}
