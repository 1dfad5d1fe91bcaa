"""One hazard from its report to its last event: before each event what should have happened by itself, then the event, then what stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.sim.oracle import acts, firing, telling
from tests.sim.oracle.case import Case
from tests.sim.oracle.firing import Lost
from tests.sim.oracle.ground import Ground, bare, when
from tests.sim.oracle.instead import handed_on, wrongly_handed
from tests.sim.oracle.legal import illegal, may_report
from tests.sim.oracle.limits import replan
from tests.sim.oracle.people import Place
from tests.sim.oracle.standing import still_speaks
from tests.sim.oracle.telling import Told

Row = Mapping[str, Any]
#: what each recorded event owes: its sequence number → its messages
Owed = dict[int, Told]
#: sequence numbers of events after which somebody is told in confidence
Confided = set[int]


class Walk:
    """Follows one hazard; `wrong` gathers the sentences."""

    def __init__(
        self,
        ground: Ground,
        hazard: Row,
        events: Sequence[Row],
        bodies: Sequence[Row],
        outbox: Sequence[Row],
    ) -> None:
        self.ground, self.hazard, self.events, self.bodies = ground, hazard, events, bodies
        self.case: Case | None = None
        self.wrong: list[str] = []
        self.owed: Owed = {}
        self.confided: Confided = set()
        self._handed = handed_on(outbox)
        self._counts = [at for at in ground.counts if at >= when(hazard["reported_at"])]
        self._counted = 0
        self._moves: list[tuple[str, Row]] = []

    def run(self) -> Case | None:
        """All of it; the case as it should stand now, or None where the record could not be followed to its end."""
        at = None
        try:
            for number, (row, said) in enumerate(zip(self.events, self.bodies, strict=True)):
                at = when(row["at"])
                self._until(at)
                self._event(number, row, said["data"], at)
                self._speaks(row)
            self._until(None)
        except Lost as lost:
            self._say(at, str(lost))
            return None
        except (KeyError, StopIteration) as odd:
            self._say(at, f"the event cannot be read: {odd!r}")
            return None
        return self.case

    def _say(self, at: datetime | None, text: str) -> None:
        self.wrong.append(f"{self.hazard['number']} at {self.ground.text(at) if at else 'the end'}: {text}")

    def _until(self, at: datetime | None) -> None:
        """What should have happened before the next event, or before the end."""
        if self.case is None:
            return
        while self._counted < len(self._counts) and (at is None or self._counts[self._counted] <= at):
            counted_at = self._counts[self._counted]
            self._counted += 1
            self._nothing_missed(counted_at)
            self._no_move_left()
            self._moves = firing.recounted(self.ground, self.case, counted_at)
            if self._moves and at != counted_at:
                self._no_move_left()
        self._nothing_missed(at)
        while self._handed and (at is None or self._handed[0].at < at):
            one = self._handed.pop(0)
            if not self.ground.unclear(one.at):
                for text in wrongly_handed(self.ground, self.case, one):
                    self._say(one.at, text)

    def _nothing_missed(self, before: datetime | None) -> None:
        assert self.case is not None
        for name, step in self.case.pending.items():
            look = self.ground.missed(step.due, step.since, before)
            for parked_at, woken_at in self.ground.asleep.get(
                (self.hazard["id"], name, step.level, step.cycle), ()
            ):
                if look is not None and step.since <= parked_at <= look:
                    look = self.ground.missed(step.due, woken_at, before) if woken_at is not None else None
            if look is not None:
                due, text = self.ground.text(step.due), self.ground.text
                raise Lost(
                    f"{name} level {step.level} cycle {step.cycle} was due at {due}; nothing happened at the look of {text(look)}"
                )

    def _no_move_left(self) -> None:
        for name, _ in self._moves:
            raise Lost(f"{name} was not counted again although the working days changed")

    def _event(self, number: int, row: Row, data: Row, at: datetime) -> None:
        kind = row["type"]
        if self.case is None:
            if kind != "hazard.reported":
                raise Lost(f"it begins with {kind}")
            self.case = self._reported(row, data, at)
            return
        if kind != "timer.recounted":
            self._no_move_left()
        if not self.case.is_open:
            raise Lost(f"{kind} after it was closed")
        if kind == "hazard.acted":
            self._acted(number, row, data, at)
        elif kind in ("timer.escalated", "timer.reminded"):
            self._fired(row, data, at, reminder=kind == "timer.reminded")
        elif kind == "timer.recounted":
            self._recounted(row, data, at)
        elif kind == "timer.void":
            self._void(row, data, at)
        elif kind == "hazard.migrated":
            self._migrated(row, data, at)
        elif kind == "hazard.linked":
            self._linked(row, data)
        else:
            raise Lost(f"{kind} after the report")

    def _reported(self, row: Row, data: Row, at: datetime) -> Case:
        ground, hazard = self.ground, self.hazard
        flow = ground.newest(data["workflow"].rsplit(".v", 1)[0], row["at"])
        act = flow.acts[row["action"]]
        home = Place(self._home_path(), hazard["division"])
        case = Case(
            number=hazard["number"],
            flow=flow,
            home=home,
            place=home,
            state=str(act.word("to")),
            level=flow.level or "general",
            source=data["source"],
            reported_at=at,
        )
        who = hazard["protected_reporter_id"] if row["actor"] == "protected" else _person(row["actor"])
        if act.said.get("protects"):
            case.protected = who
        else:
            case.reporter = who
        if act.sources is not None or not may_report(act, who, ground.people(row["at"]), case):
            self._say(at, f"{act.key} by {row['actor']}: nobody like this may report so")
        acts.report(ground, case, act, data["fields"], data, at)
        self._compare(at, data, self._stands(case))
        self.owed[row["seq"]] = telling.of_report(case, act, who, ground.people(row["at"]))
        return case

    def _home_path(self) -> str:
        path: str = self.ground.paths[self.hazard["organisation_id"]]
        return path

    def _acted(self, number: int, row: Row, data: Row, at: datetime) -> None:
        case, ground = self._case, self.ground
        act = case.flow.acts.get(row["action"])
        if act is None:
            raise Lost(f"{row['action']} is no act of {case.flow.id}")
        who = case.protected if row["actor"] == "protected" else _person(row["actor"])
        if "silent" in data:
            self._by_itself(number, row, data["silent"], at)
        elif who is not None or row["actor"] != "system:timers":
            for name, silent in firing.silence_over(ground, case, at):
                raise Lost(f"{act.key} was taken although {silent} should have ended {name} before")
        people = ground.people(row["at"])
        for reason in illegal(case, act, who, people):
            self._say(at, f"{act.key} by {row['actor']}: {reason}")
        if case.state not in (act.sources or ()):
            raise Lost(f"{act.key} from {case.state}")
        start = {"from": case.state, "from_stage": case.stage}
        done = acts.Done(act, who, None if row["actor"] == "protected" else who)
        acts.carry_out(ground, case, done, data, row["seq"], at)
        expected = {**start, **self._stands(case), "resolution": case.resolution, **done.says}
        if done.climb is not None:
            found, missed = people.reach(done.climb["tell"], case.parts(applicant=done.applicant))
            count = case.counters[str(act.word("counts"))]
            told = [f"person:{one}" for one in found]
            expected["climbed"] = {
                "count": count,
                "colour": done.climb.get("colour"),
                "told": told,
                "unreachable": missed,
            }
        self._compare(at, data, expected)
        self.owed[row["seq"]] = told_of = telling.of_act(case, done, data, people)
        if telling.in_confidence(case, done, told_of):
            self.confided.add(row["seq"])

    def _by_itself(self, number: int, row: Row, silent: Row, at: datetime) -> None:
        case, text = self._case, self.ground.text
        name = silent["timer"]
        step = case.pending.get(name)
        if step is None:
            raise Lost(f"{row['action']} happens by itself although {name} does not run")
        limit = firing.limit_of(case, step)
        if limit.if_silent != row["action"] or row["actor"] != "system:timers":
            raise Lost(f"{row['action']} by {row['actor']} is not what silence on {name} brings")
        if max(step.due, step.end) > at:
            raise Lost(f"{row['action']} happens by itself before {name} runs out at {text(step.end)}")
        self._compare(
            at, silent, {"due_at": text(step.end), "late_ms": int((at - step.end).total_seconds() * 1000)}
        )
        later = [one for one in self.events[number + 1 :] if one["at"] == row["at"]]
        if at not in self.ground.any_looks and all(one["actor"] == "system:timers" for one in later):
            self._say(at, f"{row['action']} happens by itself though nobody looked")
        case.drop(name, at)

    def _fired(self, row: Row, data: Row, at: datetime, *, reminder: bool) -> None:
        if at not in self.ground.any_looks:
            self._say(at, f"{data['timer']} fires though no worker looked")
        if row["actor"] != "system:timers":
            self._say(at, f"{data['timer']} fires by {row['actor']}")
        spoken = firing.fires(self.ground, self._case, data, at, reminder=reminder)
        for text in spoken.wrong:
            self._say(at, text)
        self.owed[row["seq"]] = spoken.told

    def _recounted(self, row: Row, data: Row, at: datetime) -> None:
        if not self._moves and at in self.ground.tries:
            self._moves = firing.recounted(self.ground, self._case, at)
        if not self._moves:
            raise Lost(f"{data['timer']} is counted again although nothing moved")
        name, expected = self._moves.pop(0)
        if name != data["timer"]:
            raise Lost(f"{data['timer']} is counted again, expected {name}")
        self._compare(at, data, expected)
        told = telling.of_holder(self._case, self.ground.people(row["at"]), "recounted")
        self.owed[row["seq"]] = told

    def _void(self, row: Row, data: Row, at: datetime) -> None:
        """In one look a limit may act first and leave another, due as well, without meaning."""
        ended_at, step = self._case.ended.get(data["timer"], (None, None))
        if step is None or ended_at != at or step.due > at:
            raise Lost(f"{data['timer']} level {data['level']} is called void")
        self.owed[row["seq"]] = Told()

    def _migrated(self, row: Row, data: Row, at: datetime) -> None:
        case = self._case
        flow = self.ground.flow(data["workflow"])
        if flow is None or flow.key != case.flow.key or data["state"] not in flow.states:
            raise Lost(f"it migrates to {data['workflow']} in {data['state']}")
        was, holder, before = (
            (case.flow, case.state),
            case.flow.states[case.state].holder,
            case.values_that_limits_hang_on(),
        )
        if flow.states[data["state"]].stage != case.stage:
            raise Lost(f"a migration moves it from {case.stage} to {flow.states[data['state']].stage}")
        case.flow, case.state = flow, data["state"]
        replan(self.ground, case, None, was=was, before=before, ended=(), now=at)
        self._compare(at, data, {"from": was[1], "from_workflow": was[0].id, **self._stands(case)})
        moved = flow.states[case.state].holder != holder
        told = telling.of_holder(case, self.ground.people(row["at"]), "task") if moved else Told()
        self.owed[row["seq"]] = told

    def _linked(self, row: Row, data: Row) -> None:
        """Another hazard was merged into this one; its alarm comes along."""
        case = self._case
        self.owed[row["seq"]] = Told()
        worse = self.ground.alarms.get(data["number"], 0)
        if worse > case.alarm_level:
            case.alarm_level = worse
            people = self.ground.people(row["at"])
            told = telling.of_holder(case, people, "alarm")
            told.found = {key: how for key, how in told.found.items() if key[0] != _person(row["actor"])}
            self.owed[row["seq"]] = told

    @property
    def _case(self) -> Case:
        assert self.case is not None
        return self.case

    @staticmethod
    def _stands(case: Case) -> dict[str, Any]:
        return {
            "workflow": case.flow.id,
            "state": case.state,
            "stage": case.stage,
            "level": case.level,
            "urgency": case.urgency,
        }

    def _compare(self, at: datetime, recorded: Row, expected: Row) -> None:
        for key, value in expected.items():
            if _plain(recorded.get(key)) != _plain(value):
                self._say(
                    at,
                    f"{recorded.get('action') or recorded.get('timer')}: {key} is {recorded.get(key)!r}, expected {value!r}",
                )

    def _speaks(self, row: Row) -> None:
        """No silence after any prefix: a limit runs, and whoever it reaches next has a name."""
        case = self._case
        if case.is_open and not still_speaks(self.ground, case, row["at"]):
            self._say(when(row["at"]), f"in {case.state} nothing runs that would reach anybody")


def _person(actor: str) -> str | None:
    return bare(actor) if actor.startswith("person:") else None


def _plain(value: Any) -> Any:
    """Ids without hyphens, lists of people and requests without an order."""
    if isinstance(value, str):
        return bare(value) if value.startswith("person:") else value
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return sorted((_plain(one) for one in value), key=repr) if isinstance(value, list) else value
