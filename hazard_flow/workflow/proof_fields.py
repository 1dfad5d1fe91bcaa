"""Rule 5 without a path: a required field no answer can satisfy, or that nobody is there to answer."""

from collections.abc import Iterator

from hazard_flow.workflow.calendar import WEEKDAYS_ONLY
from hazard_flow.workflow.check_ladders import SAMPLES, ZONE
from hazard_flow.workflow.coerce import CLAUSES_MAX, PEOPLE_MAX
from hazard_flow.workflow.deadlines import add
from hazard_flow.workflow.definition import URGENCIES, Action, Duration, EvidenceRule, Keyed, Need, Workflow
from hazard_flow.workflow.needs_rules import NeedRule
from hazard_flow.workflow.problems import UNFILLABLE, Problem

#: roles nobody holds inside an enterprise
OUTSIDE_ROLES = frozenset(
    {
        "county_officer",
        "city_officer",
        "provincial_officer",
        "safety_committee",
        "enforcement",
        "user_party",
        "system",
    }
)
#: what a telemetry source brings by itself, or what the record knows
BROUGHT_BY_SYSTEM = frozenset(
    {"place", "found_at", "observed_at", "device", "alarm_level", "leak_reading", "leak_unit", "description"}
)


def prove_fields(workflow: Workflow, file: str) -> Iterator[Problem]:
    """Every required field that cannot be filled by who may act."""
    silent = {rule.if_silent for rule in workflow.rules}
    for action in workflow.actions.values():
        alone = frozenset(action.who) == {"system"}
        for need in action.needs:
            fault = _fault(need, need.rule)
            if fault is None and (alone or action.key in silent):
                fault = _nobody_answers(need, by_itself=action.key in silent)
            if fault is not None:
                yield Problem(file, need.line, UNFILLABLE, f"{action.key}: {need.field} {fault[0]}", fault[1])
        if (alone or action.key in silent) and _needs_evidence(action.evidence):
            yield _no_camera(action, file)


def _needs_evidence(rule: EvidenceRule | None) -> bool:
    """Whether something must be brought by whoever acts, whatever the hazard."""
    return rule is not None and bool(rule.at_least or rule.pair_each or rule.also) and not rule.unless


def _no_camera(action: Action, file: str) -> Problem:
    line = action.line_of("evidence")
    return Problem(
        file,
        line,
        UNFILLABLE,
        f"{action.key}: the system alone brings no evidence",
        "unless: {source: telemetry}, or let a person act",
    )


def _nobody_answers(need: Need, *, by_itself: bool) -> tuple[str, str] | None:
    """A field the system cannot fill; an act that happens by itself brings no form at all, not even what telemetry knows."""
    rule: NeedRule = need.rule
    if not rule.required or rule.default not in (None, "catalogue"):
        return None
    if (rule.known.type == "flag" and not rule.confirmed) or (
        need.field in BROUGHT_BY_SYSTEM and not by_itself
    ):
        return None
    return (
        "is asked of the system, which has no answer",
        f"{need.field}: optional, a default, or a person in who",
    )


def _fault(need: Need, rule: NeedRule) -> tuple[str, str] | None:
    if not rule.required and not rule.when and need.field not in ("responsible", "verifiers", "closer"):
        return None
    kind = rule.known.type
    longest = {"text": rule.known.at_most, "people": PEOPLE_MAX, "clauses": CLAUSES_MAX, "person": 1}.get(
        kind
    )
    most = min((limit for limit in (longest, rule.at_most) if limit is not None), default=None)
    if most is not None and rule.at_least > most:
        return f"asks for at least {rule.at_least} where {most} is the most", f"at_least: {most} or less"
    if need.field in rule.other_than:
        return "must differ from itself", f"take {need.field} out of its other_than"
    if rule.person.within and rule.person.roles and set(rule.person.roles) <= OUTSIDE_ROLES:
        roles = ", ".join(rule.person.roles)
        return (
            f"asks for {roles} within the {rule.person.within}, where nobody is one",
            f"{kind}_with: [{roles}] alone",
        )
    if rule.person.roles and set(rule.person.roles) <= {"system"}:
        return "asks for a person who is the system", f"{kind}_with: a role of people"
    if isinstance(rule.default, str) and rule.choices and rule.default not in (*rule.choices, "catalogue"):
        return f"has the default {rule.default}, which is no choice here", f"one of {', '.join(rule.choices)}"
    return _default_too_late(rule)


def _default_too_late(rule: NeedRule) -> tuple[str, str] | None:
    if rule.within is None or not isinstance(rule.default, Keyed):
        return None
    for urgency in URGENCIES:
        latest, proposed = rule.within.for_(urgency), rule.default.for_(urgency)
        if latest and proposed and _later(proposed, latest):
            return (
                f"proposes a deadline later than it allows (urgency {urgency})",
                "a default within `within`",
            )
    return None


def _later(one: Duration, other: Duration) -> bool:
    if one.unit == other.unit:
        return one.amount > other.amount
    return all(
        add(one, start, zone=ZONE, calendar=WEEKDAYS_ONLY)
        > add(other, start, zone=ZONE, calendar=WEEKDAYS_ONLY)
        for start in SAMPLES
    )
