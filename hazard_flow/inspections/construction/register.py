"""The register of sites: found by a patrol or registered by agreement; papers, agreement and briefing; stop of work; joint acceptance."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import operations as assets
from hazard_flow.assets.kinds import kind_book
from hazard_flow.assets.models import Asset
from hazard_flow.errors import Conflict, FieldError, KeyReused, NotFound, Refused, VersionConflict
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.operations import keep_personal
from hazard_flow.identity.queries import people_within
from hazard_flow.identity.rights import demand
from hazard_flow.inspections import findings
from hazard_flow.inspections.construction.models import STATES, ConstructionSite, ConstructionStep
from hazard_flow.inspections.construction.nearness import nearest_pipe
from hazard_flow.inspections.construction.owing import owe_next
from hazard_flow.inspections.recurrence import days
from hazard_flow.storage.unit import scope_of_session

WRITE = "sites.write"
TEXT_LENGTH_MAX, NOTE_LENGTH_MAX = 120, 500
#: works that last longer are registered anew
SPAN_MAX = timedelta(days=1_100)
UNREGISTERED, NO_PLAN, NO_PAPERS, DAMAGE = "TPC-G07", "TPC-G01", "TPC-G05", "TPC-G04"
#: papers a step brings along, and the state it leads to
PAPERS = {"agreement": "agreed", "briefing": "briefed", "acceptance": "accepted"}
_BEFORE = {
    "agreement": ("registered", "agreed", "briefed"),
    "briefing": ("agreed", "briefed"),
    "acceptance": ("agreed", "briefed"),
}


@dataclass(frozen=True, kw_only=True)
class SiteGiven:
    """A site as somebody enters it (F12)."""

    organisation_id: uuid.UUID
    code: str
    project: str
    starts_on: date
    ends_on: date
    builder: str = ""
    constructor: str = ""
    contact: str = ""
    works: Sequence[str] = ()
    #: where: a point, or GeoJSON or WKT of the ground, with the frame it is in
    place: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    guard_id: uuid.UUID | None = None
    guard_rule: str = "FREQ=DAILY"


def register(
    session: Session, given: SiteGiven, *, actor: Actor, request_key: str, now: datetime
) -> ConstructionSite:
    """A site whose builder came to us before digging. The same request again gives the same site."""
    return _enter(session, given, "registered", actor=actor, request_key=request_key, now=now)


def found(
    session: Session,
    given: SiteGiven,
    *,
    evidence: Sequence[EvidenceItem],
    note: str,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> tuple[ConstructionSite, Hazard]:
    """Digging nobody told us of: the site is in the register as found, and the missed registration is a hazard (TPC-G07)."""
    if not note.strip():
        raise Refused(fields=[FieldError("note", "required")])
    site = _enter(session, given, "found", actor=actor, request_key=request_key, now=now)
    asset = session.get_one(Asset, site.asset_id)
    said = {"description": note.strip(), "found_at": now.isoformat()}
    hazard = findings.open_hazard(
        session, actor, asset, UNREGISTERED, said, evidence, f"{request_key}:found", now
    )
    return site, hazard


def register_found(
    session: Session,
    site: ConstructionSite,
    *,
    builder: str,
    constructor: str,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> None:
    """The builder of a site that was found came to register after all."""
    demand(actor, WRITE)
    if known_step(session, site, "registered", request_key) is not None:
        return
    faults = [
        FieldError(name, "required")
        for name, said in (("builder", builder), ("constructor", constructor))
        if not said.strip()
    ]
    if faults:
        raise Refused(fields=faults)
    _demand_state(site, ("found",))
    site.builder, site.constructor = builder.strip()[:TEXT_LENGTH_MAX], constructor.strip()[:TEXT_LENGTH_MAX]
    site.state, site.registered_at = "registered", now
    said = {"builder": site.builder, "constructor": site.constructor}
    note_step(session, site, "registered", said, (), actor=actor, request_key=request_key, now=now)


def add_paper(
    session: Session,
    site: ConstructionSite,
    step: str,
    *,
    note: str,
    evidence: Sequence[EvidenceItem],
    actor: Actor,
    request_key: str,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """The protection agreement is signed, the crew was briefed, or the ground was given back and accepted by both sides; with its paper.

    From the agreement on a guard is owed on every day of works; acceptance ends that.
    """
    demand(actor, WRITE)
    if known_step(session, site, step, request_key) is not None:
        return
    if expected_version is not None and expected_version != site.version:
        raise VersionConflict("the site has moved on", current=site.version)
    faults = [] if evidence else [FieldError("files", "paper_needed")]
    if len(note) > NOTE_LENGTH_MAX:
        faults.append(FieldError("note", "too_long", {"at_most": NOTE_LENGTH_MAX}))
    if step == "acceptance":
        faults += _acceptance_faults(session, site)
    if faults:
        raise Refused(fields=faults)
    _demand_state(site, _BEFORE[step])
    today = rules_of(session).day_of(now)
    if STATES.index(PAPERS[step]) > STATES.index(site.state):
        site.state = PAPERS[step]
    if step == "agreement":
        site.agreed_at = now
        site.guard_from = site.guard_from or max(today, site.starts_on)
    elif step == "briefing":
        site.briefed_at = now
    else:
        site.accepted_at, site.ends_on = now, min(site.ends_on, today)
    note_step(
        session, site, step, {"note": note.strip()}, evidence, actor=actor, request_key=request_key, now=now
    )
    owe_next(session, site, actor=actor, now=now)


def note_step(
    session: Session,
    site: ConstructionSite,
    step: str,
    data: Mapping[str, Any],
    evidence: Sequence[EvidenceItem],
    *,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> ConstructionStep:
    """Write an act on a site down; the site's version grows with it."""
    made = ConstructionStep(
        home_id=site.home_id,
        site_id=site.asset_id,
        step=step,
        at=now,
        person_id=actor.id,
        data=dict(data),
        files=files_of(evidence),
        request_key=request_key,
    )
    site.version += 1
    session.add(made)
    session.flush()
    return made


def files_of(evidence: Sequence[EvidenceItem]) -> list[dict[str, Any]]:
    """Files as a row names them."""
    return [
        {"sha256": one.sha256, "display_sha256": one.display_sha256, "kind": one.kind, "filename": one.filename, "mime": one.mime}
        for one in evidence
    ]  # fmt: skip


def _enter(
    session: Session, given: SiteGiven, state: str, *, actor: Actor, request_key: str, now: datetime
) -> ConstructionSite:
    demand(actor, WRITE)
    organisation = session.get(Organisation, given.organisation_id)
    if organisation is None or not scope_of_session(session).sees(
        path=organisation.path, division=organisation.division
    ):
        raise NotFound(f"organisation {given.organisation_id}")
    known = session.scalar(
        sa.select(ConstructionStep).where(
            ConstructionStep.home_id == organisation.root_id, ConstructionStep.request_key == request_key
        )
    )
    if known is not None:
        return session.get_one(ConstructionSite, known.site_id)
    faults = _faults(session, given, state, organisation)
    if faults:
        raise Refused(fields=faults)
    asset = assets.enter(
        session,
        organisation,
        {
            "code": given.code,
            "kind": "construction_site",
            "name_zh": given.project,
            "name_en": given.project,
            "address": given.address,
            "project": given.project,
            "builder": given.builder,
            "contractor": given.constructor,
            "from_on": given.starts_on.isoformat(),
            "until_on": given.ends_on.isoformat(),
            **given.place,
        },
        now=now,
        by=actor.id,
    )
    policy = rules_of(session).book.policy(asset.division, rules_of(session).day_of(now))
    near = nearest_pipe(session, asset, policy)
    site = ConstructionSite(
        asset_id=asset.id,
        home_id=asset.home_id,
        organisation_id=asset.organisation_id,
        path=asset.path,
        division=asset.division,
        state=state,
        project=given.project.strip(),
        builder=given.builder.strip(),
        constructor=given.constructor.strip(),
        contact_digest=keep_personal(
            session,
            value=given.contact.strip(),
            subject_id=asset.id,
            path=asset.path,
            division=asset.division,
        )
        if given.contact.strip()
        else None,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        works=list(given.works),
        pipe_id=near.pipe_id if near else None,
        pipe_tier=near.tier if near else "",
        pipe_distance_m=round(near.distance_m, 1) if near else None,
        zone_m=near.zone_m if near else None,
        guard_id=given.guard_id,
        guard_rule=given.guard_rule,
        found_at=now if state == "found" else None,
        registered_at=now if state == "registered" else None,
        version=0,
        created_at=now,
    )
    session.add(site)
    session.flush()
    note_step(session, site, state, {}, (), actor=actor, request_key=request_key, now=now)
    return site


def _faults(session: Session, given: SiteGiven, state: str, organisation: Organisation) -> list[FieldError]:
    needed = [("project", given.project)]
    if state == "registered":
        needed += [("builder", given.builder), ("constructor", given.constructor)]
    faults = [FieldError(name, "required") for name, said in needed if not said.strip()]
    faults += [
        FieldError(name, "too_long", {"at_most": TEXT_LENGTH_MAX})
        for name, said in ((name, getattr(given, name)) for name in ("project", "builder", "constructor", "contact"))
        if len(said) > TEXT_LENGTH_MAX
    ]  # fmt: skip
    if not given.starts_on <= given.ends_on <= given.starts_on + SPAN_MAX:
        faults.append(FieldError("ends_on", "bad_period", {"days": SPAN_MAX.days}))
    works = kind_book().attributes["works_type"].choices or {}
    faults += [
        FieldError("works", "unknown_choice", {"value": one[:40]}) for one in given.works if one not in works
    ]
    try:
        days(given.guard_rule, start=given.starts_on, since=given.starts_on, until=given.starts_on)
    except ValueError:
        faults.append(FieldError("guard_rule", "no_rule"))
    if given.guard_id is not None:
        home = organisation.path.split("/", 1)[0] + "/"
        if given.guard_id not in {person.id for person, _ in people_within(session, home)}:
            faults.append(FieldError("guard", "nobody_there"))
    return faults


def _acceptance_faults(session: Session, site: ConstructionSite) -> list[FieldError]:
    """Nobody accepts ground in which a hazard is still open."""
    open_ones = session.scalars(
        sa.select(Hazard.number).where(Hazard.asset_id == site.asset_id, Hazard.closed_at.is_(None))
    ).all()
    return [FieldError("hazards", "hazards_open", {"numbers": tuple(open_ones)})] if open_ones else []


def _demand_state(site: ConstructionSite, states: Sequence[str]) -> None:
    if site.state not in states:
        raise Conflict(f"a site that is {site.state}")


def known_step(
    session: Session, site: ConstructionSite, step: str, request_key: str
) -> ConstructionStep | None:
    """The act this key was used for already, if any; KeyReused where that was another one."""
    known = session.scalar(
        sa.select(ConstructionStep).where(
            ConstructionStep.home_id == site.home_id, ConstructionStep.request_key == request_key
        )
    )
    if known is not None and (known.site_id, known.step) != (site.asset_id, step):
        raise KeyReused("the key was used for something else")
    return known
