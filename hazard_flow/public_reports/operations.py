"""Writes: a report comes in; whoever looks at it first accepts it, joins it to an open hazard, or refuses it with a reason."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import Conflict, FieldError, NotFound, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards import operations as hazards
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.operations import keep_personal
from hazard_flow.ladders import operations as ladders
from hazard_flow.ladders.operations import LimitOf
from hazard_flow.public_reports import pieces, tracking
from hazard_flow.public_reports.models import PublicReport
from hazard_flow.public_reports.rules import Kind, PublicRules
from hazard_flow.storage.base import new_id
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.workflow import deadlines

SUBJECT, LIMIT, LADDER, SOURCE = "public_report", "first_review", "first_review", "public_report"
DESCRIPTION_MIN, DESCRIPTION_MAX, PLACE_MAX, ANSWER_MAX = 5, 2_000, 200, 500
_PHONE_LENGTH = range(5, 21)


class ReportSettled(Conflict):
    """Somebody else has looked at the report meanwhile."""

    code = "report_settled"


@dataclass(frozen=True)
class Said:
    """What a form of the public says, as it came."""

    kind: str
    description: str
    place: str = ""
    phone: str = ""
    lon: str = ""
    lat: str = ""
    accuracy_m: str = ""


def hand_in(
    session: Session,
    said: Said,
    *,
    rules: PublicRules,
    organisation: Organisation,
    asset: Asset | None,
    evidence: Sequence[EvidenceItem],
    request_key: str,
    locale: str,
    zone: ZoneInfo,
    now: datetime,
) -> tuple[PublicReport, str]:
    """Take a report in; the report and the code its reporter asks by. The same form again is the same report.

    Raises Refused with everything that is wrong.
    """
    code = tracking.code_of(request_key)
    known = session.scalar(sa.select(PublicReport).where(PublicReport.tracking == tracking.digest_of(code)))
    if known is not None:
        return known, code
    kind, place = _judged(said, rules, has_asset=asset is not None)
    division = asset.division if asset is not None else organisation.division
    id_ = new_id()
    report = PublicReport(
        id=id_,
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=division,
        asset_id=asset.id if asset is not None else None,
        tracking=tracking.digest_of(code),
        kind=kind.key,
        description=said.description,
        place=said.place or (asset.address if asset is not None else ""),
        lon=place.get("lon"),
        lat=place.get("lat"),
        accuracy_m=place.get("accuracy_m"),
        evidence=[pieces.written(item) for item in evidence],
        phone_digest=keep_personal(
            session, value=said.phone, subject_id=id_, path=organisation.path, division=division
        )
        if said.phone
        else None,
        locale=locale,
        received_at=now,
        due_at=deadlines.add(
            kind.review_within, now, zone=zone, calendar=rules_of(session).book.calendar(division)
        ),
        state="waiting",
    )
    session.add(report)
    session.flush()
    ladders.open_limit(
        session,
        LimitOf(
            kind=SUBJECT,
            subject_id=report.id,
            name=LIMIT,
            ladder=LADDER,
            due_at=report.due_at,
            title=Label(zh=f"群众举报：{kind.label.zh}", en=f"Public report: {kind.label.en}"),
            href=f"/public-reports/{report.id}",
            organisation=organisation,
            division=division,
        ),
        actor=system_actor(SUBJECT),
        now=now,
    )
    return report, code


def accept(
    session: Session,
    report_id: uuid.UUID,
    *,
    actor: Actor,
    data: Mapping[str, Any],
    asset_code: str,
    evidence: Sequence[EvidenceItem],
    request_key: str,
    now: datetime,
) -> Outcome:
    """Open a hazard from the report, through the door, under the name of whoever looked at it; the public stays unnamed.

    `evidence`: photographs the reviewer adds to those of the report. Raises what a report raises, and `ReportSettled`.
    """
    report = _waiting(session, report_id)
    given: dict[str, Any] = {"found_at": report.received_at, "place": report.place, **data}
    if report.lon is not None and report.lat is not None:
        given = {
            "lon": report.lon,
            "lat": report.lat,
            "crs": "WGS84",
            "accuracy_m": report.accuracy_m,
        } | given
    given = {name: value for name, value in given.items() if value not in (None, "")}
    asset = session.get(Asset, report.asset_id) if report.asset_id is not None else None
    own = Said(report.kind, report.description)
    outcome = hazards.report_at(
        session,
        asset.code if asset is not None and not asset_code else asset_code,
        field="asset",
        actor=actor,
        request_key=f"{request_key}:hazard",
        data={"description": own.description, **given},
        now=now,
        evidence=(*(pieces.read(one) for one in report.evidence), *evidence),
        source=SOURCE,
        organisation_id=_enterprise(session, report),
    )
    assert outcome.hazard is not None
    _settle(session, report, "accepted", actor=actor, hazard=outcome.hazard, now=now)
    return outcome


def join(
    session: Session,
    report_id: uuid.UUID,
    *,
    actor: Actor,
    number: str,
    request_key: str,
    now: datetime,
) -> Hazard:
    """Say that the report speaks of an open hazard. Its photographs go along where the reviewer may add evidence there.

    Raises Refused for a hazard nobody here can see or that is closed, `ReportSettled`, and what adding evidence raises.
    """
    report = _waiting(session, report_id)
    hazard = session.scalar(
        sa.select(Hazard).where(
            Hazard.number == number.strip().upper(),
            actor.scope.where(Hazard.path, Hazard.division, Hazard.parties),
        )
    )
    if hazard is None:
        raise Refused("hazard", fields=[FieldError("hazard", "hazard_unknown")])
    if not hazard.is_open:
        raise Refused("hazard", fields=[FieldError("hazard", "hazard_closed")])
    if report.evidence:
        hazards.act(
            session,
            actor=actor,
            hazard_id=hazard.id,
            action="attach",
            request_key=f"{request_key}:attach",
            now=now,
            data={"note": report.description[:200]},
            evidence=tuple(pieces.read(one) for one in report.evidence),
        )
    _settle(session, report, "joined", actor=actor, hazard=hazard, now=now)
    return hazard


def refuse(
    session: Session,
    report_id: uuid.UUID,
    *,
    actor: Actor,
    rules: PublicRules,
    reason: str,
    answer: str,
    now: datetime,
) -> PublicReport:
    """Put the report away for a reason its reporter reads. Raises Refused and `ReportSettled`."""
    report = _waiting(session, report_id)
    problems = []
    if reason not in rules.refusals:
        problems.append(FieldError("reason", "not_a_choice", {"choices": ", ".join(rules.refusals)}))
    if len(answer) > ANSWER_MAX:
        problems.append(FieldError("answer", "too_long", {"at_most": ANSWER_MAX}))
    if problems:
        raise Refused("report", fields=problems)
    report.reason, report.answer = reason, answer
    _settle(session, report, "refused", actor=actor, hazard=None, now=now)
    return report


def _waiting(session: Session, report_id: uuid.UUID) -> PublicReport:
    seen = scope_of_session(session).where(PublicReport.path, PublicReport.division)
    report = session.scalar(
        sa.select(PublicReport).where(PublicReport.id == report_id, seen).with_for_update()
    )
    if report is None:
        raise NotFound(f"report {report_id}")
    if report.state != "waiting":
        raise ReportSettled(report.state, state=report.state)
    return report


def _settle(
    session: Session, report: PublicReport, state: str, *, actor: Actor, hazard: Hazard | None, now: datetime
) -> None:
    report.state, report.reviewed_at, report.reviewed_by_id = state, now, actor.id
    report.hazard_id = hazard.id if hazard is not None else None
    session.flush()
    ladders.meet(session, SUBJECT, report.id, LIMIT, actor=actor, now=now)


def _enterprise(session: Session, report: PublicReport) -> uuid.UUID | None:
    """The unit it belongs to where no asset says so; a regulator opens no hazard of its own."""
    unit = session.get_one(Organisation, report.organisation_id)
    return None if unit.kind == "regulator" else unit.id


def _judged(said: Said, rules: PublicRules, *, has_asset: bool) -> tuple[Kind, dict[str, float]]:
    problems: list[FieldError] = []
    if said.kind not in rules.kinds:
        problems.append(FieldError("kind", "not_a_choice", {"choices": ", ".join(rules.kinds)}))
    if len(said.description) < DESCRIPTION_MIN:
        length = len(said.description)
        problems.append(
            FieldError("description", "too_short", {"at_least": DESCRIPTION_MIN, "length": length})
        )
    for name, most in (("description", DESCRIPTION_MAX), ("place", PLACE_MAX)):
        if len(getattr(said, name)) > most:
            problems.append(FieldError(name, "too_long", {"at_most": most}))
    plain = said.phone.replace(" ", "").replace("-", "")
    if said.phone and not (
        plain.removeprefix("+").isascii()
        and plain.removeprefix("+").isdigit()
        and len(plain) in _PHONE_LENGTH
    ):
        problems.append(FieldError("phone", "bad_phone"))
    place = _place(said, problems)
    if not has_asset and not said.place and "lon" not in place:
        problems.append(FieldError("place", "place_needed"))
    if problems:
        raise Refused("report", fields=problems)
    return rules.kinds[said.kind], place


def _place(said: Said, problems: list[FieldError]) -> dict[str, float]:
    """What the device says of where it is; a device that says nothing is no fault, one that says nonsense is."""
    if not said.lon and not said.lat:
        return {}
    found = {}
    for name, bound in (("lon", 180.0), ("lat", 90.0), ("accuracy_m", 100_000.0)):
        try:
            value = float(getattr(said, name) or 0)
            if not -bound <= value <= bound:
                raise ValueError(name)
            found[name] = value
        except ValueError:
            problems.append(FieldError(name, "out_of_range", {"minimum": -bound, "maximum": bound}))
    return found
