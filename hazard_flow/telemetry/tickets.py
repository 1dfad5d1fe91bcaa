"""From an alert's transition to a hazard: open one, join the open one, or leave a note on it. Nothing here ever closes any.

One hazard of a family is open at a site. What a sequence of notices leads to is planned in their order first, then done: all openings
in one call of the door, then the acts. So it does not matter how the notices are cut into batches.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError
from hazard_flow.hazards import door
from hazard_flow.hazards.changes import Act, Outcome, Report
from hazard_flow.i18n import LOCALES, text
from hazard_flow.identity.actor import system_actor
from hazard_flow.telemetry.alerts import Change
from hazard_flow.telemetry.notices import Notice, NotTaken, plain
from hazard_flow.telemetry.planning import Joining, Plan, Planner
from hazard_flow.telemetry.remarks import looks_like_biogas
from hazard_flow.telemetry.rulefile import released_rules
from hazard_flow.telemetry.rules import Family, Rules

ACTOR = system_actor("telemetry")
#: units of a leak reading as the workflow's field calls them
LEAK_UNITS = {"%LEL": "pct_lel", "%vol": "pct_vol", "ppm": "ppm"}
#: hazards opened in one batch up to which each is looked at for a remark
REMARKED_MAX = 10


def carry(session: Session, notices: Sequence[Notice], rules: Rules, *, now: datetime) -> list[uuid.UUID]:
    """Take the notices through the door; ids of the hazards opened. Raises `NotTaken` at the first refusal."""
    acting = [notice for notice in notices if notice.transition.change is not Change.FELL]
    if not acting:
        return []
    planner = Planner(session, acting, rules)
    plan = Plan()
    for notice in acting:
        planner.plan(notice, plan)
    # In a storm nobody reads remarks, and each costs two days of samples.
    remarks = [
        _remark(session, notice) if len(plan.openings) <= REMARKED_MAX else "" for notice, _ in plan.openings
    ]
    reports = [
        _report(notice, signal, rules, planner.closed_before(notice.key), remark, now=now)
        for (notice, signal), remark in zip(plan.openings, remarks, strict=True)
    ]
    opened = []
    for (notice, _), outcome in zip(plan.openings, _through(session, reports, now=now), strict=True):
        assert outcome.hazard is not None
        planner.standing[notice.key].hazard = outcome.hazard
        notice.alert.hazard_id = outcome.hazard.id
        opened.append(outcome.hazard.id)
    joinings = plan.gathered()
    _through(session, [_act(joining, now=now) for joining in joinings], now=now)
    for joining in joinings:
        assert joining.standing.hazard is not None
        for notice in (joining.notice, *joining.further):
            notice.alert.hazard_id = joining.standing.hazard.id
    return opened


def _through(session: Session, changes: Sequence[Report | Act], *, now: datetime) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for start in range(0, len(changes), door.BATCH_MAX):
        outcomes += door.apply(session, changes[start : start + door.BATCH_MAX], now)
    for outcome in outcomes:
        if outcome.error is not None:
            raise NotTaken(_said(outcome.error)) from outcome.error
    return outcomes


def _said(error: HazardFlowError) -> str:
    fields = " ".join(f"{problem.field}={problem.code}" for problem in error.fields)
    return f"{error.code} {fields}".strip()


def _remark(session: Session, notice: Notice) -> str:
    if notice.hazard_family != "gas_leak" or not looks_like_biogas(
        session, notice.site.id, notice.transition.at
    ):
        return ""
    return "".join(f"\n{text('telemetry.report.biogas', locale)}" for locale in LOCALES)


def _report(
    notice: Notice,
    signal: dict[str, Any],
    rules: Rules,
    before: uuid.UUID | None,
    remark: str,
    *,
    now: datetime,
) -> Report:
    family = _family(notice, rules)
    site, level = notice.hazard_site, notice.transition.level
    words = {
        "site": site.code,
        "subject": notice.subject,
        "level": level,
        "value": f" ({notice.reading})" if notice.reading else "",
    }
    title = plain(f"{site.code} {family.label.zh}")
    # The record belongs to readers of both languages; a person may say it better when classifying.
    kind = "suspect" if notice.alert.alert_class == "suspect" else "description"
    description = "\n".join(
        text(
            f"telemetry.report.{kind}",
            locale,
            **words,
            name=site.label.in_(locale),
            family=family.label.in_(locale),
        )
        for locale in LOCALES
    )
    data = _fields(notice, now=now) | {
        "title": title[:60],
        "description": (description + remark)[:500],
        "found_at": min(notice.transition.at, now),
        "suspected_level": "general",
        "suspected_urgency": family.urgency,
        "catalogue_code": family.code_at(site.kind),
    }
    return Report(
        workflow="general",
        actor=ACTOR,
        request_key=notice.request_key,
        organisation_id=site.organisation_id,
        data=data,
        source="telemetry",
        asset_id=site.id,
        family=notice.hazard_family,
        reopen_of_id=before,
        signal=signal,
    )


def _family(notice: Notice, rules: Rules) -> Family:
    """The family as the present rules have it; one they no longer know as the rules of the alert had it."""
    key = notice.hazard_family
    return rules.families.get(key) or released_rules()[notice.alert.rules_version].families[key]


def _act(joining: Joining, *, now: datetime) -> Act:
    assert joining.standing.hazard is not None
    notice, signal = joining.notice, joining.signal
    data = _fields(notice, now=now)
    if not signal.get("alarm_level"):
        data.pop("alarm_level")
    words = {
        "subject": notice.subject,
        "level": notice.transition.level,
        "value": f" ({notice.reading})" if notice.reading else "",
    }
    notes = [text(f"telemetry.note.{_what(notice, signal)}", locale, **words) for locale in LOCALES]
    if joining.further:
        notes += [text("telemetry.note.further", locale, n=len(joining.further)) for locale in LOCALES]
    return Act(
        hazard_id=joining.standing.hazard.id,
        action=joining.action,
        actor=ACTOR,
        request_key=notice.request_key,
        data=data | {"note": "\n".join(notes)},
        signal=signal,
    )


def _what(notice: Notice, signal: dict[str, Any]) -> str:
    is_blinding = signal.get("blind") and notice.alert.alert_class == "sensor_fault"
    return "blind" if is_blinding else notice.transition.change.value


def _fields(notice: Notice, *, now: datetime) -> dict[str, Any]:
    step = notice.transition
    data: dict[str, Any] = {
        "device": notice.subject,
        "observed_at": min(step.at, now),
        "alarm_level": step.level,
    }
    if step.value is not None and notice.unit in LEAK_UNITS:
        data |= {"leak_reading": f"{step.value:.3f}", "leak_unit": LEAK_UNITS[notice.unit]}
    return data
