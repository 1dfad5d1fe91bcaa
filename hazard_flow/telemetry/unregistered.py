"""A detector nobody registered that is in alarm: paperwork must not keep an alarm from people, so it is a hazard of its own.

Danger first, by one reading: where nobody knows the head or the place, no number of readings says more. At a known site the hazard
stands beside whatever the alarm rules open there. Where even the site is unknown it falls to the organisation of the source, one for
each detector; its messages stay in quarantine and count once it is registered and they are replayed.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.hazards import door
from hazard_flow.hazards.changes import Act, Outcome, Report
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import LOCALES, text
from hazard_flow.identity.models import Organisation
from hazard_flow.telemetry.models import Source
from hazard_flow.telemetry.notices import SUBJECT_LENGTH_MAX, NotTaken, plain
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.planning import JOINING
from hazard_flow.telemetry.rules import Rules
from hazard_flow.telemetry.signals import Problem, Signal, Status, fingerprint
from hazard_flow.telemetry.tickets import ACTOR, LEAK_UNITS

FAMILY = "unregistered"
#: hazards of one organisation for detectors without a place; further ones join the newest: nobody floods a desk with made-up names
UNPLACED_MAX = 50


@dataclass(frozen=True)
class Stranger:
    """A statement of alarm of somebody unknown."""

    signal: Signal
    source: Source
    level: int
    site: Asset | None = None
    unit: str = ""

    @property
    def subject(self) -> str:
        """The detector as the sender named it, with its unknown place; the alarm's own name where there is no other."""
        named = self.signal.device if self.site else f"{self.signal.site or ''} {self.signal.device or ''}"
        return plain(named or "")[:SUBJECT_LENGTH_MAX] or plain(self.signal.identity)[:SUBJECT_LENGTH_MAX]

    @property
    def key(self) -> tuple[uuid.UUID, uuid.UUID | str]:
        """What one hazard is about: the site, else the detector within the organisation."""
        return self.source.home_id, self.site.id if self.site else self.subject


def stranger(signal: Signal, source: Source, place: Place | Problem, rules: Rules) -> Stranger | None:
    """The signal as an unregistered detector's alarm; None where it is no alarm, or the detector is registered."""
    if isinstance(place, Place) and (place.device is None or place.device.registered):
        return None
    site = place.site if isinstance(place, Place) else None
    if signal.status is Status.SAMPLE:
        rule = rules.threshold_for(signal.quantity)
        reading = rules.reading(signal.quantity, signal.value or 0.0)
        if rule is None or isinstance(reading, Problem):
            return None
        reached = [level.level for level in rule.levels if reading[0] >= level.above]
        unit = rules.quantities[signal.quantity].unit
        return Stranger(signal, source, max(reached), site, unit) if reached else None
    if signal.status is not Status.FIRING:
        return None
    meaning = rules.meaning(source.kind, signal)
    if isinstance(meaning, Problem) or meaning.alert_class == "sensor_fault":
        return None
    return Stranger(signal, source, meaning.level, site)


def report(
    session: Session, found: Sequence[Stranger], rules: Rules, *, now: datetime
) -> tuple[list[uuid.UUID], list[Stranger]]:
    """Open or worsen the hazards of these alarms: ids of those opened, and the alarms nobody could be given.

    Raises `NotTaken` if the door refuses.
    """
    groups: dict[tuple[uuid.UUID, uuid.UUID | str], list[Stranger]] = defaultdict(list)
    for one in found:
        groups[one.key].append(one)
    opened: list[uuid.UUID] = []
    ownerless: list[Stranger] = []
    for alarms in groups.values():
        first = alarms[0]
        worst = max(alarms, key=lambda one: one.level)
        standing, closed = _standing(session, first)
        if standing is not None:
            _worsen(session, standing, worst, now=now)
            continue
        ended_at = closed.closed_at if closed else None
        news = [one for one in alarms if ended_at is None or one.signal.received_at > ended_at]
        if not news:
            continue  # said before the hazard was closed: a replay, not a new alarm
        organisation = session.get_one(
            Organisation, first.site.organisation_id if first.site else first.source.organisation_id
        )
        if organisation.kind == "regulator":
            ownerless += alarms
            continue
        worst = max(news, key=lambda one: one.level)
        opened.append(_open(session, worst, organisation, closed, rules, now=now))
    return opened, ownerless


def _standing(session: Session, one: Stranger) -> tuple[Hazard | None, Hazard | None]:
    """The open hazard this alarm belongs to, and the last one that was closed."""
    mine = sa.select(Hazard).where(Hazard.home_id == one.source.home_id, Hazard.family == FAMILY)
    mine = mine.where(
        Hazard.asset_id == one.site.id if one.site else Hazard.asset_id.is_(None)
    ).execution_options(populate_existing=True)
    still = session.scalars(
        mine.where(Hazard.closed_at.is_(None)).order_by(Hazard.reported_at.desc()).limit(UNPLACED_MAX)
    ).all()
    over = session.scalars(
        mine.where(Hazard.closed_at.is_not(None)).order_by(Hazard.closed_at.desc()).limit(UNPLACED_MAX)
    ).all()
    if one.site is None and len(still) >= UNPLACED_MAX:
        return _same(still, one) or still[0], None
    return _same(still, one), _same(over, one)


def _same(hazards: Iterable[Hazard], one: Stranger) -> Hazard | None:
    if one.site is not None:
        return next(iter(hazards), None)
    return next((hazard for hazard in hazards if hazard.details.get("device") == one.subject), None)


def _open(
    session: Session,
    one: Stranger,
    organisation: Organisation,
    before: Hazard | None,
    rules: Rules,
    *,
    now: datetime,
) -> uuid.UUID:
    family = rules.families[FAMILY]
    data = _fields(one, now=now) | {
        "title": f"{plain(one.site.code if one.site else one.subject)[:40]} {family.label.zh}"[:60],
        "description": _in_both("telemetry.unregistered.description", one)[:500],
        "found_at": min(one.signal.observed_at, now),
        "suspected_level": "general",
        "suspected_urgency": family.urgency,
        "catalogue_code": family.catalogue,
    }
    if one.site is None:
        data["place"] = _in_both("telemetry.unregistered.place", one).replace("\n", " / ")[:200]
    change = Report(
        workflow="general",
        actor=ACTOR,
        request_key=_request_key(one, "open"),
        organisation_id=organisation.id,
        data=data,
        source="telemetry",
        asset_id=one.site.id if one.site else None,
        family=FAMILY,
        reopen_of_id=before.id if before else None,
        signal={"alarm_level": one.level},
    )
    [outcome] = door.apply(session, [change], now)
    return _taken(outcome).id


def _worsen(session: Session, hazard: Hazard, one: Stranger, *, now: datetime) -> None:
    """Note a higher level, and an alarm after the re-check; a detector that keeps alarming every minute is told once."""
    workflow = rules_of(session).pinned(hazard.workflow, hazard.workflow_version)
    actions = [(key, workflow.actions.get(key)) for key in JOINING]
    action = next((key for key, one in actions if one and hazard.state in (one.from_states or ())), None)
    is_back = action == "realarm" and one.signal.received_at > (hazard.verified_at or hazard.state_entered_at)
    if action is None or not (is_back or (hazard.alarm_level or 0) < one.level):
        return
    change = Act(
        hazard_id=hazard.id,
        action=action,
        actor=ACTOR,
        request_key=_request_key(one, action),
        data=_fields(one, now=now) | {"note": _in_both("telemetry.unregistered.note", one)},
        signal={"alarm_level": one.level},
    )
    [outcome] = door.apply(session, [change], now)
    _taken(outcome)


def _taken(outcome: Outcome) -> Hazard:
    if outcome.error is not None:
        fields = " ".join(f"{problem.field}={problem.code}" for problem in outcome.error.fields)
        raise NotTaken(f"{outcome.error.code} {fields}".strip()) from outcome.error
    assert outcome.hazard is not None
    return outcome.hazard


def _fields(one: Stranger, *, now: datetime) -> dict[str, object]:
    data: dict[str, object] = {
        "device": one.subject,
        "observed_at": min(one.signal.observed_at, now),
        "alarm_level": one.level,
    }
    if one.signal.value is not None and one.unit in LEAK_UNITS:
        data |= {"leak_reading": f"{one.signal.value:.3f}", "leak_unit": LEAK_UNITS[one.unit]}
    return data


def _in_both(key: str, one: Stranger) -> str:
    value = f"{one.signal.value:g} {one.unit}".strip() if one.signal.value is not None else ""
    said = value or plain(one.signal.summary)
    return "\n".join(
        text(
            key,
            locale,
            subject=one.subject,
            source=plain(one.source.name),
            level=one.level,
            value=f" ({said})" if said else "",
        )
        for locale in LOCALES
    )


def _request_key(one: Stranger, verb: str) -> str:
    """The same for the same statement, whenever it is looked at; another once its site is known: then another hazard is meant."""
    place = one.site.id if one.site else "nowhere"
    return f"unregistered:{one.source.id}:{fingerprint(one.signal.delivery_key)}:{place}:{verb}"
