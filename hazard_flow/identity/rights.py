"""What each role may do outside the workflow: one table, one question. (Who may act on a hazard stands in the workflow files.)"""

from collections.abc import Mapping

from hazard_flow.errors import NotAllowed
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.roles import OFFICERS, OPERATOR_ROLES, REGULATOR_ROLES

_EVERYBODY = frozenset(OPERATOR_ROLES + REGULATOR_ROLES + ("expert",))
_HEADS = frozenset({"safety_director", "enterprise_principal", *OFFICERS})

#: right → roles that hold it
RIGHTS: Mapping[str, frozenset[str]] = {
    "hazards.read": _EVERYBODY,
    "hazards.report": frozenset(
        {"worker", "inspector", "team_leader", "dept_manager", "safety_director", "duty_desk", *OFFICERS}
    ),
    "assets.read": _EVERYBODY,
    "assets.write": frozenset({"dept_manager", "safety_director"}),
    #: risk points: looking; entering, rating and deciding on measures
    "risk.read": _EVERYBODY,
    "risk.write": frozenset({"dept_manager", "safety_director"}),
    #: the day's gas balance, sources, storage, emergency resources
    "supply.write": frozenset({"duty_desk", "dept_manager", "safety_director"}),
    #: plans and rounds: looking; planning; doing; signing off and judging doubts
    "rounds.read": _EVERYBODY,
    "rounds.plan": frozenset({"team_leader", "dept_manager", "safety_director"}),
    "rounds.do": frozenset({"worker", "inspector", "team_leader", "dept_manager"}),
    "rounds.review": frozenset({"team_leader", "dept_manager", *_HEADS}),
    "people.read": _EVERYBODY | {"administrator"},
    "people.write": frozenset({"administrator"}),
    "tokens.write": frozenset({"administrator"}),
    "rules.write": frozenset({"administrator"}),
    "alarms.read": frozenset({"duty_desk", "team_leader", "dept_manager", *_HEADS}),
    #: acknowledging, responding, saying what it was, putting away
    "alarms.handle": frozenset({"duty_desk", "team_leader", "dept_manager", "safety_director"}),
    #: off the active list for some hours; by design or for repairs it takes somebody above the desk
    "alarms.hide": frozenset({"duty_desk", "dept_manager", "safety_director"}),
    "alarms.suppress": frozenset({"dept_manager", "safety_director"}),
    "quarantine.read": frozenset({"duty_desk", "administrator", *OFFICERS}),
    "quarantine.replay": frozenset({"duty_desk", "administrator"}),
    "sources.write": frozenset({"administrator"}),
    "deadletters.read": frozenset({"administrator", *OFFICERS}),
    #: carrying messages by hand, and logging how it went
    "errands.do": frozenset({"duty_desk", "team_leader", "dept_manager", *_HEADS}),
    #: whether the system itself is well
    "status.read": frozenset({"duty_desk", "dept_manager", "administrator", "safety_committee", *_HEADS}),
    "drills.read": frozenset({"duty_desk", "dept_manager", "administrator", "safety_committee", *_HEADS}),
    #: closure files: the regulator looks, judges, draws samples, takes files out of the house
    "audits.read": frozenset({"safety_committee", *OFFICERS}),
    "audits.judge": frozenset(OFFICERS),
    "audits.export": frozenset(OFFICERS),
    #: closings that look untrue, dangers that are forgotten: the regulator, and of itself an enterprise's safety director, as originality
    "radar.read": frozenset({"safety_director", "safety_committee", *OFFICERS}),
    #: what tablets handed in and nobody could take up; one's own is everybody's
    "submissions.read": frozenset({"duty_desk", "team_leader", "dept_manager", *_HEADS}),
    "submissions.settle": frozenset({"team_leader", "dept_manager", *_HEADS}),
    #: the tablets of one's units: which hold records that have not arrived
    "tablets.read": frozenset({"team_leader", "dept_manager", "administrator", "duty_desk", *_HEADS}),
    #: naming one, reporting one lost
    "tablets.write": frozenset({"dept_manager", "safety_director", "administrator", *OFFICERS}),
    #: accidents: entering and supplementing, reporting upward, judging responsibility and concealment
    "accidents.read": frozenset({"duty_desk", "team_leader", "dept_manager", "safety_committee", *_HEADS}),
    "accidents.register": frozenset({"duty_desk", "team_leader", "dept_manager", *_HEADS}),
    "accidents.report": _HEADS,
    "accidents.judge": frozenset(OFFICERS),
    #: the regulator's view of daily work; answering its tasks; setting tasks, checking unannounced, re-checking records
    "supervision.read": frozenset({"dept_manager", "safety_committee", *_HEADS}),
    "supervision.answer": frozenset({"dept_manager", *_HEADS}),
    "supervision.order": frozenset(OFFICERS),
    #: figures, scorecards and what is concluded from them; saying something against a score; answering that
    "assessment.read": frozenset({"team_leader", "dept_manager", "safety_committee", *_HEADS}),
    "assessment.appeal": frozenset({"safety_director", "enterprise_principal"}),
    "assessment.answer": frozenset(OFFICERS),
    #: checks of users: planned and handed out by managers, made by whoever goes there; works of others near a pipe alike
    "visits.plan": frozenset({"team_leader", "dept_manager", "safety_director"}),
    "visits.record": frozenset({"inspector", "team_leader"}),
    "sites.write": frozenset({"inspector", "team_leader", "dept_manager", "safety_director"}),
    #: what the public reports: looked at first, taken up, joined or put away
    "public_reports.review": frozenset(
        {"duty_desk", "inspector", "team_leader", "dept_manager", "safety_director", *OFFICERS}
    ),
    #: daily work that is no round: what was done, what is planned, posts and their duties
    "work.read": _EVERYBODY,
    "work.record": frozenset(
        {"inspector", "duty_desk", "team_leader", "dept_manager", "safety_director", "enterprise_principal"}
    ),
    "work.plan": frozenset({"dept_manager", "safety_director", "enterprise_principal"}),
    "workflows.read": _HEADS | {"administrator"},
    "workflows.replay": frozenset({"administrator", "safety_director"}),
}


def may(actor: Actor, right: str) -> bool:
    """Whether any role the actor holds carries the right."""
    return actor.is_system or bool(actor.roles & RIGHTS[right])


def demand(actor: Actor, right: str) -> None:
    """Raise `NotAllowed` unless the actor holds the right."""
    if not may(actor, right):
        raise NotAllowed(right, right=right)
