"""What the people of the city and its detectors do: each draws something and sends it, or keeps it on a tablet without a signal."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError
from hazard_flow.hazards import actions, operations, queries
from hazard_flow.hazards.changes import Act, Outcome, Report
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.judging import held_relations
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.notifications.errands import CHANNELS, log_outcome
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.workflow.definition import Action
from tests.sim.clients import Clients, Offer, Submission
from tests.sim.forms import Case, Forms
from tests.sim.town import Known, Town
from tests.workflow.walking_odds import WEIGHTS

DETECTOR = system_actor("telemetry")
#: as on the walks; what was begun is also brought to an end
_WEIGHTS = {
    **WEIGHTS, "start_control": 0.4, "lift_control": 3.0, "acknowledge": 0.3, "escalate_to_major": 0.15, "record_penalty": 0.05,
    "request_transfer": 0.08, "send_back": 0.2, "stop_gas": 0.15, "resume_gas": 3.0, "attach": 0.1, "progress": 0.6,
    "decide_extension": 5.0,
}  # fmt: skip
_FAMILIES = ("gas_leak", "overpressure", "device_fault")
_SEEN = ("阀井漏气，读数偏高", "调压箱锈蚀漏气", "燃气管道被占压")
_SOURCES = (
    "self_inspection",
    "patrol",
    "patrol",
    "household_check",
    "household_check",
    "regulator_inspection",
)
#: in a hundred: acts that fit, forms filled in badly, acts tried although they are not offered
_FITTING, _BAD, _ANYHOW = 85, 6, 30
#: and acts of programs, which ask for no page first
_BLIND = 55
_MINDED = 8


@dataclass(frozen=True)
class Wish:
    """Somebody wants to do something with a hazard."""

    who: Actor
    hazard: Known
    action: Action
    case: Case
    #: whether the page offered it; None: nobody looked
    is_offered: bool | None


@dataclass
class People:
    """Draws what people do."""

    town: Town
    clients: Clients

    def __post_init__(self) -> None:
        self.forms = Forms(self.town.dice, self.town.cast, self.town.rules.vocabulary)

    def report(self) -> Submission | None:
        """Somebody out there sees something."""
        town, dice = self.town, self.town.dice
        who = dice.choice(town.cast.present())
        roles = sorted(who.roles - {"administrator", "enforcement", "safety_committee"})
        if not roles:
            return None
        regulator = any(h.regulator for h in who.holdings)
        asset = dice.choice(sorted(town.cast.assets)) if regulator or dice.random() < 0.3 else None
        source = "regulator_inspection" if regulator else dice.choice(_SOURCES)
        data: dict[str, Any] = {
            "description": dice.choice(_SEEN),
            "place": "青梧路 12 号",
            "suspected_urgency": dice.choice(("A", "B", "C")),
        }
        protected = not regulator and dice.random() < 0.04
        if dice.random() < 0.18:
            data["suspected_level"] = "major"
        if dice.random() < 0.2:
            data["catalogue_code"] = dice.choice(("VLV-G01", "VLV-G03", "PIP-G01", "PIP-M01", "PIP-G12"))
        if (
            source == "household_check" and dice.random() < 0.3
        ):  # a major by itself, unless the user is told in writing
            data["catalogue_code"] = dice.choice(("RES-M01", "RES-M04"))
        if dice.random() < 0.15:
            data |= {"user_name": "住户甲", "user_phone": "000-0000"}
        if dice.random() < 0.2:
            data["found_at"] = (town.now - timedelta(minutes=dice.randrange(600))).isoformat()
        if dice.random() * 100 < _BAD:
            data = self.forms.spoil(data)
        evidence = (self.forms.piece("PHOTO_BEFORE", town.now),) if dice.random() < 0.97 else ()
        relapse = dice.choice(town.closed) if town.closed and dice.random() < 0.04 else None
        given: dict[str, Any] = {
            "data": data, "evidence": evidence, "source": source, "reopen_of_id": relapse,
            "asset_id": town.cast.assets[asset] if asset else None, "action": "report_protected" if protected else None,
        }  # fmt: skip
        key = town.key()
        return Submission(
            who, key, f"{who.name} reports",
            lambda session, actor: operations.report(session, actor=actor, request_key=key, now=town.now, **given),
        )  # fmt: skip

    def alarm(self) -> Submission:
        """A detector raises an alarm: a place nobody knew to be dangerous, or one that has its open hazard."""
        town, dice = self.town, self.town.dice
        code, family = dice.choice(sorted(town.cast.assets)), dice.choice(_FAMILIES)
        key, level = town.key(), dice.choice((1, 2))
        asked: list[Report | Act] = []

        def ask(session: Session, _: Actor) -> Outcome:
            # an alarm that was not taken is judged anew, as the hazard at its place stands by then; one that was taken is the same request
            if not town.look.rows("SELECT 1 FROM request_key WHERE actor = ? AND key = ?", DETECTOR.key, key):
                asked[:] = [self._alarm_now(code, family, key, level)]
            return apply_one(session, asked[0], town.now)

        return Submission(DETECTOR, key, f"{code} {family} alarms", ask)

    def _alarm_now(self, code: str, family: str, key: str, level: int) -> Report | Act:
        asset, signal = self.town.cast.assets[code], {"alarm_level": level}
        found = self.town.look.rows(
            "SELECT id, state FROM hazard WHERE closed_at IS NULL AND asset_id = ? AND family = ?",
            asset,
            family,
        )
        if found:
            return Act(
                hazard_id=uuid.UUID(str(found[0][0])), action="realarm" if found[0][1] == "verified" else "alarm", actor=DETECTOR,
                request_key=key, data={"alarm_level": level}, signal=signal,
            )  # fmt: skip
        organisation = self.town.look.rows("SELECT organisation_id FROM asset WHERE id = ?", asset)[0][0]
        return Report(
            workflow="general", actor=DETECTOR, request_key=key, organisation_id=uuid.UUID(str(organisation)),
            data={"description": "浓度超过报警值", "suspected_urgency": "A", "alarm_level": level}, source="telemetry", asset_id=asset,
            family=family, signal=signal,
        )  # fmt: skip

    def act(self, *, only: str | None = None) -> Submission | None:
        """Somebody opens a hazard's page and does something; None where nothing was to be done."""
        wish = self._wish(only, self._uncontrolled() if only == "start_control" else self._minded())
        if wish is None:
            return None
        town, dice = self.town, self.town.dice
        others = [
            k.number
            for k in town.open.values()
            if k.home_id == wish.hazard.home_id and k.id != wish.hazard.id
        ]
        form = self.forms.fill(wish.action, wish.case, wish.who.id, town.now, others=others)
        if dice.random() * 100 < _BAD:
            form = self.forms.spoil(form)
        evidence = (
            tuple(self.forms.evidence(wish.action, wish.case, town.now)) if dice.random() < 0.95 else ()
        )
        seen = wish.case.hazard.seq
        given: dict[str, Any] = {
            "hazard_id": wish.hazard.id, "action": wish.action.key, "data": form, "evidence": evidence,
            "expected_version": seen if dice.random() < 0.3 else None,
        }  # fmt: skip
        key = town.key()
        return Submission(
            wish.who, key, f"{wish.who.name} {wish.action.key} {wish.hazard.number}",
            lambda session, actor: operations.act(session, actor=actor, request_key=key, now=town.now, **given),
            offer=None if wish.is_offered is None else Offer(wish.hazard.id, seen, wish.is_offered),
        )  # fmt: skip

    def call(self) -> str:
        """Somebody at a desk picks up one of the calls and letters that machines cannot carry, and writes down how it went."""
        town, dice = self.town, self.town.dice
        waiting = town.look.rows(
            "SELECT id, channel, doers FROM errand WHERE state = 'open' ORDER BY due_at, id LIMIT 10"
        )
        if not waiting:
            return "nobody to call"
        id_, channel, doers = dice.choice(waiting)
        present = [a for a in town.cast.present() if a.id is not None and a.id.hex in doers]
        who = dice.choice(present or town.cast.present())
        outcome = dice.choice(
            (*CHANNELS[channel].outcomes, *(("no_such_outcome",) if dice.random() * 100 < _BAD else ()))
        )
        try:
            with town.database.transaction(who.scope) as session:
                log_outcome(session, who, uuid.UUID(str(id_)), outcome=outcome, note="", now=town.now)
        except HazardFlowError as refused:
            return f"{who.name} {refused.code}"
        return f"{who.name} {channel} {outcome}"

    def _minded(self) -> list[Known]:
        """Most people mind what has been open longest; the rest is looked at now and then."""
        everything = list(self.town.open.values())
        return everything[:_MINDED] if self.town.chance(70) else everything

    def _uncontrolled(self) -> list[Known]:
        """Places nobody guards: in life the first thing done, here what would be told to the top every four hours."""
        found = self.town.look.rows(
            "SELECT id FROM hazard WHERE closed_at IS NULL AND NOT control_open ORDER BY number DESC LIMIT 5"
        )
        known = (self.town.open.get(uuid.UUID(str(row[0]))) for row in found)
        return [one for one in known if one is not None]

    def _wish(self, only: str | None, among: Sequence[Known]) -> Wish | None:
        town, dice = self.town, self.town.dice
        if not among:
            return None
        known = dice.choice(among)
        with town.database.reading(SYSTEM) as session:
            hazard = session.get_one(Hazard, known.id)
            workflow = town.rules.pinned(hazard.workflow, hazard.workflow_version)
            case = Case(hazard, queries.evidence(session, hazard), workflow)
            actions_here = [
                a for a in workflow.from_state[hazard.state] if a.who != ("system",) and only in (None, a.key)
            ]
            if not actions_here:
                return None
            action = dice.choices(actions_here, [_WEIGHTS.get(a.key, 1.0) for a in actions_here])[0]
            who = self._somebody_for(action, hazard)
            if who is None:
                return None
            # whoever asked for something and was replaced since finds no page to take it back on
            sees = who.scope.sees(path=hazard.path, division=hazard.division, parties=hazard.parties)
            possible = actions.allowed(session, hazard, who, now=town.now) if sees else ()
            offered = {one.action.key for one in possible if one.allowed}
            if action.key in offered or dice.random() * 100 < _ANYHOW:
                return Wish(who, known, action, case, action.key in offered)
            instead = [a for a in actions_here if a.key in offered]
            if not instead:
                return Wish(who, known, action, case, is_offered=False)
            action = dice.choices(instead, [_WEIGHTS.get(a.key, 1.0) for a in instead])[0]
            return Wish(who, known, action, case, is_offered=True)

    def _somebody_for(self, action: Action, hazard: Hazard) -> Actor | None:
        """Whoever should do it, mostly; now and then just anybody."""
        town, dice = self.town, self.town.dice
        present = town.cast.present()
        if dice.random() * 100 >= _FITTING:
            return dice.choice(present)
        held = {
            person
            for relation, people in held_relations(hazard).items()
            if relation in action.who
            for person in people
        }
        if "holder" in action.who or "applicant" in action.who:
            held |= {str(person) for _, person in parts(hazard)}
        fitting = [a for a in present if str(a.id) in held]
        fitting += [
            a
            for a, roles in town.cast.at(path=hazard.path, division=hazard.division)
            if roles & set(action.who)
        ]
        return dice.choice(fitting or present)
