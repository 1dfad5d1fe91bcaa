"""The form of a new plan: its fields drawn from what was typed, with what is wrong beside each."""

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import within
from hazard_flow.errors import FieldError
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.planning import ASSETS_MAX, NAME_LENGTH_MAX, RULE_LENGTH_MAX, PlanOf
from hazard_flow.inspections.plans.shown import NAMED_RULES
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, FormField

FIELDS = (
    "name_zh", "name_en", "organisation_id", "line", "checklist", "often", "rule", "starts_on", "ends_on", "term_days",
    "responsible_id", "asset_ids", "needs_sign_off",
)  # fmt: skip
_NEEDED = frozenset(
    {"name_zh", "organisation_id", "checklist", "often", "starts_on", "term_days", "asset_ids"}
)
_RULES = {name: rule for rule, name in NAMED_RULES.items()}
_COLON = {"zh": "：", "en": ": "}


def read(session: Session, given: Mapping[str, str]) -> tuple[PlanOf | None, list[FieldError]]:
    """The plan these texts are, or what is wrong with them before anybody judges it."""
    faults: list[FieldError] = []
    checklist = checklists().get(given.get("checklist", ""))
    codes = [one for one in re.split(r"[\s,，、;；]+", given.get("asset_ids", "")) if one][: ASSETS_MAX + 1]
    assets = assets_by_code(session, codes)
    unknown = [code for code in codes if code not in assets]
    if unknown:
        faults.append(FieldError("asset_ids", "unknown_asset", {"value": unknown[0][:40]}))
    starts_on = _day(given, "starts_on", faults, needed=True)
    ends_on = _day(given, "ends_on", faults, needed=False)
    term = given.get("term_days", "1")
    if not (term.isascii() and term.isdigit() and len(term) < 5):
        faults.append(FieldError("term_days", "not_a_number", {"value": term[:20]}))
    often = given.get("often", "")
    if often not in (*_RULES, "colour", "own"):
        faults.append(
            FieldError("often", "required" if not often else "unknown_choice", {"value": often[:20]})
        )
    if often == "own" and not given.get("rule"):
        faults.append(FieldError("rule", "required"))
    if not given.get("checklist"):
        faults.append(FieldError("checklist", "required"))
    organisation, responsible = (_id(given.get(name, "")) for name in ("organisation_id", "responsible_id"))
    if organisation is None:
        faults.append(FieldError("organisation_id", "required"))
    if faults or organisation is None or starts_on is None:
        return None, faults
    return (
        PlanOf(
            organisation_id=organisation,
            name_zh=given.get("name_zh", ""),
            name_en=given.get("name_en", ""),
            line=given.get("line") or (checklist.line if checklist else ""),
            checklist=given.get("checklist", ""),
            rule="" if often == "colour" else given.get("rule", "") if often == "own" else _RULES[often],
            starts_on=starts_on,
            ends_on=ends_on,
            term_days=int(term),
            asset_ids=[assets[code].id for code in codes],
            responsible_id=responsible,
            needs_sign_off=given.get("needs_sign_off") == "true",
        ),
        [],
    )


def fields(
    session: Session,
    actor: Actor,
    given: Mapping[str, str],
    faults: Sequence[FieldError],
    *,
    today: date,
    locale: str,
    zone: ZoneInfo,
) -> list[FormField]:
    """The fields in their order."""
    wrong = {fault.field: field_sentence(fault, locale, zone) for fault in faults}
    values = {"starts_on": today.isoformat(), "term_days": "1", "often": "weekly", **given}
    return [
        _field(session, actor, name, values.get(name, ""), wrong.get(name, ""), locale, today)
        for name in FIELDS
        if name != "line"
    ]


def errors(faults: Sequence[FieldError], *, locale: str, zone: ZoneInfo) -> list[FormError]:
    """The summary above the form."""
    return [
        FormError(
            "checklist" if fault.field == "line" else fault.field,
            f"{text(f'rounds.plan.{fault.field}', locale)}{_COLON[locale]}{field_sentence(fault, locale, zone)}",
        )
        for fault in faults
    ]


def _field(
    session: Session, actor: Actor, name: str, value: str, error: str, locale: str, today: date
) -> FormField:
    label, needed = text(f"rounds.plan.{name}", locale), name in _NEEDED
    if name in ("starts_on", "ends_on"):
        return FormField(
            name,
            "date",
            label,
            required=needed,
            value=value,
            error=error,
            minimum=today.isoformat(),
            is_kept=True,
        )
    if name == "needs_sign_off":
        return FormField(name, "checkbox", label, required=False, value=value, error=error)
    if name == "asset_ids":
        return FormField(
            name, "textarea", label, value=value, error=error, hint=text("rounds.plan.asset_ids.hint", locale)
        )
    if name == "rule":
        return FormField(
            name, "text", label, required=False, value=value, error=error, maximum=str(RULE_LENGTH_MAX),
            hint=text("rounds.plan.rule.hint", locale), when=("often", "own"),
        )  # fmt: skip
    if name in ("name_zh", "name_en"):
        return FormField(
            name,
            "text",
            label,
            required=needed,
            value=value,
            error=error,
            maximum=str(NAME_LENGTH_MAX),
            is_kept=True,
        )
    if name == "term_days":
        return FormField(name, "number", label, required=True, value=value, error=error)
    choices = _choices(session, actor, name, locale)
    return FormField(
        name, "select", label, required=needed, choices=choices, value=value, error=error, is_kept=True
    )


def _choices(session: Session, actor: Actor, name: str, locale: str) -> tuple[tuple[str, str], ...]:
    if name == "checklist":
        found = sorted(checklists().values(), key=lambda one: list(WORK_LINES).index(one.line))
        return tuple(
            (one.key, f"{WORK_LINES[one.line].in_(locale)} · {one.label.in_(locale)}") for one in found
        )
    if name == "often":
        return tuple((key, text(f"rounds.often.{key}", locale)) for key in (*_RULES, "colour", "own"))
    if name == "organisation_id":
        return tuple((str(one.id), one.label.in_(locale)) for one in units_of(session))
    people = {
        person.id: person.name
        for path in scope_of_session(session).paths
        for person, _ in identity.people_within(session, path)
    }
    return tuple((str(id_), who) for id_, who in sorted(people.items(), key=lambda one: one[1]))


def units_of(session: Session) -> Sequence[Organisation]:
    """The units whose plans the session's actor may make."""
    paths = scope_of_session(session).paths
    if not paths:
        return []
    mine = sa.or_(*(Organisation.path.startswith(path, autoescape=True) for path in paths))
    return session.scalars(
        sa.select(Organisation).where(mine, Organisation.kind != "regulator").order_by(Organisation.path)
    ).all()


def assets_by_code(session: Session, codes: Sequence[str]) -> dict[str, Asset]:
    """Assets of the actor's own organisations by code."""
    scope = scope_of_session(session)
    if not codes:
        return {}
    found = session.scalars(sa.select(Asset).where(Asset.code.in_(codes), within(scope)))
    return {one.code: one for one in found}


def _day(given: Mapping[str, str], name: str, faults: list[FieldError], *, needed: bool) -> date | None:
    words = given.get(name, "")
    if not words:
        if needed:
            faults.append(FieldError(name, "required"))
        return None
    try:
        day = date.fromisoformat(words)
        if not 2000 <= day.year <= 2099:
            raise ValueError(words)
    except ValueError:
        faults.append(FieldError(name, "not_a_date", {"value": words[:20]}))
        return None
    return day


def _id(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words) if words else None
    except ValueError:
        return None
