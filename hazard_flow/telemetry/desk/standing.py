"""How an alert stands on the desk, and what a person may do with it. Pure: values in, answers out.

Condition (firing, normal) and visibility (hidden, not) are orthogonal: what hides an alert never stops its evaluation, nor the opening of
hazards, and what is at level 2 is never hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hazard_flow.errors import FieldError
from hazard_flow.telemetry.desk.models import STAGES
from hazard_flow.telemetry.desk.rules import LOUD, DeskRules

ACTS = ("acknowledge", "respond", "feed_back", "archive", "hide", "show")


@dataclass(frozen=True)
class Standing:
    """One alert as the desk sees it."""

    is_firing: bool
    level: int
    alert_class: str
    stage: str
    is_acknowledged: bool
    #: the end of the hiding that is running, if any
    hidden_until: datetime | None = None
    #: what a person said it was
    verdict: str | None = None

    @property
    def is_loud(self) -> bool:
        """Whether nothing may hide it."""
        return self.level >= LOUD

    @property
    def is_archived(self) -> bool:
        """Whether the chain has come to its end."""
        return self.stage == STAGES[-1]

    def is_hidden(self, now: datetime) -> bool:
        """Whether it is off the active list at this instant."""
        return self.hidden_until is not None and now < self.hidden_until and not self.is_loud


def refusals(standing: Standing, act: str) -> list[FieldError]:
    """Everything that stands in the way of an act; empty where it may be done."""
    reached = STAGES.index(standing.stage)
    wrong: list[FieldError] = []
    if standing.is_archived:
        wrong.append(FieldError("", "alert_archived"))
    if act == "acknowledge" and standing.is_acknowledged:
        wrong.append(FieldError("", "alert_acknowledged"))
    if act == "respond" and reached < STAGES.index("received"):
        wrong.append(FieldError("", "alert_not_received"))
    if act == "feed_back" and reached < STAGES.index("responded"):
        wrong.append(FieldError("", "alert_not_responded"))
    if act == "archive":
        wrong += _not_at_its_end(standing, reached)
    if act == "hide":
        if standing.is_loud:
            wrong.append(FieldError("", "alert_too_loud"))
        if standing.hidden_until is not None:
            wrong.append(FieldError("", "alert_hidden"))
    if act == "show" and standing.hidden_until is None:
        wrong.append(FieldError("", "alert_not_hidden"))
    return wrong


def _not_at_its_end(standing: Standing, reached: int) -> list[FieldError]:
    wrong: list[FieldError] = []
    if standing.is_firing:
        wrong.append(FieldError("", "alert_firing"))
    if not standing.is_acknowledged:
        wrong.append(FieldError("", "alert_not_acknowledged"))
    if reached < STAGES.index("fed_back"):
        wrong.append(FieldError("", "alert_not_fed_back"))
    elif standing.verdict in (None, "undecided"):
        wrong.append(FieldError("cause", "alert_undecided"))
    return wrong


def offered(standing: Standing) -> tuple[str, ...]:
    """The acts that may be done now, in the order of the chain."""
    return tuple(act for act in ACTS if not refusals(standing, act))


def hiding_faults(
    rules: DeskRules, kind: str, *, reason: str, work_order: str, until: datetime, now: datetime
) -> list[FieldError]:
    """What is wrong with a wish to hide an alert, all of it: there is always a reason, an end, and for repairs a work order."""
    wrong: list[FieldError] = []
    if kind not in rules.hide_max:
        wrong.append(FieldError("kind", "unknown_choice", {"value": kind[:40]}))
        return wrong
    if len(reason) < rules.reason_at_least:
        wrong.append(
            FieldError("reason", "too_short", {"at_least": rules.reason_at_least, "length": len(reason)})
        )
    if kind == "out_of_service" and not work_order:
        wrong.append(FieldError("work_order", "required"))
    longest = rules.hide_max[kind]
    if not now < until <= now + longest:
        wrong.append(
            FieldError("until", "alert_hidden_too_long", {"hours": int(longest / timedelta(hours=1))})
        )
    return wrong


def judging_faults(
    rules: DeskRules, cause: str, *, alert_class: str, reading: str, unit: str, units: Mapping[str, object]
) -> list[FieldError]:
    """What is wrong with a verdict: an alarm of the process is judged after a reading on site, whichever way."""
    if cause not in rules.causes:
        return [FieldError("cause", "unknown_choice", {"value": cause[:40]})]
    wrong: list[FieldError] = []
    if rules.causes[cause].needs_reading and alert_class == "process" and not reading:
        wrong.append(FieldError("reading", "alert_needs_reading"))
    if reading:
        if not _is_measure(reading):
            wrong.append(FieldError("reading", "not_a_number"))
        if unit not in units:
            wrong.append(FieldError("unit", "unknown_choice", {"value": unit[:40]}))
    return wrong


def _is_measure(words: str) -> bool:
    whole, _, rest = words.partition(".")
    return 0 < len(words) <= 12 and whole.isdecimal() and (rest.isdecimal() or "." not in words)
