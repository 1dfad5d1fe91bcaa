"""A report becomes a hazard: number, first event, first timers, and word to whoever must classify it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.hazards import binding, proceedings, risk_links
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append, instant_text
from hazard_flow.hazards.changes import Outcome, Report
from hazard_flow.hazards.classifying import note_conditional, note_reading
from hazard_flow.hazards.documents import issue
from hazard_flow.hazards.effects import conceal, enter, take_fields, take_signal
from hazard_flow.hazards.judging import judge, new_context
from hazard_flow.hazards.keys import key_of
from hazard_flow.hazards.listed import keep, rows_for
from hazard_flow.hazards.models import GENESIS, Hazard
from hazard_flow.hazards.personal import protected_values, split_personal
from hazard_flow.hazards.proceedings import CONTROL, Control, Opened
from hazard_flow.hazards.protecting import PROTECTED
from hazard_flow.hazards.relapse import check_relapse
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import tell_of_report
from hazard_flow.hazards.timing import PINNED_AT, UNBORN, replan
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import Scope
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.machine import next_state
from hazard_flow.workflow.needs import to_event
from hazard_flow.workflow.permitted import EvidenceView, HazardView

#: what keeps a place safe while it stands, and the mark that ends the make-safe clock
MEASURES, CONTROL_STARTED = (CONTROL, "gas_stop"), "control_started"
#: longest title made from a description
TITLE_LENGTH_MAX = 60


def open_hazard(batch: Batch, change: Report) -> Outcome:
    """Judge a report and open the hazard."""
    workflow, action = _creating(batch, change)
    check_relapse(batch, change)
    organisation = batch.organisations.get(change.organisation_id)
    if organisation is None or organisation.kind == "regulator" or not _reaches(batch.scope, organisation):
        raise Refused(fields=[FieldError("organisation_id", "unknown_organisation")])
    asset = batch.assets.get(change.asset_id) if change.asset_id else None
    if change.asset_id and (asset is None or asset.home_id != organisation.root_id):
        raise Refused(fields=[FieldError("asset_id", "unknown_asset")])
    path, division = organisation.path, asset.division if asset else organisation.division
    roles = change.actor.roles_at(path=path, division=division) or _colleague_roles(
        change, organisation.root_path
    )
    clean = judge(
        batch,
        workflow,
        action,
        change.actor,
        HazardView(
            state=None,
            source=change.source,
            evidence=[EvidenceView(e.sha256, e.kind, e.pair_of) for e in change.evidence],
        ),
        new_context(
            batch.rules,
            now=batch.now,
            directory=batch.directory,
            path=path,
            division=division,
            source=change.source,
            has_asset=asset is not None,
        ),
        change.data,
        roles=roles,
        # what comes along with a split was accepted once, however much it is
        problems=[
            *([] if change.split_from_id else binding.problems([], change.evidence)),
            *risk_links.problems(batch.session, organisation.root_id, change.data),
        ],
    )
    hazard = Hazard(
        id=new_id(),
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=path,
        division=division,
        number=batch.numbers[key_of(change)],
        level=workflow.applies_to.get("level", "general"),
        urgency="M" if workflow.applies_to.get("level") == "major" else None,
        title="",
        description="",
        place="",
        source=change.source,
        family=change.family,
        asset_id=change.asset_id,
        reporter_id=None if action.protects else change.actor.id,
        protected_reporter_id=change.actor.id if action.protects else None,
        verifier_ids=[],
        parties=",",
        found_at=clean.get("found_at", batch.now),
        reported_at=batch.now,
        proceedings={},
        marks={PINNED_AT: instant_text(batch.now)},
        counters={},
        details={},
        blind=False,
        incomplete=False,
        control_open=False,
        reopen_of_id=change.reopen_of_id,
        split_from_id=change.split_from_id,
        seq=0,
        head=GENESIS,
    )
    begin(hazard, workflow, action, clean, now=batch.now)
    take_signal(hazard, change.signal)
    _complete(hazard, asset)
    batch.session.add(hazard)
    batch.hazards[hazard.id] = hazard
    return _record(batch, hazard, workflow, action, clean, change)


def _reaches(scope: Scope, organisation: Organisation) -> bool:
    """Whether one may report to it: the own whole organisation, or any in the division."""
    return (
        scope.everything
        or any(organisation.path.startswith(home) for home in scope.homes)
        or any(organisation.division.startswith(prefix) for prefix in scope.divisions)
    )


def _creating(batch: Batch, change: Report) -> tuple[Workflow, Action]:
    try:
        workflow = batch.rules.newest(change.workflow)
    except ValueError as error:
        raise NotFound(f"workflow {change.workflow}") from error
    for action in workflow.creating:
        if change.action in (None, action.key):
            return workflow, action
    raise NotFound(f"action {change.action}", action=change.action)


def _colleague_roles(change: Report, root_path: str) -> frozenset[str]:
    """Anybody may report anything in their own enterprise, also outside their own team (Work Safety Law art. 59)."""
    return frozenset(h.role for h in change.actor.holdings if h.path.startswith(root_path))


def begin(
    hazard: Hazard, workflow: Workflow, action: Action, clean: Mapping[str, Any], *, now: datetime
) -> None:
    """A hazard enters its first state with what the report says. History replayed under other rules comes through here too."""
    enter(hazard, workflow, next_state(workflow, None, action.key), resolution=None, now=now)
    conceal(hazard, workflow, hazard.path)
    if hazard.level == "major":
        clean = {**clean, "suspected_urgency": "M"}
    take_fields(hazard, clean, {}, workflow=workflow)


def _complete(hazard: Hazard, asset: Any) -> None:
    if asset is not None:
        hazard.place = hazard.place or asset.address or asset.name_zh
        if hazard.lon is None and asset.lon is not None:
            hazard.lon, hazard.lat, hazard.crs = asset.lon, asset.lat, asset.crs
    hazard.title = hazard.title or hazard.description[:TITLE_LENGTH_MAX]


def _record(
    batch: Batch, hazard: Hazard, workflow: Workflow, action: Action, clean: dict[str, Any], change: Report
) -> Outcome:
    open_values = split_personal(batch, hazard, to_event(clean)) | protected_values(batch, hazard)
    hazard.details = open_values
    rows = rows_for(batch.rules, division=hazard.division, now=batch.now)
    kept = keep(hazard, rows, clean)
    note_conditional(hazard, batch.now)
    note_reading(hazard, clean, batch.now)
    standing = _share_measures(batch, hazard)
    pieces = binding.bind(batch, hazard, change.evidence, by=hazard.reporter_id)
    data = {
        "workflow": workflow.id,
        "state": hazard.state,
        "stage": hazard.stage,
        "level": hazard.level,
        "urgency": hazard.urgency,
        "organisation": str(hazard.organisation_id),
        "asset": str(hazard.asset_id) if hazard.asset_id else None,
        "source": hazard.source,
        "family": hazard.family,
        "fields": open_values,
        "evidence": pieces,
        "reopen_of": str(hazard.reopen_of_id) if hazard.reopen_of_id else None,
        **({"split_from": str(hazard.split_from_id), "standing": standing} if hazard.split_from_id else {}),
        **kept,
        **issue(batch, hazard, action, change.actor),
        **change.signal,
        **(change.offline.told() if change.offline else {}),
    }
    replan(batch, hazard, workflow, action=action, before=UNBORN)
    by = PROTECTED if action.protects else change.actor.key
    event = append(hazard, Happening(EventTag.REPORTED, action.key, by, data), batch.now)
    batch.events.append(event)
    tell_of_report(batch, hazard, workflow, action=action, actor=change.actor)
    return Outcome(hazard=hazard, event=event)


def stand(hazard: Hazard, measures: Iterable[str], at: datetime) -> None:
    """What the record says stood from the beginning on a hazard split off: for history replayed, where nobody asks who opened it."""
    names = list(measures)
    flags = [flag for flag in MEASURES if flag in names]
    controls = tuple(Control(code, None, instant_text(at), 1) for code in names if code not in MEASURES)
    if flags or controls:
        opened = {
            flag: Opened(None, instant_text(at), 1) for flag in ([*flags, CONTROL] if controls else flags)
        }
        hazard.proceedings = proceedings.write(proceedings.Proceedings(open=opened, controls=controls))
        hazard.control_open = bool(controls)
        hazard.marks = {**hazard.marks, CONTROL_STARTED: instant_text(at)}


def _share_measures(batch: Batch, hazard: Hazard) -> list[str]:
    """What keeps the place of the first hazard safe also stands for the one split from it, until it is lifted there as well."""
    origin = batch.hazards.get(hazard.split_from_id) if hazard.split_from_id else None
    if origin is None:
        return []
    first = proceedings.read(origin.proceedings)
    standing = {flag: replace(first.open[flag], seq=1) for flag in MEASURES if flag in first.open}
    controls = tuple(replace(control, seq=1) for control in first.controls)
    if standing:
        shared = replace(proceedings.read(hazard.proceedings), open=standing, controls=controls)
        hazard.proceedings = proceedings.write(shared)
        hazard.control_open = bool(controls)
        hazard.marks = {
            **hazard.marks,
            CONTROL_STARTED: origin.marks.get(CONTROL_STARTED, instant_text(batch.now)),
        }
    return [*(control.code for control in controls), *(flag for flag in standing if flag != CONTROL)]
