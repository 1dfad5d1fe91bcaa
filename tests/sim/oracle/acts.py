"""What an act makes of a hazard: worked out from the file and the event's form, compared with what the event says came of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.sim.oracle.case import CONCEALED, Case, Opened
from tests.sim.oracle.flows import Act, Flow
from tests.sim.oracle.ground import Ground, bare, when
from tests.sim.oracle.limits import replan

#: instants a form may give that limits hang on in every workflow
_INSTANTS = ("due_at", "completed_at")
#: what describes the hazard a split opens, not the one it is split from
_OF_THE_OTHER = ("title", "description", "catalogue_code", "suspected_urgency")
_STOPS = ("STOP_WORK", "STOP_DEVICE", "STOP_LOADING", "STOP_OPERATION")


@dataclass
class Done:
    """An act as it was carried out."""

    act: Act
    #: the person who did it; None for the system
    who: str | None
    #: the same where the record names them
    shown: str | None
    #: complete, and in another state or workflow than before
    moved: bool = False
    #: all signatures are there
    complete: bool = True
    applicant: str | None = None
    worse: bool = False
    #: what the event must say of it
    says: dict[str, Any] = field(default_factory=dict)
    #: a count that spoke: whom, how
    climb: Mapping[str, Any] | None = None
    #: somebody may no longer judge what they ask for
    barred: str | None = None


def report(
    ground: Ground, case: Case, act: Act, fields: Mapping[str, Any], data: Mapping[str, Any], at: datetime
) -> None:
    """A hazard begins: the case stands where the report leads, and its first limits run."""
    case.instants |= {"reported_at": at, "pinned_at": at, "found_at": at}
    _enter(case, case.flow, case.state, act, 1, at)
    case.urgency = "M" if case.level == "major" else None
    _take_fields(case, None, fields)
    _note_condition(case, data, at)
    case.alarm_level = int(data.get("alarm_level") or 0)
    _share_measures(case, data.get("standing") or (), at)
    replan(ground, case, act, was=None, before={}, ended=(), now=at)


def _share_measures(case: Case, standing: Sequence[str], at: datetime) -> None:
    """What keeps the place of the first hazard safe also stands for the one split from it: codes of controls, and `gas_stop`."""
    if "gas_stop" in standing:
        case.open["gas_stop"] = Opened(None, at)
    if set(standing) - {"gas_stop"}:
        case.open["control"] = Opened(None, at)
    if standing:
        case.instants["control_started"] = at


def carry_out(
    ground: Ground, case: Case, done: Done, data: Mapping[str, Any], seq: int, at: datetime
) -> None:
    """Change the case as the act does; `done` is filled with what follows."""
    act, fields = done.act, data["fields"]
    was, before = (case.flow, case.state), case.values_that_limits_hang_on()
    done.applicant = opened.by if (opened := case.open.get(act.word("shuts") or "")) else None
    _sign(case, done)
    flow, state = _goal(ground, case, act, at)
    done.moved = done.complete and (flow is not case.flow or state != case.state)
    if done.moved:
        if flow is not case.flow:
            case.instants["pinned_at"] = at
        _enter(case, flow, state, act, seq, at)
    _take_fields(case, act, fields)
    if act.word("takes") == "responsible" and done.who:
        case.responsible = done.who
    _note_condition(case, data, at)
    ended = set(act.words("ends")) if done.complete else set()
    if done.complete:
        approved = act.approved if fields.get("decision") == "approved" else {}
        ended |= set(approved.get("ends") or ())
        _adopt(case, done, approved, fields)
        _mark(case, act, approved, at)
    if fields.get("control") in _STOPS:
        case.instants.setdefault("stopped", at)
    _proceed(case, done, fields, at)
    worse = int(data.get("alarm_level") or 0)
    done.worse, case.alarm_level = worse > case.alarm_level, max(worse, case.alarm_level)
    if flow is not was[0]:
        ended |= _switch(case, done, was[0])
    elif done.moved and case.stage == "assigned" and done.who:
        case.classifier = done.who
    replan(ground, case, act if done.complete else None, was=was, before=before, ended=ended, now=at)
    if act.key == "acknowledge":
        case.acknowledged_at = at
    _climb(case, done)


def _goal(ground: Ground, case: Case, act: Act, at: datetime) -> tuple[Flow, str]:
    if act.switch is not None:
        return ground.newest(act.switch["to_workflow"], ground.text(at)), act.switch["map"][case.state]
    return case.flow, act.word("to") or case.state


def _enter(case: Case, flow: Flow, state: str, act: Act, seq: int, at: datetime) -> None:
    entered = flow.states[state]
    case.flow, case.state, case.state_seq, case.level = flow, state, seq, flow.level or case.level
    case.signed = {}
    if entered.stage == "reported":
        case.responsible = None
    else:
        case.steps_up = 0
    if entered.final:
        case.closed_at, case.resolution = at, act.word("resolution") or "rectified"
    if not (entered.final and case.place.path == CONCEALED):  # what ends concealed stays so
        case.place = case.place._replace(path=CONCEALED if entered.concealed else case.home.path)


def _take_fields(case: Case, act: Act | None, fields: Mapping[str, Any]) -> None:
    spawns = act is not None and bool(act.said.get("spawns"))
    own = {name: value for name, value in fields.items() if not (spawns and name in _OF_THE_OTHER)}
    for name in ("found_at", *_INSTANTS, *case.flow.anchors):
        if own.get(name) is not None:
            case.instants[name] = when(own[name])
    if own.get("due_at") is not None:
        case.instants.setdefault("original_due_at", when(own["due_at"]))
    if "responsible" in own:
        case.responsible = bare(own["responsible"])
    if "closer" in own:
        case.closer = bare(own["closer"])
    if "verifiers" in own:
        case.verifiers = tuple(str(bare(one)) for one in own["verifiers"])
        case.signed = {}
    if "urgency" in own:
        case.urgency = own["urgency"]
    if "suspected_urgency" in own and case.urgency is None:
        case.urgency = own["suspected_urgency"]
    case.values |= own


def _note_condition(case: Case, data: Mapping[str, Any], at: datetime) -> None:
    """A catalogue row that makes it the operator's major unless the user is told."""
    if any(row["level"] == "conditional_major" for row in data.get("catalogue", {}).values()):
        case.instants.setdefault("conditional", at)


def _sign(case: Case, done: Done) -> None:
    needed = int(done.act.said.get("quorum") or 1)
    if needed > 1 and done.who:
        have = case.signed.setdefault(done.act.key, set())
        have.add(done.who)
        done.complete = len(have) >= needed
        done.says["signatures"] = {"have": len(have), "needed": needed}


def _adopt(case: Case, done: Done, approved: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    adopted = {}
    for goal, source in (approved.get("adopts") or {}).items():
        value = fields.get(source, case.values.get(source))
        if value is not None:
            adopted[goal] = value
            if goal == "urgency":
                case.urgency = value
            else:
                case.instants[goal] = when(value)
    if adopted:
        done.says["adopted"] = adopted


def _mark(case: Case, act: Act, approved: Mapping[str, Any], at: datetime) -> None:
    for mark in act.words("clears"):
        case.instants.pop(mark, None)
    for mark in (*act.words("sets"), *_list(approved.get("sets"))):
        case.instants.setdefault(mark, at)
    for count in (act.word("counts"), approved.get("counts")):
        if count:
            case.counters[count] = case.counters.get(count, 0) + 1


def _proceed(case: Case, done: Done, fields: Mapping[str, Any], at: datetime) -> None:
    act = done.act
    opens, shuts = act.word("opens"), act.word("shuts")
    if done.complete and opens and not (opens == "control" and fields.get("control") == "NONE"):
        case.open[opens] = Opened(done.shown, at)
    if done.complete and shuts:
        case.open.pop(shuts, None)
    most = act.said.get("at_most")
    if most and done.shown:
        used = case.uses.setdefault(act.key, [])
        used.append(done.shown)
        if most.get("then") == "above" and len(used) > 1:
            case.steps_up += 1
    if opens and case.flow.judged_by_others(opens) and opens in case.open:
        done.barred = case.open[opens].by


def _switch(case: Case, done: Done, left: Flow) -> set[str]:
    """Requests nobody could settle there end, and the one to judge it lower; with them the limits they began."""
    if case.flow.level == "major":
        case.urgency = "M"
        case.classifier = done.who or case.classifier
    void = [word for word in case.open if word not in case.flow.settled or word == "lowering"]
    for word in void:
        del case.open[word]
    if void:
        done.says["void"] = void
    return {name for act in left.acts.values() if act.word("opens") in void for name in act.starts}


def _climb(case: Case, done: Done) -> None:
    """A count that reached a number the file names; past the highest, the highest speaks again."""
    # a file written by a program may quote its numbers
    climbs = {int(number): climb for number, climb in (done.act.said.get("climbs") or {}).items()}
    count = case.counters.get(done.act.word("counts") or "", 0)
    if not done.complete or not climbs:
        return
    number = count if count in climbs else max(climbs) if count > max(climbs) else None
    if number is not None:
        done.climb = climbs[number]
        case.raise_colour(done.climb.get("colour"))


def _list(said: Any) -> Iterator[str]:
    yield from [said] if isinstance(said, str) else said or ()
