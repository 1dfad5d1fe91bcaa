"""Writes: a round is begun, handed in, signed off; a doubt is judged. Plans have `planning`, making rounds `making`."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import labels
from hazard_flow.errors import Conflict, FieldError, NotAllowed, NotFound, Refused
from hazard_flow.hazards.changes import Offline
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand, may
from hazard_flow.inspections import doubting, finding_out, tracks
from hazard_flow.inspections.checklists import answering
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.checklists.loading import released
from hazard_flow.inspections.lines import lines_of
from hazard_flow.inspections.making import DUE, KIND
from hazard_flow.inspections.models import Round, RoundAsset, RoundFlag, RoundTrack
from hazard_flow.inspections.papers import Paper, PlaceVisit
from hazard_flow.inspections.rules import inspection_rules
from hazard_flow.ladders import operations as limits
from hazard_flow.storage.unit import scope_of_session

DO, REVIEW = "rounds.do", "rounds.review"
#: who may do a round that is somebody else's
_LEADERS = frozenset({"team_leader", "dept_manager", "safety_director"})
REMARK_LENGTH_MAX = 500
VERDICTS = ("confirmed", "explained")
#: a paper of one round; more hours are several rounds
HOURS_MAX = 72


def begin(session: Session, round_id: uuid.UUID, *, actor: Actor, now: datetime) -> Round:
    """Somebody sets out. Once is enough; raises NotFound, NotAllowed, Conflict when it was done."""
    found = _mine(session, round_id, actor)
    if not found.is_open:
        raise Conflict("the round was done")
    if found.state == "planned":
        found.state, found.seq = "under_way", found.seq + 1
    found.started_at = found.started_at or now
    return found


def hand_in(
    session: Session,
    actor: Actor,
    round_id: uuid.UUID,
    paper: Paper,
    *,
    request_key: str,
    now: datetime,
    zone: ZoneInfo,
    offline: Offline | None = None,
) -> Round:
    """The round is done: answers judged by its checklist, the track held against its lines, findings reported, doubts noted.

    The same request key again gives the same round. Raises Refused with everything wrong and stores nothing of it then; Conflict when it
    was handed in before or is owed no more; NotAllowed when it is somebody else's.
    """
    found = _mine(session, round_id, actor)
    if found.request_key == request_key:
        return found
    if not found.is_open:
        raise Conflict("the round was done")
    checklist = released()[found.checklist]
    places = {one.asset_id: one for one in _places(session, found.id)}
    assets = labels(session, places)
    judged = _judged(checklist, paper, assets, now)
    ended_at = min(paper.ended_at, now)
    found.state, found.seq = "done", found.seq + 1
    found.started_at, found.ended_at, found.handed_in_at = min(paper.started_at, now), ended_at, now
    found.done_by, found.source, found.request_key = actor.id, paper.source, request_key
    found.weather, found.remark = paper.weather, paper.remark
    found.is_late = ended_at > found.due_at
    if actor.id is not None and f",{actor.id.hex}," not in found.parties:
        found.parties += f"{actor.id.hex},"
    for visit in paper.visits:
        _note_visit(places[visit.asset_id], visit)
    _judge_track(session, found, paper, places, assets)
    session.flush()
    found.findings = finding_out.report(
        session,
        actor,
        finding_out.Found(found, checklist, paper.visits, judged, assets),
        now=now,
        offline=offline,
    )
    found.flags = doubting.raise_doubts(session, found, paper, checklist, judged, assets, now=now, zone=zone)
    limits.meet(session, KIND, found.id, DUE, actor=actor, now=now, at=ended_at)
    _make_up(session, found, set(places), actor=actor, now=now)
    session.flush()
    return found


def sign_off(session: Session, round_id: uuid.UUID, *, actor: Actor, now: datetime) -> Round:
    """A leader has looked at it, and did not do it. Raises NotFound, NotAllowed, Conflict."""
    demand(actor, REVIEW)
    found = _one(session, round_id)
    if found.state != "done" or found.signed_off_at is not None:
        raise Conflict("nothing to sign off")
    if actor.id == found.done_by or not actor.roles_at(path=found.path, division=found.division) & _LEADERS:
        raise NotAllowed("a leader of the unit signs off, not whoever did it", right=REVIEW)
    found.signed_off_at, found.signed_off_by, found.seq = now, actor.id, found.seq + 1
    return found


def judge_flag(
    session: Session, flag_id: uuid.UUID, *, verdict: str, note: str, actor: Actor, now: datetime
) -> RoundFlag:
    """A person says what a doubt was. Raises NotFound, NotAllowed for who walked it, Refused, Conflict when somebody has said."""
    demand(actor, REVIEW)
    flag = session.scalar(sa.select(RoundFlag).where(RoundFlag.id == flag_id).with_for_update())
    found = _one(session, flag.round_id) if flag is not None else None
    if flag is None or found is None:
        raise NotFound(f"doubt {flag_id}")
    if actor.id == found.done_by:
        raise NotAllowed("not about one's own round", right=REVIEW)
    faults = []
    if verdict not in VERDICTS:
        faults.append(FieldError("verdict", "unknown_choice", {"value": verdict[:40]}))
    if not note.strip():
        faults.append(FieldError("note", "required"))
    elif len(note) > REMARK_LENGTH_MAX:
        faults.append(FieldError("note", "too_long", {"at_most": REMARK_LENGTH_MAX}))
    if faults:
        raise Refused(fields=faults)
    if flag.verdict is not None:
        raise Conflict("somebody has judged it")
    flag.verdict, flag.verdict_note = verdict, note.strip()
    flag.verdict_by, flag.verdict_at = actor.id, now
    return flag


def _one(session: Session, round_id: uuid.UUID) -> Round:
    scope = scope_of_session(session)
    found = session.scalar(
        sa.select(Round)
        .where(Round.id == round_id, scope.where(Round.path, Round.division, Round.parties))
        .with_for_update()
    )
    if found is None:
        raise NotFound(f"round {round_id}")
    return found


def _mine(session: Session, round_id: uuid.UUID, actor: Actor) -> Round:
    """A round this person may do: of their unit, and theirs where it is somebody's; their leaders may too."""
    demand(actor, DO)
    found = _one(session, round_id)
    if not may_do(found, actor):
        raise NotAllowed("the round is somebody else's", right=DO)
    return found


def may_do(found: Round, actor: Actor) -> bool:
    """Whether it is this person's to do: a regulator looks at an enterprise's rounds, it does not do them."""
    roles = actor.roles_at(path=found.path, division=found.division)
    fitting = roles if found.responsible_id in (None, actor.id) else roles & _LEADERS
    is_theirs = bool(fitting) or actor.id == found.responsible_id
    return is_theirs and may(actor, DO) and not all(holding.regulator for holding in actor.holdings)


def may_sign(found: Round, actor: Actor) -> bool:
    """Whether this person may sign it off, and it waits for that."""
    roles = actor.roles_at(path=found.path, division=found.division)
    is_waiting = found.state == "done" and found.needs_sign_off and found.signed_off_at is None
    return is_waiting and may(actor, REVIEW) and bool(roles & _LEADERS) and actor.id != found.done_by


def _places(session: Session, round_id: uuid.UUID) -> Sequence[RoundAsset]:
    return session.scalars(
        sa.select(RoundAsset).where(RoundAsset.round_id == round_id).order_by(RoundAsset.place)
    ).all()


def _judged(
    checklist: Checklist, paper: Paper, assets: Mapping[uuid.UUID, Asset], now: datetime
) -> Mapping[uuid.UUID, Mapping[str, answering.Judged]]:
    """Every answer of every place; raises Refused with everything wrong."""
    faults = list(_paper_faults(paper, now))
    by_asset = {one.asset_id: one for one in paper.visits}
    if by_asset.keys() - assets.keys() or len(by_asset) < len(paper.visits):
        faults.append(FieldError("visits", "place_not_of_round"))
    judged: dict[uuid.UUID, Mapping[str, answering.Judged]] = {}
    for id_, asset in assets.items():
        visit = by_asset.get(id_)
        if visit is None:
            faults.append(FieldError(asset.code, "place_missing"))
        elif visit.skipped:
            if len(visit.skipped) > REMARK_LENGTH_MAX or visit.answers:
                faults.append(FieldError(asset.code, "skipped_and_answered"))
        else:
            given = {
                key: answering.Given(one.value, one.note, len(one.photos))
                for key, one in visit.answers.items()
            }
            judged[id_], wrong = answering.judge(checklist, given, prefix=f"{asset.code}.")
            faults += wrong
    if faults:
        raise Refused("round", fields=faults)
    return judged


def _paper_faults(paper: Paper, now: datetime) -> Sequence[FieldError]:
    faults = []
    if paper.ended_at < paper.started_at:
        faults.append(FieldError("ended_at", "before_start"))
    elif paper.ended_at - paper.started_at > timedelta(hours=HOURS_MAX):
        faults.append(FieldError("ended_at", "round_too_long", {"hours": HOURS_MAX}))
    if paper.started_at > now:
        faults.append(FieldError("started_at", "round_begins_later"))
    if len(paper.track) > tracks.POINTS_MAX:
        faults.append(FieldError("track", "track_too_long", {"most": tracks.POINTS_MAX}))
    long = [name for name in ("weather", "remark") if len(getattr(paper, name)) > REMARK_LENGTH_MAX]
    return [*faults, *(FieldError(name, "too_long", {"at_most": REMARK_LENGTH_MAX}) for name in long)]


def _note_visit(place: RoundAsset, visit: PlaceVisit) -> None:
    place.visited_at = None if visit.skipped else visit.visited_at
    place.lon, place.lat, place.accuracy_m = visit.lon, visit.lat, visit.accuracy_m
    place.skipped = visit.skipped


def _judge_track(
    session: Session,
    found: Round,
    paper: Paper,
    places: Mapping[uuid.UUID, RoundAsset],
    assets: Mapping[uuid.UUID, Asset],
) -> None:
    """What the way is worth; where no line is walked, a round is valid when every place was looked at."""
    points = sorted(paper.track, key=lambda one: one.at)
    lines = {id_: lines_of(asset) for id_, asset in assets.items()}
    if points:
        session.add(RoundTrack(round_id=found.id, points=tracks.packed(points), started_at=points[0].at))
    if not any(lines.values()):
        found.is_valid = not any(one.skipped for one in paper.visits)
        return
    every = {key: line for parts in lines.values() for key, line in parts.items()}
    judged = tracks.judge(points, every, inspection_rules().tracks)
    found.due_m, found.covered_m, found.is_valid = judged.due_m, judged.covered_m, judged.is_valid
    found.track = judged.told()
    for id_, parts in lines.items():
        if parts:
            places[id_].due_m = sum(line.length_m for line in parts.values())
            places[id_].covered_m = sum(judged.covered_by[key] for key in parts)


def _make_up(
    session: Session, done: Round, asset_ids: set[uuid.UUID], *, actor: Actor, now: datetime
) -> None:
    """Earlier rounds of the plan that nobody did and whose places were looked at now: nothing more is owed, and missed they stay."""
    earlier = session.scalars(
        sa.select(Round).where(
            Round.plan_id == done.plan_id,
            Round.planned_on < done.planned_on,
            Round.state == "missed",
            Round.made_up_by.is_(None),
        )
    ).all()
    for one in earlier:
        if {place.asset_id for place in _places(session, one.id)} <= asset_ids:
            one.made_up_by, one.seq = done.id, one.seq + 1
            limits.drop(session, KIND, one.id, DUE, actor=actor, now=now, why=f"round {done.planned_on}")
