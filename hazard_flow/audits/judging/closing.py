"""Points 12, 13, 17 and 18: the papers that majors, users and other authorities are owed."""

from hazard_flow.audits.dossier import Dossier
from hazard_flow.audits.finding import Remark, days_text, said
from hazard_flow.hazards.past import Past
from hazard_flow.hazards.tags import EventTag
from hazard_flow.workflow.deadlines import add
from hazard_flow.workflow.guards import STOPPED

_ACCEPTED = ("ACCEPT_REPORT", "EVALUATION_REPORT", "EXPERT_OPINION")


def acceptance(dossier: Dossier) -> list[Remark]:
    """12: a major that was suspended, or listed, closed on an acceptance or evaluation report."""
    if not dossier.is_major:
        return [said("na", "acceptance.general")]
    ordered = next(
        (e for e in dossier.all("record_penalty") if e.fields.get("penalty_kind") == "suspension"), None
    )
    listed = dossier.last("list")
    stopped = dossier.hazard.marks.get(STOPPED) is not None
    if ordered is None and listed is None and not stopped:
        return [said("na", "acceptance.not_stopped")]
    seq = next((e.seq for e in (ordered, listed) if e is not None), None)
    reports = dossier.of_kind(*_ACCEPTED)
    if not reports:
        return [said("fail", "acceptance.none", seq)]
    return [said("pass", "acceptance.there", seq, reports[-1].event_seq)]


def reports(dossier: Dossier) -> list[Remark]:
    """13: the regulator in time, the staff congress, the staff themselves, and the principal's signature."""
    if not dossier.is_major:
        return [said("na", "reports.general")]
    found = [
        said("fail", f"reports.no_{action}")
        for action in ("report_regulator", "report_staff", "notify_staff", "sign_completion")
        if dossier.last(action) is None
    ]
    told = next(dossier.all("report_regulator"), None)
    began = _became_major(dossier)
    if told is not None and began is not None:
        place = dossier.rules.reckoning_at(dossier.hazard.division)
        within = dossier.policy.span("report_due", "major")
        due = add(within, began.at, zone=place.zone, calendar=place.calendar)
        if told.at > due:
            late = days_text((told.at - due).total_seconds())
            found.append(said("fail", "reports.late", began.seq, told.seq, late=late))
    seqs = [e.seq for e in dossier.all("report_regulator", "report_staff", "notify_staff", "sign_completion")]
    return found or [said("pass", "reports.made", *seqs)]


def _became_major(dossier: Dossier) -> Past | None:
    """The act by which it counts as a major: it was reported as one, or raised."""
    return next((e for e in dossier.acts if e.data.get("level") == "major"), None)


def user(dossier: Dossier) -> list[Remark]:
    """17: at a user's, written notice was given; every stopping of gas has its resuming, in time."""
    stops, at_user = list(dossier.all("stop_gas")), _is_at_user(dossier)
    if not stops and not at_user:
        return [said("na", "user.not_at_user")]
    found: list[Remark] = []
    served = dossier.last("serve_notice") or _with_evidence(dossier)
    if at_user and served is None:
        found.append(said("fail", "user.no_notice", 1))
    for stop in stops:
        resumed = next((e for e in dossier.all("resume_gas") if e.seq > stop.seq), None)
        if resumed is None:
            found.append(said("fail", "user.not_resumed", stop.seq))
            continue
        passed = dossier.checked
        limit = dossier.audit_rules.resume_within
        if passed is not None and resumed.at - passed.at > limit:
            late = days_text((resumed.at - passed.at - limit).total_seconds())
            found.append(said("remark", "user.resumed_late", stop.seq, resumed.seq, late=late))
        else:
            found.append(said("pass", "user.resumed", stop.seq, resumed.seq))
    if served is not None:
        found.append(said("pass", "user.told", served.seq))
    return found or [said("na", "user.not_at_user")]


def _with_evidence(dossier: Dossier) -> Past | None:
    """The act that brought a signed notice, or proof that it was delivered."""
    pieces = dossier.of_kind("NOTICE_SIGNED", "DELIVERY_RECEIPT", "ABSENCE_NOTICE_PHOTO")
    return next((e for e in dossier.past if pieces and e.seq == pieces[0].event_seq), None)


def _is_at_user(dossier: Dossier) -> bool:
    hazard = dossier.hazard
    return (
        hazard.workflow == "household"
        or hazard.source == "household_check"
        or dossier.value("liable_party") == "user"
    )


def transfer(dossier: Dossier) -> list[Remark]:
    """18: whoever it was handed to accepted or returned it, in time."""
    asked = dossier.last("request_transfer")
    if asked is None:
        return [said("na", "transfer.none")]
    answer = dossier.last("accept_transfer", "return_transfer", "withdraw_transfer")
    if answer is None or answer.seq < asked.seq:
        return [said("fail", "transfer.unanswered", asked.seq)]
    late = [
        e for e in dossier.past
        if e.type == EventTag.ESCALATED and e.data.get("timer") == "transfer_reply" and e.seq > asked.seq
    ]  # fmt: skip
    if late:
        return [said("fail", "transfer.late", asked.seq, late[0].seq, answer.seq)]
    if answer.action == "accept_transfer":
        return [said("pass", "transfer.accepted", asked.seq, answer.seq)]
    kind = "returned" if answer.action == "return_transfer" else "withdrawn"
    return [said("remark", f"transfer.{kind}", asked.seq, answer.seq)]
