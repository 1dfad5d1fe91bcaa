"""Everything on a hazard's page, gathered and put into the reader's language. Reads only; the pages draw what this returns."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.evidence.kinds import kind_name
from hazard_flow.evidence.models import Evidence as EvidenceRow
from hazard_flow.hazards import queries
from hazard_flow.hazards.forecast import Forecast, forecast
from hazard_flow.hazards.listed import row_kept
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.protecting import PROTECTED, reporter_in_sight
from hazard_flow.hazards.rows import state_label
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.story import timeline, timer_label
from hazard_flow.hazards.views import (
    Clock,
    Evidence,
    EvidencePair,
    Fact,
    Firing,
    HazardPage,
    Step,
    countdown,
)
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.workflow.definition import STAGES


@dataclass(frozen=True)
class Reader:
    """For whom the page is drawn."""

    locale: str
    now: datetime


def case(session: Session, hazard: Hazard, reader: Reader) -> HazardPage:
    """The page without its actions and panels; `pages` adds those."""
    locale = reader.locale
    chain = queries.events(session, hazard)
    stored = queries.evidence(session, hazard)
    ahead = forecast(session, hazard, now=reader.now)
    reporter = reporter_in_sight(hazard, scope_of_session(session))
    people = identity.names(
        session, _people(hazard, chain, stored, ahead) | ({reporter} if reporter else set())
    )
    root = identity.organisation_labels(session, {hazard.home_id}).get(hazard.home_id)
    asset = assets.labels(session, [hazard.asset_id]).get(hazard.asset_id) if hazard.asset_id else None
    pairs, others = _evidence(hazard, stored, people, locale)
    resolution = rules_of(session).fields.resolutions.get(hazard.resolution or "")
    return HazardPage(
        number=hazard.number,
        title=hazard.title,
        level=hazard.level,
        urgency=hazard.urgency,
        stage=hazard.stage,
        state_label=state_label(session, hazard, locale),
        organisation=root.label.in_(locale) if root else "",
        version=hazard.seq,
        found_at=hazard.found_at,
        responsible=people.get(hazard.responsible_id, "") if hazard.responsible_id else "",
        place=hazard.place,
        asset=f"{asset.label.in_(locale)} {asset.code}" if asset else "",
        due_at=hazard.due_at,
        original_due_at=hazard.original_due_at,
        workflow_id=f"{hazard.workflow}.v{hazard.workflow_version}",
        resolution_label=resolution.in_(locale) if resolution else "",
        colour=hazard.colour if hazard.is_open else None,
        is_blind=hazard.blind,
        is_incomplete=hazard.incomplete,
        is_from_alarm=hazard.source == "telemetry",
        alarm_level=hazard.alarm_level,
        marks=_marks(session, hazard, locale),
        steps=_steps(session, hazard, chain, people, locale),
        stage_percent=100 if not hazard.is_open else 75 if hazard.state == "submitted" else 50,
        clocks=_clocks(session, hazard, ahead, people, reader),
        next_firings=_firings(session, hazard, ahead, people, locale),
        ladder_end=text("hazards.ladder_end", locale) if hazard.is_open else "",
        evidence_pairs=pairs,
        other_evidence=others,
        evidence_count=len(stored),
        facts=_facts(session, hazard, asset, people.get(reporter, "") if reporter else "", people, locale),
        timeline=timeline(session, hazard, chain, people, locale),
        chain_note=text("hazards.chain_note", locale, n=len(chain)),
    )


def _people(
    hazard: Hazard, chain: Sequence[HazardEvent], stored: Sequence[EvidenceRow], ahead: Sequence[Forecast]
) -> set[uuid.UUID]:
    found = {p for p in (hazard.reporter_id, hazard.responsible_id, hazard.closer_id) if p}
    found |= {uuid.UUID(v) for v in hazard.verifier_ids}
    found |= {uuid.UUID(e.actor.removeprefix("person:")) for e in chain if e.actor.startswith("person:")}
    for event in chain:
        told = json.loads(event.body)["data"].get("told", [])
        found |= {uuid.UUID(p.removeprefix("person:")) for p in told}
    found |= {e.uploaded_by for e in stored if e.uploaded_by}
    return found | {p for firing in ahead for p in firing.people}


def _steps(
    session: Session,
    hazard: Hazard,
    chain: Sequence[HazardEvent],
    people: Mapping[uuid.UUID, str],
    locale: str,
) -> tuple[Step, ...]:
    stages = rules_of(session).fields.stages
    entered: dict[str, HazardEvent] = {}
    for one in chain:
        to = json.loads(one.body)["data"].get("stage")
        if to:
            entered.setdefault(to, one)
    reached = STAGES.index(hazard.stage)
    found = []
    for index, stage in enumerate(STAGES):
        event = entered.get(stage) if index <= reached else None
        status: Literal["done", "now", "todo"] = "todo"
        if event is not None:
            status = "now" if index == reached and hazard.is_open else "done"
        found.append(
            Step(
                stage=stage,
                label=stages[stage].in_(locale),
                status=status,
                at=event.at if event is not None else None,
                who=_who_will(hazard, stage, people)
                if event is None
                else _actor_name(event.actor, people, locale),
            )
        )
    return tuple(found)


def _who_will(hazard: Hazard, stage: str, people: Mapping[uuid.UUID, str]) -> str:
    if stage == "rectifying" and hazard.responsible_id:
        return people.get(hazard.responsible_id, "")
    if stage == "verified":
        return "、".join(people.get(uuid.UUID(v), "") for v in hazard.verifier_ids)
    if stage == "closed" and hazard.closer_id:
        return people.get(hazard.closer_id, "")
    return ""


def _actor_name(actor: str, people: Mapping[uuid.UUID, str], locale: str) -> str:
    if actor.startswith("person:"):
        return people.get(uuid.UUID(actor.removeprefix("person:")), text("hazards.somebody", locale))
    return text("hazards.protected" if actor == PROTECTED else "hazards.system", locale)


def _clocks(
    session: Session,
    hazard: Hazard,
    ahead: Sequence[Forecast],
    people: Mapping[uuid.UUID, str],
    reader: Reader,
) -> tuple[Clock, ...]:
    if not hazard.is_open:
        return ()
    first: dict[str, Forecast] = {}
    for firing in ahead:
        first.setdefault(firing.name, firing)
    ordered = sorted(first.values(), key=lambda f: (f.rule != "clock", f.name != "rectify", f.expires_at))
    return tuple(
        Clock(
            name=_limit(session, hazard, firing, reader.locale),
            icon="shield-half" if firing.rule == "clock" else "clock-hour-4",
            countdown=countdown(firing.expires_at, started_at=firing.started_at, now=reader.now),
            original_due_at=hazard.original_due_at
            if firing.name == "rectify" and hazard.original_due_at != hazard.due_at
            else None,
            to="、".join(people.get(p, "") for p in firing.people),
            is_make_safe=firing.rule == "clock",
        )
        for firing in ordered
    )


def _limit(session: Session, hazard: Hazard, firing: Forecast, locale: str) -> str:
    return timer_label(
        rules_of(session), f"{hazard.workflow}.v{hazard.workflow_version}", firing.name, locale
    )


def _firings(
    session: Session,
    hazard: Hazard,
    ahead: Sequence[Forecast],
    people: Mapping[uuid.UUID, str],
    locale: str,
) -> tuple[Firing, ...]:
    return tuple(
        Firing(
            due_at=f.due_at,
            name=_limit(session, hazard, f, locale),
            level=f.level,
            to=tuple(people.get(p, text("hazards.somebody", locale)) for p in f.people),
            colour=f.colour,
        )
        for f in sorted(ahead, key=lambda f: f.due_at)[:3]
    )


def _marks(session: Session, hazard: Hazard, locale: str) -> tuple[str, ...]:
    controls = rules_of(session).fields.controls
    found = [controls[c.code].in_(locale) for c in read(hazard.proceedings).controls if c.code in controls]
    failed = int(hazard.counters.get("failed_recheck", 0))
    if failed:
        found.append(text("hazards.mark.failed_recheck", locale, n=failed))
    return tuple(found)


def _evidence(
    hazard: Hazard, stored: Sequence[EvidenceRow], people: Mapping[uuid.UUID, str], locale: str
) -> tuple[tuple[EvidencePair, ...], tuple[Evidence, ...]]:
    views = {(e.sha256, e.stage): _piece(hazard, e, people, locale) for e in stored}
    after = {e.pair_of: e for e in stored if e.pair_of}
    before = [e for e in stored if e.kind == "PHOTO_BEFORE" and e.stage in ("report", "control")]
    pairs = tuple(
        EvidencePair(
            title=text("hazards.pair", locale, n=index),
            before=views[(e.sha256, e.stage)],
            after=views[(after[e.sha256].sha256, after[e.sha256].stage)] if e.sha256 in after else None,
        )
        for index, e in enumerate(before, start=1)
    )
    paired = {(p.before.sha256) for p in pairs} | {p.after.sha256 for p in pairs if p.after}
    return pairs, tuple(v for (sha, _), v in views.items() if sha not in paired)


def _piece(hazard: Hazard, e: EvidenceRow, people: Mapping[uuid.UUID, str], locale: str) -> Evidence:
    return Evidence(
        sha256=e.sha256,
        kind_label=kind_name(e.kind, locale),
        original_url=f"/evidence/{hazard.number}/{e.sha256}",
        display_url=f"/evidence/{hazard.number}/{e.display_sha256}/display" if e.display_sha256 else None,
        captured_at=e.captured_at or e.exif_at,
        by=people.get(e.uploaded_by, "") if e.uploaded_by else "",
        place_note=f"{e.lat:.5f}, {e.lon:.5f}" if e.lat is not None and e.lon is not None else "",
        file_name=e.filename,
        size_bytes=e.size,
        stage_label=text(f"hazards.evidence_stage.{e.stage}", locale),
    )


def _facts(
    session: Session, hazard: Hazard, asset: Any, reporter: str, people: Mapping[uuid.UUID, str], locale: str
) -> tuple[Fact, ...]:
    """What is known, in the order an official reads it; what is not known is not listed."""
    book = rules_of(session).fields
    row = row_kept(hazard)
    where = (
        f"WGS-84 {hazard.lat:.5f}, {hazard.lon:.5f}"
        if hazard.lat is not None and hazard.lon is not None
        else ""
    )
    found = [
        Fact(text("hazards.fact.description", locale), hazard.description, is_wide=True),
        Fact(text("hazards.fact.place", locale), hazard.place, note=where),
        Fact(text("hazards.fact.asset", locale), f"{asset.label.in_(locale)} {asset.code}" if asset else ""),
        Fact(text("hazards.fact.source", locale), _named(book.sources, hazard.source, locale)),
        Fact(
            text("hazards.fact.catalogue", locale),
            f"{row['code']} {row['title'][locale]}" if row else hazard.catalogue_code or "",
            note=row["basis"] if row else "",
        ),
        Fact(
            text("hazards.fact.reporter", locale),
            reporter,
            note=text("hazards.fact.protected", locale) if hazard.protected_reporter_id else "",
        ),
        Fact(
            text("hazards.fact.verifiers", locale),
            "、".join(people.get(uuid.UUID(v), "") for v in hazard.verifier_ids),
        ),
        Fact(
            text("hazards.fact.closer", locale), people.get(hazard.closer_id, "") if hazard.closer_id else ""
        ),
    ]
    shown = (
        "basis",
        "clause",
        "measures",
        "measures_done",
        "emergency_plan",
        "root_cause",
        "prevention",
        "opinion",
    )
    found += [
        Fact(book.fields[name].label.in_(locale), _value(hazard.details[name]), is_wide=True)
        for name in shown
        if name in hazard.details and name in book.fields
    ]
    return tuple(f for f in found if f.value)


def _named(table: Mapping[str, Any], key: str, locale: str) -> str:
    return table[key].in_(locale) if key in table else key


def _value(value: Any) -> str:
    return "；".join(str(v) for v in value) if isinstance(value, list) else str(value or "")


def pieces(page: HazardPage) -> dict[str, Evidence]:
    """The page's evidence by SHA-256, for forms that pair with it."""
    found = {p.before.sha256: p.before for p in page.evidence_pairs}
    return found | {e.sha256: e for e in page.other_evidence}
