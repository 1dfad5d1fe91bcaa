"""Everything on a hazard's page, gathered and put into the reader's language. Reads only; the pages draw what this returns."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.evidence.models import Evidence as EvidenceRow
from hazard_flow.hazards import photographs, queries, related
from hazard_flow.hazards.actions import ways
from hazard_flow.hazards.clocks import clocks, firings
from hazard_flow.hazards.disclosing import personal_values, protected_reporter
from hazard_flow.hazards.door_limits import door_limits
from hazard_flow.hazards.duties import duties, duty_timers
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.facts import facts
from hazard_flow.hazards.forecast import Forecast, forecast
from hazard_flow.hazards.matters import Standing, marks, matter_timers, matters
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.flags import NO_FLAGS, flags_of, may_see_flags
from hazard_flow.hazards.originality.panel import panel
from hazard_flow.hazards.past import Past, people_told, read_past
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.related import links_of, numbers_of
from hazard_flow.hazards.rows import state_label
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.shown import Words, ids_in
from hazard_flow.hazards.story import timeline
from hazard_flow.hazards.telling import holder_of, parts_of
from hazard_flow.hazards.views import HazardPage, Step
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.rights import may
from hazard_flow.workflow.definition import STAGES
from hazard_flow.workflow.permitted import Allowed


@dataclass(frozen=True)
class Reader:
    """For whom the page is drawn."""

    actor: Actor
    locale: str
    now: datetime


@dataclass(frozen=True)
class Case:
    """The page without its forms and panels, and the words it was put into."""

    page: HazardPage
    words: Words


def case(session: Session, hazard: Hazard, reader: Reader, judged: Sequence[Allowed]) -> Case:
    """The page without its forms and panels; `pages` adds those. `judged` is what the reader may do."""
    rules, now = rules_of(session), reader.now
    workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
    past = read_past(queries.events(session, hazard))
    stored = queries.evidence(session, hazard)
    directory = Directory.load(session, paths=[hazard.path], people={p for _, p in parts(hazard)})
    ahead = forecast(session, hazard, now=now, directory=directory)
    words = _words(session, hazard, reader, past, stored, ahead)
    links = links_of(session, hazard)
    root = identity.organisation_labels(session, {hazard.home_id}).get(hazard.home_id)
    asset = assets.labels(session, [hazard.asset_id]).get(hazard.asset_id) if hazard.asset_id else None
    judges = may_see_flags(reader.actor, hazard)
    flags = flags_of(session, hazard) if judges else NO_FLAGS
    pairs, others = photographs.shown(hazard, stored, words.people, reader.locale, flags=flags)
    resolution = rules.fields.resolutions.get(hazard.resolution or "")
    way = ways(judged, reader.locale)
    elsewhere = duty_timers(workflow, hazard) | matter_timers(workflow, hazard)
    reporter, protection = _reporter(session, hazard, reader, words)
    page = HazardPage(
        number=hazard.number,
        title=hazard.title,
        level=hazard.level,
        urgency=hazard.urgency,
        stage=hazard.stage,
        state_label=state_label(session, hazard, reader.locale),
        organisation=root.label.in_(reader.locale) if root else "",
        version=hazard.seq,
        found_at=hazard.found_at,
        responsible=words.name(hazard.responsible_id) if hazard.responsible_id else "",
        place=hazard.place,
        asset=f"{asset.label.in_(reader.locale)} {asset.code}" if asset else "",
        due_at=hazard.due_at,
        original_due_at=hazard.original_due_at,
        workflow_id=f"{hazard.workflow}.v{hazard.workflow_version}",
        resolution_label=resolution.in_(reader.locale) if resolution else "",
        colour=hazard.colour if hazard.is_open else None,
        is_blind=hazard.blind,
        is_incomplete=hazard.incomplete,
        is_from_alarm=hazard.source == "telemetry",
        alarm_level=hazard.alarm_level,
        marks=marks(words, hazard),
        matters=matters(Standing(words, hazard, workflow, past, ahead, now, way)),
        duties=duties(words, hazard, workflow, past, ahead, now=now, way=way),
        related=related.related(session, links, reader.locale),
        protection_note=protection,
        relapse_href=_relapse_href(hazard, rules, reader),
        waits_for=_waits_for(session, hazard, directory, words, reader),
        steps=_steps(hazard, past, words),
        stage_percent=_stage_percent(hazard, rules),
        clocks=clocks(words, hazard, workflow, ahead, now=now, elsewhere=elsewhere),
        next_firings=firings(words, ahead),
        ladder_end=words.say("hazards.ladder_end") if hazard.is_open else "",
        evidence_pairs=pairs,
        other_evidence=others,
        evidence_count=len(stored),
        originality=panel(session, hazard, flags, reader.locale) if judges else None,
        facts=facts(words, hazard, asset, reporter=reporter),
        timeline=timeline(words, hazard, past, numbers_of(links)),
        chain_note=words.say("hazards.chain_note", n=len(past)),
    )
    return Case(page, words)


def _words(
    session: Session,
    hazard: Hazard,
    reader: Reader,
    past: Sequence[Past],
    stored: Sequence[EvidenceRow],
    ahead: Sequence[Forecast],
) -> Words:
    rules = rules_of(session)
    found = {p for _, p in parts(hazard)}
    for event in past:
        found |= people_told(event) | ids_in(rules, event.fields) | ({event.who} if event.who else set())
    standing = read(hazard.proceedings)
    openers = [o.by for o in standing.open.values()] + [c.by for c in standing.controls]
    found |= {uuid.UUID(by) for by in openers if by}
    found |= {uuid.UUID(p) for people in standing.signed.values() for p in people}
    found |= {e.uploaded_by for e in stored if e.uploaded_by}
    found |= {p for firing in ahead for p in firing.people}
    return Words(
        rules=rules,
        locale=reader.locale,
        workflow_id=f"{hazard.workflow}.v{hazard.workflow_version}",
        people=identity.names(session, found),
        personal=personal_values(session, hazard),
    )


def _reporter(session: Session, hazard: Hazard, reader: Reader, words: Words) -> tuple[str, str]:
    """Who reported, as far as this reader may know, and what they are told of the protection."""
    if hazard.protected_reporter_id is None:
        return (words.name(hazard.reporter_id) if hazard.reporter_id else ""), ""
    masked = words.say("hazards.protected")
    if hazard.protected_reporter_id == reader.actor.id:
        return masked, words.say("hazards.protected.own")
    disclosed = protected_reporter(session, hazard, reader.actor, words.personal)
    if disclosed is None:
        return masked, words.say("hazards.protected.others")
    return disclosed[1], words.say("hazards.protected.officer")


def _relapse_href(hazard: Hazard, rules: Rules, reader: Reader) -> str:
    """Where a closed hazard that came back is reported; only while policy still calls it a relapse."""
    if (
        hazard.closed_at is None
        or hazard.resolution != "rectified"
        or not may(reader.actor, "hazards.report")
    ):
        return ""
    limits = door_limits(rules, division=hazard.division, level=hazard.level, now=reader.now)
    fresh = reader.now - hazard.closed_at <= timedelta(days=limits.relapse_window_days)
    return f"/hazards/new?reopen_of={hazard.number}" if fresh else ""


def _waits_for(session: Session, hazard: Hazard, directory: Directory, words: Words, reader: Reader) -> str:
    """Who owes the next step, unless it is the reader."""
    workflow = words.rules.pinned(hazard.workflow, hazard.workflow_version)
    holder = holder_of(hazard, workflow)
    if not hazard.is_open or holder is None:
        return ""
    people = directory.holders(holder, parts_of(hazard, holder))
    if reader.actor.id in people:
        return ""
    named = identity.names(session, people)
    role = words.roles([holder])
    who = words.joined(named.get(p, words.say("hazards.somebody")) for p in people[:3])
    return (
        words.say("hazards.waits_for", who=who, role=role) if who else words.say("hazards.why.for", who=role)
    )


def _stage_percent(hazard: Hazard, rules: Rules) -> int:
    """How far the present stage has come: as the last progress says, three quarters once handed in."""
    if not hazard.is_open:
        return 100
    if hazard.stage != "rectifying":
        return 50
    workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
    if (
        workflow.states[hazard.state].holder != "responsible"
        and "review" not in workflow.states[hazard.state].timers
    ):
        return 90
    return max(10, min(90, int(hazard.details.get("percent") or 25)))


def _steps(hazard: Hazard, past: Sequence[Past], words: Words) -> tuple[Step, ...]:
    stages = words.rules.fields.stages
    entered: dict[str, Past] = {}
    for event in past:
        if event.data.get("stage"):
            entered.setdefault(event.data["stage"], event)
    reached = STAGES.index(hazard.stage)
    found = []
    for index, stage in enumerate(STAGES):
        done = entered.get(stage) if index <= reached else None
        status: Literal["done", "now", "todo"] = "todo"
        if done is not None:
            status = "now" if index == reached and hazard.is_open else "done"
        found.append(
            Step(
                stage=stage,
                label=stages[stage].in_(words.locale),
                status=status,
                at=done.at if done is not None else None,
                who=words.who(done.actor) if done is not None else _who_will(hazard, stage, words),
            )
        )
    return tuple(found)


def _who_will(hazard: Hazard, stage: str, words: Words) -> str:
    parts_by_stage: Mapping[str, Sequence[uuid.UUID | None]] = {
        "rectifying": [hazard.responsible_id],
        "verified": [uuid.UUID(v) for v in hazard.verifier_ids],
        "closed": [hazard.closer_id],
    }
    return words.joined(words.name(p) for p in parts_by_stage.get(stage, ()) if p is not None)
