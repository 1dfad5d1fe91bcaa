"""A replay as JSON, for machines: the same for the command line and whoever keeps the result."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.past import Fired
from hazard_flow.hazards.replaying import NotFollowed
from hazard_flow.rulebook.comparing import OUTCOMES, Difference, Totals, sums
from hazard_flow.rulebook.replay import HazardReplay, Replay

FORMAT = "hazard-flow-replay/1"


def as_json(found: Replay, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    """The whole result; firings that are the same under both rules are counted, not listed. Spans are whole minutes, later positive."""
    return {
        "format": FORMAT,
        "workflow": found.workflow.id,
        "sha256": found.workflow.sha256,
        "since": instant_text(found.period.since),
        "until": instant_text(found.period.until),
        "hazards_found": found.found,
        "hazards_walked": len(found.hazards),
        "addressees": "as the directory stands now",
        "totals": _totals(found.totals, names) | {"unexplained": found.unexplained},
        "hazards": [_hazard(one, names) for one in found.hazards if one.is_changed or one.differences],
    }


def _totals(totals: Totals, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    person = totals.most_changed
    return {
        **{outcome: totals.counts.get(outcome, 0) for outcome in OUTCOMES},
        "median_earlier_min": _minutes(totals.median_earlier),
        "median_later_min": _minutes(totals.median_later),
        "colours": {colour: {"in_force": a, "changed": b} for colour, (a, b) in totals.colours.items()},
        "people_told": {"in_force": totals.told[0], "changed": totals.told[1]},
        "most_changed": None
        if person is None
        else {**_person(person[0], names), "in_force": person[1][0], "changed": person[1][1]},
        "missed": totals.missed,
    }


def _hazard(one: HazardReplay, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    counts = sums(one.differences).counts
    return {
        "number": one.number,
        "level": one.level,
        "urgency": one.urgency,
        "counts": {outcome: counts.get(outcome, 0) for outcome in OUTCOMES},
        "firings": [_difference(d, names) for d in one.differences if d.outcome != "same"],
        "cannot_follow": [_not_followed(n) for n in one.not_followed],
        "unexplained": [_fired(f, names) for f in one.unexplained],
        "is_cut": one.is_cut,
    }


def _difference(one: Difference, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    timer, level, cycle = one.shown.step
    return {
        "outcome": one.outcome,
        "timer": timer,
        "level": level,
        "cycle": cycle,
        "shift_min": _minutes(one.shift) if one.outcome in ("earlier", "later") else None,
        "recorded": _fired(one.recorded, names),
        "in_force": _fired(one.expected, names),
        "changed": _fired(one.replayed, names),
    }


def _fired(one: Fired | None, names: Mapping[uuid.UUID, str]) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "at": instant_text(one.at),
        "colour": one.colour,
        "to": [_person(person, names) for person in one.people],
        "unreachable": list(one.unreachable),
    }


def _not_followed(one: NotFollowed) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "at": instant_text(one.at),
        "action": one.action,
        "state": one.state,
        "reason": one.reason,
        "went_on_in": one.went_on_in,
    }


def _person(id_: uuid.UUID, names: Mapping[uuid.UUID, str]) -> dict[str, str]:
    return {"id": str(id_), "name": names.get(id_, "")}


def _minutes(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds() / 60)
