"""Writes: a check is planned, begun, recorded item by item, signed, finished or called off. Each is one step, done once for its key."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.errors import Conflict, FieldError, NotAllowed, Refused, VersionConflict
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards import operations as hazards
from hazard_flow.hazards.numbers import take_number
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.operations import keep_personal
from hazard_flow.storage.base import new_id
from hazard_flow.storage.journal import answered, digest_of
from hazard_flow.supervision.checks import planning, queries
from hazard_flow.supervision.checks.models import ANSWERS, CheckStep, UnannouncedCheck
from hazard_flow.supervision.checks.planning import OFFICERS_MIN, TEXT_MAX, Plan
from hazard_flow.supervision.issuing import ORDER, demand_writing, issuer_for

NAME_MAX = 40
SOURCE = "regulator_inspection"


class CheckMovedOn(Conflict):
    """The check is in another state than this step starts from."""

    code = "check_moved_on"


@dataclass(frozen=True)
class Signing:
    """How the other side ends it: a name, or a refusal with two witnesses."""

    opinion: str
    representative: str = ""
    refusal: str = ""
    witnesses: tuple[str, ...] = ()


def plan(session: Session, *, actor: Actor, given: Plan, request_key: str, now: datetime) -> UnannouncedCheck:
    """A check nobody but its team sees. Whoever plans it leads it. Raises Refused with everything wrong."""
    demand_writing(actor, ORDER)
    digest = digest_of("plan", given)
    if (before := _earlier(session, actor, request_key, digest)) is not None:
        return before
    zone = rules_of(session).zone
    faults: list[FieldError] = []
    items = tuple(dict.fromkeys(one.strip() for one in given.items if one.strip()))
    day = planning.judge(given, items, now.astimezone(zone).date(), faults)
    drawn: dict[str, Any] = {}
    seed = given.seed or secrets.token_hex(16)
    to = planning.enterprise(session, given, seed, drawn, now, faults)
    asset = assets.by_code_or_id(session, given.asset[:80]) if given.asset else None
    if given.asset and (asset is None or to is None or asset.home_id != to.id):
        faults.append(FieldError("asset", "unknown_asset", {"value": given.asset[:80]}))
    if to is None or faults or day is None or actor.id is None:
        raise Refused(fields=faults)
    issuer = issuer_for(session, actor, to.division)
    team = planning.team(session, actor.id, given, to, seed, drawn)
    check = UnannouncedCheck(
        id=new_id(),
        issuer_id=issuer.id,
        home_id=to.id,
        organisation_id=asset.organisation_id if asset else to.id,
        path=asset.path if asset else to.path,
        division=asset.division if asset else to.division,
        team="," + "".join(f"{one.hex}," for one in team),
        state="planned",
        purpose=given.purpose.strip(),
        asset_id=asset.id if asset else None,
        planned_on=day,
        drawn=drawn,
        items=[{"text": one, "answer": "", "note": "", "hazard": ""} for one in items],
        planned_at=now,
        seq=0,
    )
    session.add(check)
    session.flush()
    _note(
        session,
        check,
        "planned",
        {"officers": len(team), "drawn": bool(drawn)},
        actor=actor,
        key=request_key,
        digest=digest,
        now=now,
    )
    return check


def begin(
    session: Session, *, actor: Actor, check_id: uuid.UUID, request_key: str, now: datetime
) -> UnannouncedCheck:
    """The officers are there and have shown their certificates."""
    digest = digest_of("begin", check_id)

    def work(check: UnannouncedCheck) -> None:
        _from(check, "planned")
        check.state, check.begun_at = "under_way", now
        _note(session, check, "begun", {}, actor=actor, key=request_key, digest=digest, now=now)

    return _team_does(session, actor, check_id, request_key, digest, work)


def record(
    session: Session,
    *,
    actor: Actor,
    check_id: uuid.UUID,
    answers: Mapping[int, tuple[str, str]],
    request_key: str,
    now: datetime,
) -> UnannouncedCheck:
    """What was seen: item → (answer, note). Raises Refused; what was signed is no longer changed."""
    digest = digest_of("record", check_id, sorted(answers.items()))

    def work(check: UnannouncedCheck) -> None:
        _from(check, "under_way")
        if check.signed != ",":
            raise CheckMovedOn("somebody has signed", state="signed")
        faults = []
        items = [dict(one) for one in check.items]
        for place, (answer, note) in answers.items():
            if not 0 <= place < len(items):
                faults.append(FieldError(f"answer_{place}", "unknown_choice", {"value": str(place)}))
                continue
            if answer not in ANSWERS:
                faults.append(FieldError(f"answer_{place}", "unknown_choice", {"value": answer[:40]}))
            if len(note) > TEXT_MAX:
                faults.append(FieldError(f"note_{place}", "too_long", {"at_most": TEXT_MAX}))
            if answer == "wrong" and not note.strip():
                faults.append(FieldError(f"note_{place}", "required"))
            items[place] |= {"answer": answer, "note": note.strip()}
        if faults:
            raise Refused(fields=faults)
        check.items = items
        data = {"items": [one["answer"] for one in items]}
        _note(session, check, "recorded", data, actor=actor, key=request_key, digest=digest, now=now)

    return _team_does(session, actor, check_id, request_key, digest, work)


def find(
    session: Session, *, actor: Actor, check_id: uuid.UUID, item: int, data: Mapping[str, Any],
    evidence: tuple[EvidenceItem, ...], request_key: str, now: datetime,
) -> UnannouncedCheck:  # fmt: skip
    """A hazard found in the check goes through the door, under the source of an administrative inspection, and is named in the record."""
    digest = digest_of("find", check_id, item, sorted(data.items()), [one.sha256 for one in evidence])

    def work(check: UnannouncedCheck) -> None:
        _from(check, "under_way")
        if not 0 <= item < len(check.items):
            raise Refused(fields=[FieldError("item", "unknown_choice", {"value": str(item)})])
        outcome = hazards.report(
            session, actor=actor, request_key=f"{request_key}:hazard", data=data, now=now, evidence=evidence, source=SOURCE,
            asset_id=check.asset_id, organisation_id=check.organisation_id,
        )  # fmt: skip
        assert outcome.hazard is not None
        items = [dict(one) for one in check.items]
        note = items[item]["note"] or str(data.get("description") or "")
        items[item] |= {"answer": "wrong", "hazard": outcome.hazard.number, "note": note}
        check.items = items
        said = {"item": item, "hazard": outcome.hazard.number}
        _note(session, check, "found", said, actor=actor, key=request_key, digest=digest, now=now)

    return _team_does(session, actor, check_id, request_key, digest, work)


def sign(
    session: Session, *, actor: Actor, check_id: uuid.UUID, request_key: str, now: datetime
) -> UnannouncedCheck:
    """An officer of the team puts their name to the record, once every item has an answer."""
    digest = digest_of("sign", check_id)

    def work(check: UnannouncedCheck) -> None:
        _from(check, "under_way")
        assert actor.id is not None
        if f",{actor.id.hex}," in check.signed:
            raise CheckMovedOn("signed already", state="signed")
        if any(not one["answer"] for one in check.items):
            raise Refused(fields=[FieldError("items", "items_unanswered")])
        check.signed += f"{actor.id.hex},"
        _note(session, check, "signed", {}, actor=actor, key=request_key, digest=digest, now=now)

    return _team_does(session, actor, check_id, request_key, digest, work)


def finish(
    session: Session, *, actor: Actor, check_id: uuid.UUID, given: Signing, request_key: str, now: datetime,
    expected_version: int | None = None,
) -> UnannouncedCheck:  # fmt: skip
    """The record is closed and shown: two officers have signed, and the unit's representative too, or refused before two witnesses."""
    # names must not be in a digest that can be guessed at
    digest = digest_of("finish", check_id, given.opinion)

    def work(check: UnannouncedCheck) -> None:
        _from(check, "under_way")
        faults = _signing_faults(check, given)
        if faults:
            raise Refused(fields=faults)
        zone = rules_of(session).zone
        check.number = take_number(session, "JC", check.division, now, zone)
        check.opinion, check.refusal = given.opinion.strip(), given.refusal.strip()
        if given.representative.strip():
            check.representative_digest = _keep(session, check, given.representative)
        check.witness_digests = [_keep(session, check, one) for one in given.witnesses if one.strip()]
        check.state, check.finished_at = "finished", now
        data = {
            "refused": bool(check.refusal),
            "hazards": [one["hazard"] for one in check.items if one["hazard"]],
        }
        _note(session, check, "finished", data, actor=actor, key=request_key, digest=digest, now=now)

    return _team_does(session, actor, check_id, request_key, digest, work, expected_version)


def call_off(
    session: Session, *, actor: Actor, check_id: uuid.UUID, words: str, request_key: str, now: datetime
) -> UnannouncedCheck:
    """Not done, for a reason; it stays in sight of its team alone."""
    digest = digest_of("call_off", check_id, words)

    def work(check: UnannouncedCheck) -> None:
        _from(check, "planned")
        if not words.strip():
            raise Refused(fields=[FieldError("words", "required")])
        check.state = "cancelled"
        _note(
            session,
            check,
            "called_off",
            {"words": words.strip()[:TEXT_MAX]},
            actor=actor,
            key=request_key,
            digest=digest,
            now=now,
        )

    return _team_does(session, actor, check_id, request_key, digest, work)


def members(check: UnannouncedCheck) -> list[uuid.UUID]:
    """The officers of a check, the leader first."""
    return [uuid.UUID(hex=one) for one in check.team.split(",") if one]


def signatures(check: UnannouncedCheck) -> list[uuid.UUID]:
    """Who has signed."""
    return [uuid.UUID(hex=one) for one in check.signed.split(",") if one]


def _signing_faults(check: UnannouncedCheck, given: Signing) -> list[FieldError]:
    faults = []
    if not given.opinion.strip():
        faults.append(FieldError("opinion", "required"))
    if len(signatures(check)) < OFFICERS_MIN:
        faults.append(FieldError("signed", "two_signatures", {"at_least": OFFICERS_MIN}))
    witnesses = [one.strip() for one in given.witnesses if one.strip()]
    if given.refusal.strip():
        if len(set(witnesses)) < 2:
            faults.append(FieldError("witnesses", "two_witnesses"))
    elif not given.representative.strip():
        faults.append(FieldError("representative", "sign_or_refuse"))
    for name, said, most in (
        ("opinion", given.opinion, TEXT_MAX), ("refusal", given.refusal, TEXT_MAX), ("representative", given.representative, NAME_MAX),
        *(("witnesses", one, NAME_MAX) for one in witnesses),
    ):  # fmt: skip
        if len(said) > most:
            faults.append(FieldError(name, "too_long", {"at_most": most}))
    return faults


def _team_does(
    session: Session, actor: Actor, check_id: uuid.UUID, request_key: str, digest: bytes,
    work: Callable[[UnannouncedCheck], None], expected_version: int | None = None,
) -> UnannouncedCheck:  # fmt: skip
    demand_writing(actor, ORDER)
    check = queries.one(session, check_id, lock=True)
    if actor.id not in members(check):
        raise NotAllowed("only the team of a check writes its record", right=ORDER)
    if _earlier(session, actor, request_key, digest) is not None:
        return check
    if expected_version is not None and check.seq != expected_version:
        raise VersionConflict("the check moved on", version=check.seq)
    work(check)
    session.flush()
    return check


def _from(check: UnannouncedCheck, *states: str) -> None:
    if check.state not in states:
        raise CheckMovedOn(f"the check is {check.state}", state=check.state)


def _keep(session: Session, check: UnannouncedCheck, name: str) -> str:
    return keep_personal(
        session, value=name.strip(), subject_id=check.id, path=check.path, division=check.division
    )


def _note(
    session: Session,
    check: UnannouncedCheck,
    act: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    key: str,
    digest: bytes,
    now: datetime,
) -> None:
    check.seq += 1
    session.add(
        CheckStep(
            subject_id=check.id, seq=check.seq, at=now, actor=actor.key, person_id=actor.id, act=act, data=dict(data),
            request_key=key, digest=digest,
        )
    )  # fmt: skip
    session.flush()


def _earlier(session: Session, actor: Actor, request_key: str, digest: bytes) -> UnannouncedCheck | None:
    found = answered(session, CheckStep, actor_key=actor.key, request_key=request_key, digest=digest)
    return queries.one(session, found) if found is not None else None
