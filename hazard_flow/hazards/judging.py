"""May this be done? The hazard, the actor and the form as the workflow language sees them, and its answer as errors. Changes nothing."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hazard_flow.catalogue.rows import CatalogueRow
from hazard_flow.errors import FieldError, NotAllowed, Refused, StateConflict
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.classifying import (
    CONDITIONAL_MARK,
    MEASURED_BEFORE,
    assigned_at,
    assigned_due_at,
    is_national_major,
    term_of,
)
from hazard_flow.hazards.door_limits import DoorLimits
from hazard_flow.hazards.effects import CONCEALED_PATH, parts
from hazard_flow.hazards.listed import kept_evidence, row_of, rows_for
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.telling import holder_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.roles import ABOVE, REGULATOR_ROLES
from hazard_flow.workflow import deadlines
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.needs import NeedContext, validate
from hazard_flow.workflow.needs_rules import PersonRule
from hazard_flow.workflow.permitted import (
    AFTER,
    BEFORE,
    ActorView,
    EvidenceView,
    HazardView,
    Reason,
    refusals,
)

_CATALOGUE_CODE = re.compile(r"^[A-Z]{3}-[MG]\d\d$")
#: the family and the evidence by which a hazard is one of escaping gas
GAS_LEAK, LEAK_READING = "gas_leak", "LEAK_READING_AFTER"
#: mark of a hazard that was listed once
LISTED = "listed"


def judge(
    batch: Batch,
    workflow: Workflow,
    action: Action,
    actor: Actor,
    hazard: HazardView,
    context: NeedContext,
    data: Mapping[str, Any],
    *,
    roles: frozenset[str],
    problems: Sequence[FieldError] = (),
) -> dict[str, Any]:
    """The clean values of the form. Raises `StateConflict`, `NotAllowed` or `Refused`, in this order, with everything that is wrong."""
    clean, errors = validate(action.needs, data, context)
    view = ActorView(id=None if actor.is_system else str(actor.id), roles=roles)
    reasons = refusals(
        workflow, action, view, hazard, vocabulary=batch.rules.vocabulary, data=clean, now=batch.now
    )
    if any(r.kind == "state" for r in reasons):
        raise StateConflict(f"{action.key} from {hazard.state}", action=action.key, state=hazard.state)
    denied = [r for r in reasons if r.kind == "role"]
    if denied or not actor.may_write:
        raise NotAllowed(action.key, fields=[as_error(r) for r in denied], action=action.key)
    rest = [as_error(r) for r in reasons]
    if errors or rest or problems:
        raise Refused(action.key, fields=[*errors, *rest, *problems], action=action.key)
    return clean


def as_error(reason: Reason) -> FieldError:
    """A reason of the language as a field error: evidence under `evidence`, the rest under its own kind."""
    return FieldError(
        reason.kind if reason.kind != "evidence" else "evidence", reason.code, dict(reason.params)
    )


def hazard_view(
    rules: Rules,
    hazard: Hazard,
    stored: Sequence[Evidence],
    brought: Sequence[EvidenceItem] = (),
    facts: Mapping[str, Any] | None = None,
    *,
    limits: DoorLimits,
    data: Mapping[str, Any] | None = None,
) -> HazardView:
    """A stored hazard as the language sees it; `data` is what the form brings, for the values that stand for evidence."""
    # What came with the step into this state belongs to that step: a re-check needs its own photo, not the submission's.
    pieces = [evidence_view(e, fresh=e.event_seq > hazard.state_seq, seq=e.event_seq) for e in stored]
    pieces += [evidence_view(e) for e in brought]
    standing = read(hazard.proceedings)
    workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
    return HazardView(
        state=hazard.state,
        level=hazard.level,
        urgency=hazard.urgency,
        source=hazard.source,
        relations=held_relations(hazard),
        evidence=pieces,
        catalogue_evidence=dict.fromkeys(kept_evidence(hazard), 1),
        facts=facts or {},
        found_at=hazard.found_at,
        due_at=hazard.due_at,
        completed_at=hazard.completed_at,
        ask_by=_ask_by(rules, hazard, limits),
        term=term_of(hazard),
        photo_gap=_photo_gap([*stored, *brought]),
        is_leak=hazard.family == GAS_LEAK or LEAK_READING in kept_evidence(hazard),
        is_protected=hazard.protected_reporter_id is not None,
        is_national_major=is_national_major(hazard),
        listing_level=hazard.details.get("listing_level")
        if "listing" in standing.open or LISTED in hazard.marks
        else None,
        flags={flag: opened.by for flag, opened in standing.open.items()},
        marks=frozenset(hazard.marks),
        counters={name: int(count) for name, count in hazard.counters.items()},
        uses=standing.uses,
        signed=standing.signed,
        last=standing.last,
        holder=holder_of(hazard, workflow),
        deciders=_deciders(rules, hazard),
        recorded=_recorded(hazard, data or {}),
        limits=limits.guards,
    )


def evidence_view(
    piece: Evidence | EvidenceItem, *, fresh: bool = True, seq: int | None = None
) -> EvidenceView:
    """A piece as the language sees it."""
    return EvidenceView(
        piece.sha256,
        piece.kind,
        piece.pair_of,
        fresh=fresh,
        seq=seq,
        has_copy=piece.has_copy,
        has_original=piece.has_original,
        is_lost=piece.is_lost,
        filename=piece.filename,
        size=piece.size,
        tablet=tablet_word(piece.tablet_id),
    )


def tablet_word(tablet_id: uuid.UUID | None) -> str:
    """How people call a tablet: the last six digits of its id; nothing where none is known."""
    return tablet_id.hex[-6:].upper() if tablet_id is not None else ""


def _ask_by(rules: Rules, hazard: Hazard, limits: DoorLimits) -> datetime | None:
    """The latest an extension may be asked for."""
    if hazard.due_at is None:
        return None
    return deadlines.before(
        limits.extension_apply_before,
        hazard.due_at,
        zone=rules.zone,
        calendar=rules.book.calendar(hazard.division),
    )


def _photo_gap(pieces: Sequence[Evidence | EvidenceItem]) -> timedelta | None:
    """From the first before-photo to the last after-photo, by the photo's own clock, else the device's, else ours."""
    taken = {
        kind: [e.photo_at or e.captured_at or e.received_at for e in pieces if e.kind == kind]
        for kind in (BEFORE, AFTER)
    }
    return max(taken[AFTER]) - min(taken[BEFORE]) if taken[BEFORE] and taken[AFTER] else None


def _recorded(hazard: Hazard, data: Mapping[str, Any]) -> list[str]:
    """Evidence that stands in values rather than files: the reading before the work, the one this very form brings, the position."""
    found = ["LEAK_READING_BEFORE"] if MEASURED_BEFORE in hazard.marks else []
    found += ["LEAK_READING_AFTER"] if data.get("leak_reading") not in (None, "") else []
    return found + (["GPS_POINT"] if hazard.lon is not None else [])


def _deciders(rules: Rules, hazard: Hazard) -> frozenset[str] | None:
    """Who may assign what was returned again and again: whoever it went up to, and all above them. None: whoever the file names."""
    if not read(hazard.proceedings).steps_up:
        return None
    found: list[str] = []
    role = holder_of(hazard, rules.pinned(hazard.workflow, hazard.workflow_version))
    while role is not None and role not in found:
        found.append(role)
        role = ABOVE.get(role)
    return frozenset(found)


def held_relations(hazard: Hazard) -> dict[str, list[str]]:
    """Who holds which part, who reported in confidence among them: for judging what one person may do, never for telling another."""
    protected = hazard.protected_reporter_id
    return relations(hazard) | ({"reporter": [str(protected)]} if protected is not None else {})


def relations(hazard: Hazard) -> dict[str, list[str]]:
    """Who openly holds which part: relation → person ids."""
    found: dict[str, list[str]] = {}
    for relation, person in parts(hazard):
        found.setdefault(relation, []).append(str(person))
    classifier = read(hazard.proceedings).classifier
    return found | ({"classifier": [classifier]} if classifier else {})


def context_of(
    rules: Rules,
    hazard: Hazard,
    *,
    now: datetime,
    directory: Directory,
    actor: uuid.UUID | None = None,
    named: Mapping[str, Hazard] | None = None,
) -> NeedContext:
    """What the form of an action on a stored hazard is judged against; `named` are the hazards the form names, those in scope."""
    instants = {
        "due_at": hazard.due_at,
        "original_due_at": assigned_due_at(hazard) or hazard.original_due_at,
        "assigned_at": assigned_at(hazard),
    }
    return NeedContext(
        now=now,
        zone=rules.zone,
        calendar=rules.book.calendar(hazard.division),
        urgency=hazard.urgency,
        level=hazard.level,
        source=hazard.source,
        relations=relations(hazard) | ({"actor": [str(actor)]} if actor else {}),
        instants={name: at for name, at in instants.items() if at is not None},
        has_asset=hazard.asset_id is not None,
        person_ok=_person_check(directory, hazard.path, hazard.division),
        clause_ok=partial(clause_ok, rows=rows_for(rules, division=hazard.division, now=now)),
        hazard_ok=lambda number: may_merge(hazard, (named or {}).get(number)),
    )


def new_context(
    rules: Rules,
    *,
    now: datetime,
    directory: Directory,
    path: str,
    division: str,
    source: str,
    has_asset: bool,
) -> NeedContext:
    """What the form of a report is judged against."""
    return NeedContext(
        now=now,
        zone=rules.zone,
        calendar=rules.book.calendar(division),
        source=source,
        has_asset=has_asset,
        person_ok=_person_check(directory, path, division),
        clause_ok=partial(clause_ok, rows=rows_for(rules, division=division, now=now)),
    )


def clause_ok(clause: str, book: str, *, rows: Mapping[str, CatalogueRow]) -> bool:
    """Whether a cited basis exists and fits: a code of the catalogue, or an article in words.

    A major is cited by a code of the national list, a general hazard by no code that makes it a major (domain 7.4).
    """
    row = row_of(rows, clause)
    if row is not None:
        return row.level != ("general" if book == "national_major" else "major")
    if _CATALOGUE_CODE.match(clause.strip().upper()):
        return False
    return len(clause.strip()) >= 4


def may_merge(hazard: Hazard, target: Hazard | None) -> str | None:
    """None if `hazard` may be merged into `target`, else the code of a field error."""
    if target is None or target.home_id != hazard.home_id or target.path == CONCEALED_PATH:
        return "hazard_unknown"
    if target.id == hazard.id:
        return "hazard_same"
    if not target.is_open:
        return "hazard_closed"
    elsewhere = (
        hazard.asset_id is not None and target.asset_id is not None and hazard.asset_id != target.asset_id
    )
    if elsewhere:
        return "hazard_elsewhere"
    conditional = CONDITIONAL_MARK in hazard.marks and CONDITIONAL_MARK not in target.marks
    return "hazard_less_serious" if conditional and target.level != "major" else None


def _person_check(directory: Directory, path: str, division: str) -> Callable[[str, PersonRule], str | None]:
    root = path.split("/", 1)[0] + "/"

    def check(person_id: str, rule: PersonRule) -> str | None:
        person = uuid.UUID(person_id)
        within = path if rule.within == "organisation" else root
        regulator = directory.is_regulator(person, division)
        if not (directory.works_in(person, root) or regulator):
            return "person_unknown"
        if rule.within and not directory.works_in(person, within):
            return "person_outside"
        if rule.roles and not any(
            _holds(directory, person, r, root, regulator=regulator) for r in rule.roles
        ):
            return "person_lacks_role"
        return None

    return check


def _holds(directory: Directory, person: uuid.UUID, role: str, root: str, *, regulator: bool) -> bool:
    if role in REGULATOR_ROLES:
        return regulator and directory.has_role(person, role, "")
    return directory.has_role(person, role, root)
