"""Hazards, events and evidence put into the shapes of the API, for one reader."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.actions import allowed
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.disclosing import personal_values, protected_reporter, public_details
from hazard_flow.hazards.forecast import Forecast, forecast
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.proceedings import Proceedings, read
from hazard_flow.hazards.related import links_of
from hazard_flow.hazards.resources import (
    AllowedAction,
    ControlView,
    EventView,
    EvidenceView,
    FlagView,
    HazardDetail,
    HazardSummary,
    ItemProblem,
    ItemResult,
    LinkView,
    NextTimer,
    PersonRef,
    ReasonView,
    SignatureView,
)
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.web.openapi import ProblemField
from hazard_flow.workflow.permitted import Allowed

_FIRINGS = 3
#: id → person, None where nobody is to be named
_Person = Callable[[Any], PersonRef | None]


def summary(hazard: Hazard) -> HazardSummary:
    """The hazard as a list shows it."""
    return HazardSummary(**_plain(hazard))


def _plain(hazard: Hazard) -> dict[str, Any]:
    names = HazardSummary.model_fields.keys() - {"organisation", "responsible", "version"}
    found: dict[str, Any] = {name: getattr(hazard, name) for name in names}
    found["organisation"] = str(hazard.organisation_id)
    found["responsible"] = str(hazard.responsible_id) if hazard.responsible_id else None
    found["version"] = hazard.seq
    return found


def detail(
    session: Session, hazard: Hazard, actor: Actor, *, now: datetime, asset: str | None
) -> HazardDetail:
    """The hazard with everything this caller may know of it and do with it."""
    rules, standing = rules_of(session), read(hazard.proceedings)
    ahead = forecast(session, hazard, now=now)[:_FIRINGS]
    links = links_of(session, hazard)
    person = _people(session, hazard, standing, ahead)
    disclosed = protected_reporter(session, hazard, actor, personal_values(session, hazard))
    reporter = person(hazard.reporter_id)
    if disclosed is not None:
        reporter = PersonRef(id=str(disclosed[0]), name=disclosed[1])
    origin = next((link.hazard.number for link in links if link.link == "reopen_of"), None)
    return HazardDetail(
        **_plain(hazard),
        description=hazard.description,
        catalogue_code=hazard.catalogue_code,
        asset=asset,
        lon=hazard.lon,
        lat=hazard.lat,
        crs=hazard.crs,
        reporter=reporter,
        responsible_person=person(hazard.responsible_id),
        verifiers=[p for v in hazard.verifier_ids if (p := person(v))],
        closer=person(hazard.closer_id),
        workflow=f"{hazard.workflow}.v{hazard.workflow_version}",
        details=public_details(hazard),
        counters=dict(hazard.counters),
        marks={mark: datetime.fromisoformat(str(at)) for mark, at in hazard.marks.items()},
        controls=[control.code for control in standing.controls],
        controls_open=[ControlView(control=c.code, by=person(c.by), at=_at(c.at)) for c in standing.controls],
        flags=[FlagView(flag=f, by=person(o.by), at=_at(o.at)) for f, o in sorted(standing.open.items())],
        signatures=_signatures(rules, hazard, standing, person),
        links=[LinkView(link=link.link, number=link.hazard.number) for link in links],
        reopen_of=origin,
        protected=hazard.protected_reporter_id is not None,
        allowed_actions=[_allowed(one) for one in allowed(session, hazard, actor, now=now)],
        next_timers=[
            NextTimer(
                name=f.name,
                level=f.level,
                due_at=f.due_at,
                colour=f.colour,
                to=[p for i in f.people if (p := person(i))],
            )
            for f in ahead
        ],
    )


def _people(session: Session, hazard: Hazard, standing: Proceedings, ahead: Sequence[Forecast]) -> _Person:
    """Who is who on this hazard.

    Whoever reported in confidence and also has work to do here is named in it like everybody: the record names them too, and a gap
    would say who reported.
    """
    ids = {p for p in (hazard.reporter_id, hazard.responsible_id, hazard.closer_id) if p}
    opened_by = [o.by for o in standing.open.values()] + [c.by for c in standing.controls]
    texts = [
        *hazard.verifier_ids,
        *(by for by in opened_by if by),
        *(p for s in standing.signed.values() for p in s),
    ]
    ids |= {uuid.UUID(t) for t in texts} | {p for f in ahead for p in f.people}
    known = identity.names(session, ids)

    def person(id_: Any) -> PersonRef | None:
        if id_ is None:
            return None
        wanted = uuid.UUID(str(id_))
        return PersonRef(id=str(wanted), name=known.get(wanted))

    return person


def _signatures(rules: Rules, hazard: Hazard, standing: Proceedings, person: _Person) -> list[SignatureView]:
    actions = rules.pinned(hazard.workflow, hazard.workflow_version).actions
    return [
        SignatureView(
            action=key,
            have=len(set(signed)),
            needed=actions[key].quorum,
            by=[p for one in signed if (p := person(one))],
        )
        for key, signed in standing.signed.items()
        if key in actions
    ]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _allowed(one: Allowed) -> AllowedAction:
    return AllowedAction(
        action=one.action.key,
        name={"zh": one.action.label.zh, "en": one.action.label.en},
        allowed=one.allowed,
        needs=[
            {
                "field": n.field,
                "required": n.required,
                "type": n.rule.known.type,
                "choices": list(n.rule.choices),
            }
            for n in one.action.needs
        ],
        refused_because=[
            ReasonView(kind=r.kind, code=r.code, params=_texts(r.params))
            for r in (*one.refused_because, *one.still_needed)
        ],
    )


def _texts(params: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, str | int | list | bool | None) else str(v) for k, v in params.items()}


def item_result(number: str, outcome: Outcome, say: Callable[[HazardFlowError], ItemProblem]) -> ItemResult:
    """One of many; `say` puts a refusal into the caller's language."""
    done = outcome.error is None and outcome.hazard is not None
    return ItemResult(
        number=number,
        done=done,
        replayed=outcome.replayed,
        hazard=summary(outcome.hazard) if done and outcome.hazard is not None else None,
        problem=say(outcome.error) if outcome.error is not None else None,
    )


def problem(error: HazardFlowError, *, title: str, sentences: Sequence[str]) -> ItemProblem:
    """A refusal in the shape a single act would have got it."""
    return ItemProblem(
        status=error.status,
        code=error.code,
        title=title,
        errors=[
            ProblemField(field=f.field, code=f.code, message=sentence, params=_texts(f.params))
            for f, sentence in zip(error.fields, sentences, strict=True)
        ],
    )


def event_view(event: HazardEvent) -> EventView:
    """An event out of its own stored bytes."""
    body = json.loads(event.body)
    return EventView(
        seq=event.seq,
        at=event.at,
        actor=body["actor"],
        type=body["type"],
        action=event.action,
        data=body["data"],
        prev=body["prev"],
        hash=event.hash.hex(),
    )


def evidence_views(hazard: Hazard, items: Sequence[Evidence]) -> list[EvidenceView]:
    """The pieces of a hazard with the addresses of their bytes."""
    names = EvidenceView.model_fields.keys() - {"url", "display_url"}
    return [
        EvidenceView(
            **{name: getattr(item, name) for name in names},
            url=f"/evidence/{hazard.number}/{item.sha256}",
            display_url=f"/evidence/{hazard.number}/{item.shown_sha256}/display"
            if item.shown_sha256
            else None,
        )
        for item in items
    ]
