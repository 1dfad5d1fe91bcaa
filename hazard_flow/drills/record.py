"""A filed drill as people read it: rungs that came out alike for several limits and units are told once. No request here."""

import uuid
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.drills.models import DrillRung
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.story import timer_label
from hazard_flow.i18n import Label, known, text
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.workflow.definition import Duration, Workflow
from hazard_flow.workflow.durations import parse_duration

K = TypeVar("K", bound=Hashable)

#: what is wrong first, the engine's own faults among it; then what is merely worth a look
FINDINGS = (
    "nobody", "not_fired", "parked", "not_on_time", "others_told", "failed", "vacant", "no_address", "not_staged", "nobody_new",
)  # fmt: skip
#: occurrences of one finding that are listed
LISTED_MAX = 12


@dataclass(frozen=True)
class RungRow:
    """One rung in words."""

    number: int
    colour: str | None
    at: str
    #: roles as the ladder names them
    addressees: str
    who: tuple[str, ...]
    ways: tuple[str, ...]
    result: str
    is_wrong: bool
    findings: tuple[str, ...]


@dataclass(frozen=True)
class LadderBlock:
    """A ladder and the limits, and units, for which it came out like this."""

    limits: str
    units: str
    rungs: tuple[RungRow, ...]
    #: what happens before this ladder is climbed
    note: str = ""


@dataclass(frozen=True)
class WorkflowBlock:
    """The ladders of one workflow at one enterprise."""

    label: str
    ladders: tuple[LadderBlock, ...]


@dataclass(frozen=True)
class EnterpriseBlock:
    """One enterprise."""

    label: str
    workflows: tuple[WorkflowBlock, ...]


@dataclass(frozen=True)
class FindingBlock:
    """One kind of finding, what it means, what to do, and where."""

    code: str
    title: str
    mend: str
    places: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class Words:
    """What the rows are put into words with."""

    rules: Rules
    people: Mapping[uuid.UUID, str]
    units: Mapping[uuid.UUID, Label]
    locale: str

    def unit(self, id_: uuid.UUID) -> str:
        return self.units[id_].in_(self.locale) if id_ in self.units else str(id_)

    def role(self, word: str) -> str:
        fields = self.rules.fields
        known_words = {**fields.roles, **fields.relations}
        if word in known_words:
            return known_words[word].in_(self.locale)
        key = f"drills.addressee.{word.replace(' ', '_')}"
        return text(key, self.locale) if known(key) else word

    def limit(self, workflow: str, timer: str) -> str:
        return timer_label(self.rules, workflow, timer, self.locale)

    def silence(self, workflow: str, timer: str) -> str:
        """What the system does first when time is up, where the limit says so: only if that is refused is the ladder climbed."""
        found = _pinned(self.rules, workflow)
        acts = (
            [rule.if_silent for rule in found.rules if rule.name == timer and rule.if_silent] if found else []
        )
        if not found or not acts:
            return ""
        return text("drills.silence", self.locale, act=found.actions[acts[0]].label.in_(self.locale))

    def join(self, words: Sequence[str]) -> str:
        return text("web.and", self.locale).join(words)

    def workflow(self, id_: str) -> str:
        found = _pinned(self.rules, id_)
        return f"{found.label.in_(self.locale)} v{found.version}" if found else id_


def _pinned(rules: Rules, id_: str) -> Workflow | None:
    key, _, version = id_.rpartition(".v")
    return rules.workflows.get((key, int(version))) if version.isdigit() else None


def words_of(session: Session, rungs: Sequence[DrillRung], locale: str) -> Words:
    """Names of the people and units of a record; whoever was erased is somebody."""
    ids = people_of(rungs)
    named = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    people = {row[0]: row[1] for row in named}
    roots = {uuid.UUID(hex=one.path.split("/", 1)[0]) for one in rungs}
    wanted = roots | {one.organisation_id for one in rungs}
    units = {
        unit.id: unit.label
        for unit in session.scalars(sa.select(Organisation).where(Organisation.id.in_(wanted)))
    }
    return Words(rules_of(session), people, units, locale)


def enterprises(rungs: Sequence[DrillRung], words: Words) -> tuple[EnterpriseBlock, ...]:
    """The whole record by enterprise, workflow and ladder, in the order it was filed."""
    found = []
    for root, mine in _grouped(rungs, lambda one: uuid.UUID(hex=one.path.split("/", 1)[0])).items():
        workflows = tuple(
            WorkflowBlock(words.workflow(id_), _ladders(of_workflow, words))
            for id_, of_workflow in _grouped(mine, lambda one: one.workflow).items()
        )
        found.append(EnterpriseBlock(words.unit(root), workflows))
    return tuple(found)


def findings(rungs: Sequence[DrillRung], words: Words) -> tuple[FindingBlock, ...]:
    """What is amiss, the worst first; each place once, however many limits share it."""
    blocks = []
    for code in FINDINGS:
        places = _places([one for one in rungs if code in one.findings], code, words)
        if places:
            blocks.append(_finding(code, places, words.locale))
    if any("no_channel" in told["ways"].values() for one in rungs for told in one.told):
        blocks.append(_finding("no_channel", [], words.locale))
    return tuple(blocks)


def people_of(rungs: Sequence[DrillRung]) -> list[uuid.UUID]:
    """Everybody told, in the order they come up."""
    return list(dict.fromkeys(uuid.UUID(told["person"]) for one in rungs for told in one.told))


def _finding(code: str, places: Sequence[str], locale: str) -> FindingBlock:
    return FindingBlock(
        code=code,
        title=text(f"drills.finding.{code}", locale),
        mend=text(f"drills.finding.{code}.mend", locale),
        places=tuple(places[:LISTED_MAX]),
        more=max(0, len(places) - LISTED_MAX),
    )


def _places(rungs: Sequence[DrillRung], code: str, words: Words) -> list[str]:
    """Where a finding is: workflow, limit, rung, whose notices these are, and the units, each line once."""
    alike = _grouped(rungs, lambda one: (one.workflow, one.timer, one.level, _roles(one, code)))
    return [
        text(
            "drills.finding.place",
            words.locale,
            workflow=words.workflow(workflow),
            timer=words.limit(workflow, timer),
            n=level + 1,
            roles=words.join([words.role(role) for role in roles]),
            units=words.join(list(dict.fromkeys(words.unit(one.organisation_id) for one in same))),
        )
        for (workflow, timer, level, roles), same in alike.items()
    ]


def _roles(one: DrillRung, code: str) -> tuple[str, ...]:
    """The posts a finding is about: the vacant ones, or those the rung names."""
    return tuple(one.unreachable if code in ("vacant", "nobody") and one.unreachable else one.addressees)


def _ladders(rungs: Sequence[DrillRung], words: Words) -> tuple[LadderBlock, ...]:
    limits = _grouped(rungs, lambda one: (one.path, one.division, one.state, one.timer))
    alike: dict[Hashable, list[list[DrillRung]]] = {}
    for ladder in limits.values():
        alike.setdefault(tuple(_signature(one) for one in ladder), []).append(ladder)
    return tuple(
        LadderBlock(
            limits=text(
                "drills.limits",
                words.locale,
                timers=words.join(
                    list(dict.fromkeys(words.limit(ladder[0].workflow, ladder[0].timer) for ladder in same))
                ),
            ),
            units=words.join(list(dict.fromkeys(words.unit(ladder[0].organisation_id) for ladder in same))),
            rungs=tuple(
                _rung(one, words, below=same[0][n - 1] if n else None) for n, one in enumerate(same[0])
            ),
            note=words.join(
                list(
                    dict.fromkeys(
                        filter(None, (words.silence(one[0].workflow, one[0].timer) for one in same))
                    )
                )
            ),
        )
        for same in alike.values()
    )


def _signature(one: DrillRung) -> Hashable:
    told = tuple(sorted((t["person"], tuple(sorted(t["ways"].items()))) for t in one.told))
    return (one.ladder, one.level, one.after, one.unacknowledged, told, one.result, tuple(one.findings))


def _rung(one: DrillRung, words: Words, *, below: DrillRung | None) -> RungRow:
    locale = words.locale
    somebody = text("notice.panel.somebody", locale)
    return RungRow(
        number=one.level + 1,
        colour=one.colour,
        at=_at(one, words, below),
        addressees=words.join([words.role(word) for word in one.addressees]),
        who=tuple(words.people.get(uuid.UUID(told["person"]), somebody) for told in one.told),
        ways=_ways(one, locale),
        result=_result(one, locale),
        is_wrong=one.result == "nobody" or bool(set(one.findings) & set(FINDINGS[:6])),
        findings=tuple(text(f"drills.finding.{code}", locale) for code in FINDINGS if code in one.findings),
    )


def _at(one: DrillRung, words: Words, below: DrillRung | None) -> str:
    if one.unacknowledged and below is not None:
        wait = _patience(below, words.rules)
        if wait is not None:
            return text("drills.after.silence", words.locale, span=_span(wait, words.locale))
    span = parse_duration(one.after)
    if span is None or span.amount == 0:
        return text("drills.after.at_once", words.locale)
    return text("drills.after.expiry", words.locale, span=_span(span, words.locale))


def _patience(below: DrillRung, rules: Rules) -> Duration | None:
    workflow = _pinned(rules, below.workflow)
    ladder = workflow.ladders.get(below.ladder) if workflow else None
    return ladder[below.level].acknowledge_within if ladder and below.level < len(ladder) else None


def _span(span: Duration, locale: str) -> str:
    return text(f"drills.span.{span.unit}", locale, n=span.amount)


def _ways(one: DrillRung, locale: str) -> tuple[str, ...]:
    """How the rung's people hear of it, each way once; the inbox first."""
    ways: dict[str, None] = {}
    for told in one.told:
        for word, way in told["ways"].items():
            name = word if way == "desk" else "failed" if way.startswith(("failed", "dropped")) else way
            # without a channel the message went where the inbox line already is
            ways["inbox" if name == "no_channel" else name] = None
    return tuple(text(f"drills.way.{name}", locale) for name in ways if known(f"drills.way.{name}"))


def _result(one: DrillRung, locale: str) -> str:
    if one.result == "nobody":
        return text("drills.finding.nobody", locale)
    if one.result == "resolved":
        key = "not_fired" if "not_fired" in one.findings else "only_looked_up"
        return text(f"drills.record.{key}", locale)
    late = "not_on_time" in one.findings
    return text("drills.finding.not_on_time" if late else "drills.record.on_time", locale)


def _grouped(rungs: Sequence[DrillRung], key: Callable[[DrillRung], K]) -> dict[K, list[DrillRung]]:
    found: dict[K, list[DrillRung]] = {}
    for one in rungs:
        found.setdefault(key(one), []).append(one)
    return found
