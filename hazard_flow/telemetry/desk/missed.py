"""An alert that nobody acknowledged in time becomes a hazard of the operator: one is open at a time, later ones join it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.hazards.changes import Act, Outcome, Report
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import LOCALES, text
from hazard_flow.identity.models import Organisation
from hazard_flow.telemetry.desk.models import AlertDuty
from hazard_flow.telemetry.desk.rules import desk_rules
from hazard_flow.telemetry.desk.steps import DESK
from hazard_flow.telemetry.models import Alert, Device
from hazard_flow.telemetry.notices import plain

#: joins in this order of preference: on a hazard whose re-check has passed, one more is a failed re-check
JOINING = ("alarm", "realarm")


@dataclass(frozen=True)
class Missed:
    """An alert whose limit has passed."""

    duty: AlertDuty
    alert: Alert
    site: Asset
    device: Device | None

    @property
    def request_key(self) -> str:
        """The same for the same limit of the same alert."""
        return f"alert-missed:{self.alert.id}:{self.duty.misses}"


def report(session: Session, missed: Sequence[Missed], *, now: datetime) -> Mapping[uuid.UUID, str]:
    """Take them through the door, all of one operator as one change; numbers of the hazards by home. Raises what the door refuses."""
    by_home: dict[uuid.UUID, list[Missed]] = defaultdict(list)
    for one in missed:
        by_home[one.duty.home_id].append(one)
    # Two workers that find none open must not open two: whoever holds the operator's row goes first.
    session.execute(
        sa.select(Organisation.id)
        .where(Organisation.id.in_(by_home))
        .order_by(Organisation.id)
        .with_for_update()
    )
    numbers: dict[uuid.UUID, str] = {}
    for home_id, some in sorted(by_home.items(), key=lambda pair: pair[0]):
        numbers[home_id] = _one_operator(session, home_id, some, now=now)
    return numbers


def _one_operator(session: Session, home_id: uuid.UUID, missed: Sequence[Missed], *, now: datetime) -> str:
    open_ = session.scalar(
        sa.select(Hazard)
        .where(
            Hazard.home_id == home_id,
            Hazard.family == desk_rules().missed.family,
            Hazard.closed_at.is_(None),
        )
        .order_by(Hazard.reported_at)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if open_ is None:
        return _number(apply_one(session, _opening(home_id, missed, now=now), now))
    workflow = rules_of(session).pinned(open_.workflow, open_.workflow_version)
    joins = [key for key in JOINING if key in workflow.actions]
    action = next((k for k in joins if open_.state in (workflow.actions[k].from_states or ())), None)
    if action is not None:  # where its state takes no word, the alert itself remembers
        note = "\n".join(_words("note", missed, locale) for locale in LOCALES)
        act = Act(
            hazard_id=open_.id,
            action=action,
            actor=DESK,
            request_key=missed[0].request_key,
            data={"note": note},
        )
        apply_one(session, act, now)
    return open_.number


def _opening(home_id: uuid.UUID, missed: Sequence[Missed], *, now: datetime) -> Report:
    rule, first = desk_rules().missed, missed[0]
    data = {
        "title": plain(f"{first.site.code} {rule.label.zh}")[:60],
        "description": "\n".join(_words("report", missed, locale) for locale in LOCALES)[:500],
        "found_at": now,
        "suspected_level": "general",
        "suspected_urgency": rule.urgency,
        "catalogue_code": rule.catalogue,
    }
    return Report(
        workflow="general",
        actor=DESK,
        request_key=first.request_key,
        organisation_id=home_id,
        data=data,
        source="telemetry",
        asset_id=first.site.id,
        family=rule.family,
    )


def _words(key: str, missed: Sequence[Missed], locale: str) -> str:
    first = missed[0]
    words = text(
        f"alarm_desk.missed.{key}",
        locale,
        subject=plain(first.device.code if first.device else first.site.code)[:60],
        site=first.site.label.in_(locale),
        level=first.alert.level,
        minutes=int((first.duty.due_at - first.duty.asked_at).total_seconds() // 60)
        if first.duty.due_at and first.duty.asked_at
        else 0,
    )
    if len(missed) == 1:
        return words
    return words + text("alarm_desk.missed.further", locale, n=len(missed) - 1)


def _number(outcome: Outcome) -> str:
    assert outcome.hazard is not None
    return outcome.hazard.number
