"""An accident as its pages show it: rows of the register, clocks, steps and forms as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.accidents import clocks, queries, sending
from hazard_flow.accidents.classes import supplements_until
from hazard_flow.accidents.models import (
    CATEGORIES,
    CONCEALMENTS,
    KINDS,
    LINKS,
    OUTCOMES,
    RESPONSIBILITIES,
    Accident,
    AccidentStep,
)
from hazard_flow.accidents.particulars import CAUSES, COUNTS, FIGURES, TEXT_MAX, TITLE_MAX
from hazard_flow.accidents.reporting import first_reports
from hazard_flow.accidents.steps import JUDGE, REGISTER, REPORT
from hazard_flow.assets.queries import choices as asset_choices
from hazard_flow.assets.queries import labels as asset_labels
from hazard_flow.errors import FieldError, HazardFlowError
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import enterprises, names
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.models import Alert
from hazard_flow.web.acts import ActForm, Fields, StepRow
from hazard_flow.web.formats import instant_text

ICONS = {
    "registered": "flag-3", "reported": "broadcast", "received": "mail-check", "supplemented": "refresh-alert", "explained": "git-merge",
    "judged": "gavel", "linked": "link", "casualty": "user-plus", "erased": "eye-off", "proposed": "list-details", "decided": "checks",
    "closed": "lock-check",
}  # fmt: skip
ACTS = {
    "report": "broadcast", "receive": "mail-check", "supplement": "refresh-alert", "explain": "git-merge", "judge": "gavel",
    "casualty": "user-plus", "link": "link", "propose": "list-details", "close": "lock-check",
}  # fmt: skip


@dataclass(frozen=True)
class ClockRow:
    """One report of the way up, as the page shows it."""

    sender: str
    receiver: str
    due_at: datetime | None
    sent_at: datetime | None
    is_late: bool
    is_over: bool
    #: figures that changed and have not been passed on
    is_supplement: bool
    used_percent: int


@dataclass(frozen=True)
class LinkRow:
    """Something that belongs to it."""

    kind: str
    href: str
    words: str
    is_origin: bool


def reading_of(accident: Accident) -> Mapping[str, Any]:
    """Its figures as a form shows them."""
    return {name: "" if getattr(accident, name) is None else getattr(accident, name) for name in FIGURES}


def clock_rows(session: Session, accident: Accident, now: datetime, locale: str) -> list[ClockRow]:
    """The reports of the way up in order; nothing for a near miss."""
    stands = clocks.standing(session, accident)
    known, sent = clocks.told(session, accident)

    def name(station: str) -> str:
        unit = stands.stations.get(station)
        return unit.label.in_(locale) if unit else text(f"accidents.level.{station}", locale)

    rows = [
        ClockRow(
            name(one.hop.sender),
            name(one.hop.receiver),
            one.due_at,
            one.sent_at,
            is_late=one.is_late,
            is_over=one.sent_at is None and one.due_at is not None and now > one.due_at,
            is_supplement=False,
            used_percent=_used(one.due_at, now),
        )
        for one in first_reports(stands.way, known, sent)
    ]
    fresh = [one for one in stands.owed if one.hop.receiver in {s.receiver for s in sent}]
    rows += [
        ClockRow(name(one.hop.sender), name(one.hop.receiver), one.due_at, None, is_late=False, is_over=now > one.due_at,
                 is_supplement=True, used_percent=_used(one.due_at, now))
        for one in fresh
    ]  # fmt: skip
    return rows


def _used(due_at: datetime | None, now: datetime) -> int:
    """How much of an hour before a deadline is gone, 0 to 100: both clocks are looked at from one hour out."""
    if due_at is None:
        return 0
    left = (due_at - now) / timedelta(hours=2)
    return max(0, min(100, round(100 * (1 - left))))


def step_rows(session: Session, accident: Accident, locale: str, zone: ZoneInfo) -> list[StepRow]:
    """What happened, newest first."""
    steps = queries.steps(session, accident)
    who = names(session, [one.person_id for one in steps if one.person_id])
    return [
        StepRow(
            at=one.at,
            icon=ICONS.get(one.act, "point"),
            title=text(f"accidents.step.{one.act}", locale),
            who=who.get(one.person_id, "") if one.person_id else text("accidents.by_system", locale),
            lines=_lines(one, locale, zone),
            is_system=one.person_id is None,
        )
        for one in reversed(steps)
    ]


def _lines(step: AccidentStep, locale: str, zone: ZoneInfo) -> list[str]:
    data = step.data
    if step.act == "reported":
        at = datetime.fromisoformat(data["at"])
        level = text(f"accidents.level.{data['to']}", locale)
        said = [
            text("accidents.said.reported", locale, level=level, n=data["figures"], at=instant_text(at, zone))
        ]
        return said + ([data["note"]] if data.get("note") else [])
    if step.act == "received":
        return [
            text(
                "accidents.said.received",
                locale,
                level=text(f"accidents.level.{data['level']}", locale),
                n=data["figures"],
            )
        ]
    if step.act in ("registered", "supplemented"):
        values = data["figures"] if step.act == "registered" else data["values"]
        said = [figures_words(values, locale)]
        if data.get("class"):
            said.append(
                text("accidents.said.class", locale, name=text(f"accidents.class.{data['class']}", locale))
            )
        return said + ([data["reason"]] if data.get("reason") else [])
    if step.act == "judged":
        said = [text(f"accidents.responsibility.{data['responsibility']}", locale)]
        if data["concealment"]:
            said.append(text(f"accidents.concealment.{data['concealment']}", locale))
        return [*said, data["reason"]]
    if step.act == "linked":
        return [f"{text('accidents.link.' + data['kind'], locale)} {data['name']}"]
    if step.act == "decided":
        key = "accepted" if data["accepted"] else "declined"
        return [text(f"accidents.said.{key}", locale, n=len(data["places"]))]
    if step.act == "proposed":
        return [text("accidents.said.proposed", locale, n=data["places"])]
    if step.act == "casualty":
        return [text(f"accidents.outcome.{data['outcome']}", locale)]
    return [data["cause_direct"]] if step.act == "explained" else []


def figures_words(values: Mapping[str, Any], locale: str) -> str:
    """Figures in one line; what is nothing is left out, and nobody hurt is said."""
    found = [
        text(f"accidents.count.{name}", locale, n=f"{int(values[name]):,}")
        for name in (*COUNTS, "loss_yuan")
        if values.get(name)
    ]
    if not any(values.get(name) for name in COUNTS):
        found.insert(0, text("accidents.count.nobody", locale))
    return text("accidents.count.and", locale).join(found)


def link_rows(session: Session, accident: Accident, locale: str) -> list[LinkRow]:
    """What belongs to it, as far as the scope sees it."""
    rows = queries.links(session, accident)
    assets = asset_labels(session, [one.target_id for one in rows if one.kind == "asset"])
    found = []
    for one in rows:
        if one.kind == "hazard" and (hazard := session.get(Hazard, one.target_id)):
            found.append(
                LinkRow(
                    "hazard", f"/hazards/{hazard.number}", f"{hazard.number} {hazard.title}", one.is_origin
                )
            )
        elif one.kind == "asset" and (asset := assets.get(one.target_id)):
            found.append(LinkRow("asset", "", f"{asset.label.in_(locale)} {asset.code}", one.is_origin))
        elif one.kind == "alert" and (alert := session.get(Alert, one.target_id)):
            found.append(LinkRow("alert", f"/alarms/{alert.id}", alert.summary, one.is_origin))
    return found


def entry_fields(
    session: Session,
    given: Mapping[str, Any],
    faults: Sequence[FieldError],
    *,
    actor: Actor,
    locale: str,
    zone: ZoneInfo,
) -> Fields:
    """The form of a first entry."""
    made = Fields("accidents", locale, zone, given, faults)
    words = _choices
    made.add("kind", "radio", required=True, value="accident", choices=words("kind", KINDS, locale))
    made.add("category", "select", required=True, choices=words("category", CATEGORIES, locale))
    made.add("title", required=True, at_most=TITLE_MAX)
    made.add("occurred_at", "datetime", required=True)
    made.add("known_at", "datetime", hint=text("accidents.hint.known_at", locale))
    made.add("asset", "asset", choices=[(one.code, one.label.in_(locale)) for one in asset_choices(session)])
    made.add("place", hint=text("accidents.hint.place", locale))
    if all(h.regulator for h in actor.holdings):
        units = [(str(one.id), one.label.in_(locale)) for one in enterprises(session)]
        made.add("organisation", "select", choices=units, hint=text("accidents.hint.organisation", locale))
    made.add("description", "textarea", required=True, at_most=TEXT_MAX)
    made.add("measures", "textarea", at_most=TEXT_MAX)
    return _figure_fields(made, {})


def _figure_fields(made: Fields, values: Mapping[str, Any]) -> Fields:
    for name in FIGURES:
        unit = text(f"accidents.unit.{name}", made.locale)
        made.add(name, "number", unit=unit, value=values.get(name, ""))
    return made


def acts(
    session: Session, accident: Accident, actor: Actor, *, locale: str, zone: ZoneInfo, given: Mapping[str, Any],
    refused: tuple[str, HazardFlowError] | None,
) -> list[ActForm]:  # fmt: skip
    """What this person may do to it now, the most pressing first."""
    if accident.closed_at is not None:
        return []
    wrong_act, error = refused or ("", None)
    offered: list[ActForm] = []

    def offer(key: str, build: Any = None, *, hint: str = "", is_open: bool = False) -> None:
        faults = error.fields if error is not None and wrong_act == key else ()
        made = Fields("accidents", locale, zone, given if wrong_act == key else {}, faults)
        if build:
            build(made)
        offered.append(
            ActForm(
                key=key, href=f"/accidents/{accident.id}/{key}", icon=ACTS[key], label=text(f"accidents.act.{key}", locale),
                request_key=str(new_id()), fields=made.made, errors=made.errors(), version=accident.seq, hint=hint,
                is_open=is_open or wrong_act == key,
            )
        )  # fmt: skip

    stands = clocks.standing(session, accident)
    to = [one.hop.receiver for one in stands.owed if sending.may_send(actor, accident, one.hop.sender)]
    levels = [(level, text(f"accidents.level.{level}", locale)) for level in to]
    if to and may(actor, REPORT):
        offer("report", lambda f: f.add("to", "radio", required=True, value=to[0], choices=levels)
              .add("at", "datetime", hint=text("accidents.hint.at", locale))
              .add("note", "textarea", at_most=TEXT_MAX), is_open=True)  # fmt: skip
    if any(sending.stands_at(actor, accident, level) for level in sending.unread(session, accident)):
        offer("receive", is_open=not to)
    if may(actor, REGISTER):
        until = instant_text(supplements_until(accident.category, accident.occurred_at), zone)
        hint = text("accidents.hint.supplement", locale, until=until) if accident.is_accident else ""
        offer("supplement", lambda f: _figure_fields(f, reading_of(accident)).add("known_at", "datetime")
              .add("reason", "textarea", required=True, at_most=TEXT_MAX), hint=hint)  # fmt: skip
        offer("casualty", lambda f: f.add("outcome", "select", required=True, choices=_choices("outcome", OUTCOMES, locale))
              .add("name", required=True, at_most=40).add("note", at_most=200), hint=text("accidents.hint.casualty", locale))  # fmt: skip
        offer("link", lambda f: f.add("kind", "select", required=True, choices=_choices("link", LINKS, locale), value="hazard")
              .add("target", required=True, at_most=80))  # fmt: skip
    if may(actor, REPORT):
        offer(
            "explain",
            lambda f: [
                f.add(
                    name,
                    "textarea",
                    required=name == "cause_direct",
                    value=getattr(accident, name),
                    at_most=TEXT_MAX,
                )
                for name in CAUSES
            ],
        )
        offer("propose")
    if may(actor, JUDGE) and accident.is_accident:
        offer("judge", lambda f: f
              .add("responsibility", "radio", required=True, value=accident.responsibility,
                   choices=_choices("responsibility", RESPONSIBILITIES, locale))
              .add("concealment", "select", value=accident.concealment or "", choices=_choices("concealment", CONCEALMENTS, locale))
              .add("reason", "textarea", required=True, at_most=TEXT_MAX))  # fmt: skip
    if may(actor, JUDGE if accident.is_accident else REPORT):
        offer("close")
    return offered


def _choices(prefix: str, keys: Sequence[str], locale: str) -> list[tuple[str, str]]:
    return [(key, text(f"accidents.{prefix}.{key}", locale)) for key in keys]
