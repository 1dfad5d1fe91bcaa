"""A submission walks through the door: as its author, with its own time, its files declared. What the door refuses is contested."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, HazardFlowError, NotFound, Refused
from hazard_flow.evidence.intake import clean_filename
from hazard_flow.evidence.items import WGS84, EvidenceItem
from hazard_flow.hazards import files, operations, queries
from hazard_flow.hazards.changes import Offline, Outcome
from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import FIRINGS
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.tags import EventTag
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Person
from hazard_flow.identity.rights import demand
from hazard_flow.offline.submissions import rounds, telling
from hazard_flow.offline.submissions.facts import arrived
from hazard_flow.offline.submissions.manifest import (
    ActManifest,
    Attachment,
    Manifest,
    ReportManifest,
    RoundManifest,
)
from hazard_flow.offline.submissions.models import Submission
from hazard_flow.workflow import coerce
from hazard_flow.workflow.definition import Action

#: events that change nothing of what a person decided
BY_THEMSELVES = frozenset({*FIRINGS, EventTag.TIMER_VOID, EventTag.RECOUNTED})
_ASSET = "asset"


@dataclass(frozen=True)
class Mended:
    """What a person who looked at a contested submission made of its form, and the version they looked at."""

    data: Mapping[str, Any]
    expected_version: int | None = None


def own_time(submission: Submission) -> datetime:
    """When it was done: the device's word less what its clock was ahead, never later than its receipt."""
    skew = timedelta(seconds=submission.clock_skew_s or 0)
    return min(submission.captured_at - skew, submission.received_at)


def enter(session: Session, submission: Submission, manifest: Manifest, actor: Actor, now: datetime) -> None:
    """Through the door under its author's name; refused there, the submission is contested with every reason. Raises what is no refusal."""
    try:
        if isinstance(manifest, RoundManifest):
            take_round(session, submission, manifest, actor, now, request_key=str(submission.id))
            return
        outcome = walk(session, submission, manifest, actor, now, request_key=str(submission.id))
    except HazardFlowError as refused:
        if refused.status >= 500:
            raise
        contest(session, submission, problems_of(refused), now)
    else:
        note_entered(submission, outcome)


def take_round(
    session: Session,
    submission: Submission,
    manifest: RoundManifest,
    actor: Actor,
    now: datetime,
    *,
    request_key: str,
    author: str | None = None,
) -> None:
    """A round instead of an event of a hazard. Raises what handing a round in raises; nothing of it is kept then."""
    offline = Offline(
        at=own_time(submission),
        submission=str(submission.id),
        clock_skew_s=submission.clock_skew_s,
        author=author,
    )
    files_ = declared(submission, manifest, stage="report")
    found = rounds.hand_in(
        session, submission, manifest, files_, actor, now, offline, request_key=request_key
    )
    submission.outcome, submission.round_id = "entered", found.id
    submission.path, submission.division = found.path, found.division


def walk(
    session: Session,
    submission: Submission,
    manifest: ReportManifest | ActManifest,
    actor: Actor,
    now: datetime,
    *,
    request_key: str,
    author: str | None = None,
    mended: Mended | None = None,
) -> Outcome:
    """What the submission asks, asked of the door by `actor`; `mended` is what a person made of it. Raises what the door raises."""
    offline = Offline(
        at=own_time(submission),
        submission=str(submission.id),
        clock_skew_s=submission.clock_skew_s,
        author=author,
    )
    if isinstance(manifest, ReportManifest):
        return _report(session, submission, manifest, actor, now, offline, request_key, mended)
    return _act(session, submission, manifest, actor, now, offline, request_key, mended)


def note_entered(submission: Submission, outcome: Outcome) -> None:
    """The submission is an event of a hazard now."""
    assert outcome.hazard is not None
    assert outcome.event is not None
    submission.outcome = "entered"
    submission.hazard_id, submission.event_seq = outcome.hazard.id, outcome.event.seq
    if submission.path != CONCEALED_PATH:
        submission.path = outcome.hazard.path
    submission.division = outcome.hazard.division


def contest(
    session: Session, submission: Submission, problems: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """A person must look: nothing of it is dropped, nothing more of it is tried by itself; whoever can settle it is told."""
    submission.outcome = "contested"
    submission.problems = [*submission.problems, *(dict(one) for one in problems)]
    telling.tell_contested(session, submission, now)


def problems_of(refused: HazardFlowError) -> list[dict[str, Any]]:
    """Why it was refused, as stored: codes and values; sentences are made for whoever reads them."""
    found = [_problem(one) for one in refused.fields]
    if refused.code != Refused.code or not found:
        found.insert(0, {"field": "", "code": refused.code, "params": _plain(refused.params)})
    return found


def is_protected(rules: Rules, manifest: Manifest) -> bool:
    """Whether it is reported past a manager: nobody of the enterprise may see who sent it."""
    if not isinstance(manifest, ReportManifest):
        return False
    return any(a.protects for a in rules.newest("general").creating if a.key == manifest.payload.action)


def _report(
    session: Session,
    submission: Submission,
    manifest: ReportManifest,
    actor: Actor,
    now: datetime,
    offline: Offline,
    request_key: str,
    mended: Mended | None,
) -> Outcome:
    demand(actor, "hazards.report")
    payload, rules = manifest.payload, rules_of(session)
    data = (
        form_of(rules, creating(rules, manifest), payload.data, offline, now)
        if mended is None
        else mended.data
    )
    return operations.report_at(
        session,
        payload.asset,
        field=_ASSET,
        actor=actor,
        request_key=request_key,
        data=dict(data),
        now=now,
        evidence=declared(submission, manifest, stage=files.stage_of("report", None)),
        source=payload.source,
        action=payload.action,
        reopen_of=payload.reopen_of,
        organisation_id=_organisation(payload.organisation) or _home(session, submission, actor),
        offline=offline,
    )


def _act(
    session: Session,
    submission: Submission,
    manifest: ActManifest,
    actor: Actor,
    now: datetime,
    offline: Offline,
    request_key: str,
    mended: Mended | None,
) -> Outcome:
    payload, rules = manifest.payload, rules_of(session)
    hazard = hazard_of(session, payload.number)
    if hazard is None:
        raise NotFound("hazard", fields=[FieldError("number", "hazard_unknown")])
    action = rules.pinned(hazard.workflow, hazard.workflow_version).actions.get(payload.action)
    return operations.act(
        session,
        actor=actor,
        hazard_id=hazard.id,
        action=payload.action,
        request_key=request_key,
        now=now,
        data=form_of(rules, action, payload.data, offline, now) if mended is None else dict(mended.data),
        evidence=declared(submission, manifest, stage=files.stage_of(payload.action, hazard.stage)),
        expected_version=known_version(session, hazard, payload.expected_version)
        if mended is None
        else mended.expected_version,
        offline=offline,
    )


def known_version(session: Session, hazard: Hazard, seen: int | None) -> int | None:
    """The version to hold the act against: reminders that fired by themselves since the tablet looked are nobody's act."""
    if seen is None or seen >= hazard.seq:
        return seen
    since = [event for event in queries.events(session, hazard) if event.seq > seen]
    return hazard.seq if since and all(event.type in BY_THEMSELVES for event in since) else seen


def hazard_of(session: Session, number: str) -> Hazard | None:
    """The hazard an act names, within the session's scope."""
    try:
        return queries.by_number(session, number.strip().upper())
    except NotFound:
        return None


def declared(submission: Submission, manifest: Manifest, *, stage: str) -> tuple[EvidenceItem, ...]:
    """The files as evidence by their hashes, with what of them has come; those that can be no evidence are left out."""
    rows = {row.sha256: row for row in submission.attachments}
    found = []
    for one in manifest.attachments:
        names = [one.original.sha256, *([one.display.sha256] if one.display else [])]
        if any(rows[name].refused for name in names):
            continue
        came = tuple(it for name in dict.fromkeys(names) if (it := arrived(rows[name])) is not None)
        found.append(_item(submission, one, stage=stage, came=came))
    return tuple(found)


def _item(submission: Submission, one: Attachment, *, stage: str, came: Iterable[Any]) -> EvidenceItem:
    meta = one.meta
    stood = meta.stood_there
    return EvidenceItem(
        sha256=one.original.sha256,
        size=one.original.size,
        mime=one.original.mime,
        stage=stage,
        kind=meta.kind,
        filename=clean_filename(one.original.filename),
        captured_at=meta.captured_at or submission.captured_at,
        exif_at=None,
        received_at=submission.received_at,
        lon=meta.lon if stood else None,
        lat=meta.lat if stood else None,
        crs=(meta.crs or WGS84) if stood else None,
        accuracy_m=meta.accuracy_m if stood else None,
        display_sha256=one.display.sha256 if one.display else None,
        width=None,
        height=None,
        pair_of=meta.pair_of,
        phash=None,
        clock_skew_s=submission.clock_skew_s,
        is_declared=True,
        tablet_id=None if submission.path == CONCEALED_PATH else submission.tablet_id,
        marks=tuple(mark.model_dump() for mark in meta.marks or ()),
        arrived=tuple(came),
    )


def creating(rules: Rules, manifest: ReportManifest) -> Action | None:
    """The creating action a report asks for."""
    is_major = manifest.payload.data.get("suspected_level") == "major"
    known = {a.key: a for a in rules.newest("major" if is_major else "general").creating}
    return known.get(manifest.payload.action or "report")


def form_of(
    rules: Rules, action: Action | None, data: Mapping[str, Any], offline: Offline, now: datetime
) -> dict[str, Any]:
    """The form with what happened before now told by our clock: the tablet wrote it by its own. Deadlines stay as they were set.

    A report that does not say when it was found was found when it was captured.
    """
    found = dict(data)
    if action is not None and action.from_states is None and any(n.field == "found_at" for n in action.needs):
        found.setdefault("found_at", (offline.at + timedelta(seconds=offline.clock_skew_s or 0)).isoformat())
    skew = timedelta(seconds=offline.clock_skew_s or 0)
    for need in action.needs if action is not None and skew else ():
        if need.rule.not_after == "now" and isinstance(found.get(need.field), str):
            at, fault = coerce.typed(need.rule.known, found[need.field], rules.zone)
            if fault is None and isinstance(at, datetime):
                found[need.field] = _text(min(at - skew, now))
    return found


def _home(session: Session, submission: Submission, actor: Actor) -> UUID | None:
    """Where a report belongs that names neither unit nor asset: to its author's unit, whoever carries it over."""
    return (
        None
        if submission.owner_id == actor.id
        else session.get_one(Person, submission.owner_id).organisation_id
    )


def _organisation(raw: str | None) -> UUID | None:
    try:
        return UUID(raw) if raw else None
    except ValueError as error:
        raise Refused(fields=[FieldError("organisation_id", "not_an_id")]) from error


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _problem(one: FieldError) -> dict[str, Any]:
    return {"field": one.field, "code": one.code, "params": _plain(one.params)}


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in params.items()}


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(one) for one in value]
    return value if isinstance(value, str | int | bool | None) else str(value)
