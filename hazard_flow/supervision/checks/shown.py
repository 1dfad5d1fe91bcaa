"""Unannounced checks as their pages show them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assets.queries import choices as asset_choices
from hazard_flow.errors import FieldError, HazardFlowError
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation, Personal
from hazard_flow.identity.queries import enterprises, names, organisation_labels
from hazard_flow.storage.base import new_id
from hazard_flow.supervision.checks import queries
from hazard_flow.supervision.checks.drawing import repeats
from hazard_flow.supervision.checks.models import UnannouncedCheck
from hazard_flow.supervision.checks.operations import NAME_MAX, members, signatures
from hazard_flow.supervision.checks.planning import TEXT_MAX
from hazard_flow.supervision.issuing import officer_seats
from hazard_flow.web.acts import ActForm, Fields, StepRow

ICONS = {
    "planned": "calendar-due", "begun": "player-play", "recorded": "checklist", "found": "alert-triangle", "signed": "signature",
    "finished": "lock-check", "called_off": "ban",
}  # fmt: skip
#: in the form: the enterprise is drawn
DRAW = "draw"
ACTS = {
    "begin": "player-play",
    "find": "camera-plus",
    "sign": "signature",
    "finish": "lock-check",
    "call_off": "ban",
}


@dataclass(frozen=True)
class Row:
    """One check of a list."""

    check: UnannouncedCheck
    unit: str
    issuer: str
    team: Sequence[str]
    wrong: int


@dataclass(frozen=True)
class Drawn:
    """One draw as it is shown to whoever wants to repeat it."""

    what: str
    seed: str
    drawn: Sequence[str]
    candidates: Sequence[tuple[str, float]]
    repeats: bool


def rows(session: Session, checks: Sequence[UnannouncedCheck], locale: str) -> list[Row]:
    """Checks with the names that stand beside them."""
    units = organisation_labels(session, {id_ for one in checks for id_ in (one.home_id, one.issuer_id)})
    who = names(session, [id_ for one in checks for id_ in members(one)])
    return [
        Row(
            one,
            units[one.home_id].label.in_(locale) if one.home_id in units else "",
            units[one.issuer_id].label.in_(locale) if one.issuer_id in units else "",
            [who.get(id_, "") for id_ in members(one)],
            sum(1 for item in one.items if item["answer"] == "wrong"),
        )
        for one in checks
    ]


def draws(session: Session, check: UnannouncedCheck, locale: str) -> list[Drawn]:
    """What was drawn, with names for ids."""
    found = []
    for what, said in check.drawn.items():
        ids = [uuid.UUID(one) for one in said["candidates"]]
        if what == "enterprise":
            known = {
                str(id_): unit.label.in_(locale) for id_, unit in organisation_labels(session, ids).items()
            }
        else:
            known = {str(id_): name for id_, name in names(session, ids).items()}
        found.append(
            Drawn(
                text(f"supervision.draw.{what}", locale),
                said["seed"],
                [known.get(one, one) for one in said["drawn"]],
                [(known.get(key, key), weight) for key, weight in said["candidates"].items()],
                repeats(said),
            )
        )
    return found


def step_rows(session: Session, check: UnannouncedCheck, locale: str) -> list[StepRow]:
    """What happened, newest first."""
    steps = queries.steps(session, check)
    who = names(session, [one.person_id for one in steps if one.person_id])
    return [
        StepRow(
            at=one.at,
            icon=ICONS.get(one.act, "point"),
            title=text(f"supervision.check_step.{one.act}", locale),
            who=who.get(one.person_id, "") if one.person_id else "",
            lines=[str(one.data["words"])] if one.data.get("words") else [],
            links=[(f"/hazards/{one.data['hazard']}", one.data["hazard"])] if one.data.get("hazard") else [],
        )
        for one in reversed(steps)
    ]


def signed_by(session: Session, check: UnannouncedCheck) -> list[tuple[str, bool]]:
    """The officers with whether each has signed."""
    who, done = names(session, members(check)), signatures(check)
    return [(who.get(one, ""), one in done) for one in members(check)]


def kept_names(session: Session, check: UnannouncedCheck) -> tuple[str, list[str]]:
    """The representative, and the witnesses of a refusal; empty where they were erased."""

    def name(digest: str | None) -> str:
        found = session.get(Personal, digest) if digest else None
        return (found.value or "") if found else ""

    return name(check.representative_digest), [name(one) for one in check.witness_digests]


def plan_fields(
    session: Session,
    given: Mapping[str, Any],
    faults: Sequence[FieldError],
    *,
    actor: Actor,
    locale: str,
    zone: ZoneInfo,
) -> Fields:
    """The form of a plan."""
    made = Fields("supervision", locale, zone, given, faults)
    known = enterprises(session)
    draw_one = [(DRAW, text("supervision.draw.one", locale))]
    made.add(
        "organisation",
        "radio",
        choices=draw_one + [(str(one.id), one.label.in_(locale)) for one in known],
        value=DRAW,
    )
    made.add("asset", "asset", choices=[(one.code, one.label.in_(locale)) for one in asset_choices(session)])
    made.add(
        "officers",
        "many",
        choices=_officers(session, actor, known),
        hint=text("supervision.hint.officers", locale),
    )
    made.add(
        "draw_officers",
        "select",
        value="0",
        choices=[(str(n), text("supervision.draw.officers_n", locale, n=n)) for n in range(4)],
    )
    made.add("planned_on", "date", required=True)
    made.add("purpose", "textarea", required=True, at_most=TEXT_MAX)
    made.add("items", "textarea", required=True, hint=text("supervision.hint.items", locale))
    return made


def _officers(session: Session, actor: Actor, known: Sequence[Organisation]) -> list[tuple[str, str]]:
    """Officers with jurisdiction somewhere here, without the one who plans."""
    divisions = {one.division for one in known} | {h.division for h in officer_seats(actor)}
    found = {one.id: one.name for division in divisions for one in queries.officers(session, division)}
    return [
        (str(id_), name) for id_, name in sorted(found.items(), key=lambda pair: pair[1]) if id_ != actor.id
    ]


def acts(
    session: Session, check: UnannouncedCheck, actor: Actor, *, locale: str, zone: ZoneInfo, given: Mapping[str, Any],
    refused: tuple[str, HazardFlowError] | None,
) -> list[ActForm]:  # fmt: skip
    """What this member of the team may do now; the items have a form of their own."""
    if actor.id not in members(check):
        return []
    wrong_act, error = refused or ("", None)
    offered: list[ActForm] = []

    def offer(
        key: str, build: Any = None, *, takes_files: bool = False, is_open: bool = False, hint: str = ""
    ) -> None:
        faults = error.fields if error is not None and wrong_act == key else ()
        made = Fields("supervision", locale, zone, given if wrong_act == key else {}, faults)
        if build:
            build(made)
        offered.append(
            ActForm(
                key=key, href=f"/supervision/checks/{check.id}/{key}", icon=ACTS[key], label=text(f"supervision.check_act.{key}", locale),
                request_key=str(new_id()), fields=made.made, errors=made.errors(), version=check.seq, hint=hint, is_photo=takes_files,
                files=text("supervision.photos", locale) if takes_files else "", is_open=is_open or wrong_act == key,
            )
        )  # fmt: skip

    if check.state == "planned":
        offer("begin", is_open=True, hint=text("supervision.hint.begin", locale))
        offer("call_off", lambda f: f.add("words", "textarea", required=True, at_most=TEXT_MAX))
    if check.state == "under_way":
        items = [(str(n), item["text"]) for n, item in enumerate(check.items)]
        offer("find", lambda f: f.add("item", "select", required=True, choices=items)
              .add("description", "textarea", required=True, at_most=TEXT_MAX)
              .add("catalogue_code", at_most=40), takes_files=True)  # fmt: skip
        if actor.id not in signatures(check):
            offer("sign", is_open=all(item["answer"] for item in check.items))
        if len(signatures(check)) >= 2:
            offer("finish", lambda f: f.add("opinion", "textarea", required=True, at_most=TEXT_MAX).add("representative", at_most=NAME_MAX)
                  .add("refusal", at_most=TEXT_MAX, hint=text("supervision.hint.refusal", locale))
                  .add("witness_1", at_most=NAME_MAX).add("witness_2", at_most=NAME_MAX), is_open=True)  # fmt: skip
    return offered
