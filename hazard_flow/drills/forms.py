"""Fills the form of any action with answers the rules take: people who really hold the posts, words that say it is a drill. Pure."""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations, islice
from typing import Any

from hazard_flow.errors import FieldError
from hazard_flow.evidence.items import STAGES, EvidenceItem
from hazard_flow.workflow.definition import Action, Need
from hazard_flow.workflow.needs import NeedContext, latest_deadline, validate
from hazard_flow.workflow.needs_rules import NeedRule
from hazard_flow.workflow.permitted import AFTER, BEFORE, EvidenceView
from hazard_flow.workflow.vocabulary import Vocabulary

MARK = "【演练】DRILL"
SENTENCE = "【演练】DRILL：升级通知演练，不是真实隐患。An escalation drill, not a real hazard."
#: an article in words is a basis wherever one is asked for
CLAUSE = "安全生产法第四十一条"
#: the form of a hazard's number; no hazard has it
NO_HAZARD = "YH-000000-20000101-0001"
DEADLINE_IN = timedelta(days=7)
#: ways to fill the person fields that are tried before it is said that nobody fits
CASTS_MAX = 3_000
#: people considered for one field
CANDIDATES_MAX = 12
_PARTS_AT_LEAST = 1
#: ways to answer the choices of one form that are tried
LEANINGS_MAX = 6
#: what was found was photographed before anybody did anything about it
SEEN_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True)
class Lean:
    """Which of several possible answers are given."""

    #: of the choices of a field: the first, the second, …; the last where there are not so many
    nth: int = 0
    #: how urgent the hazard is wherever that is asked; None: as the form proposes
    urgency: str | None = None
    #: answers by the name of the field, also where it need not be answered
    given: Mapping[str, Any] = field(default_factory=dict)


PLAIN = Lean()


@dataclass(frozen=True)
class Filled:
    """A form the rules take, or why none was found."""

    data: Mapping[str, Any]
    errors: Sequence[FieldError] = ()


def fill(action: Action, context: NeedContext, people: Sequence[uuid.UUID], lean: Lean = PLAIN) -> Filled:
    """The required fields of an action; `people` in the order of preference. The first casting the rules take wins."""
    plain = {
        need.field: value for need in action.needs if (value := _answer(need, context, lean)) is not None
    }
    named = [need for need in action.needs if need.required and need.rule.known.type in ("person", "people")]
    errors: Sequence[FieldError] = ()
    for cast in islice(_casts(named, context, [str(person) for person in people]), CASTS_MAX):
        data = plain | cast
        _, errors = validate(action.needs, data, context)
        if not errors:
            return Filled(data)
    # no casting at all: too few people who fit; the rules say which part stays empty
    return Filled({}, errors or validate(action.needs, plain, context)[1])


def leanings(action: Action, lean: Lean) -> list[Lean]:
    """Every way to lean that fills the action's form differently, the likeliest first."""
    open_ = [_choices(need.rule) for need in action.needs if _is_answered(need, lean)]
    most = max((len(choices) for choices in open_ if lean.urgency not in choices), default=1)
    return [replace(lean, nth=n) for n in range(min(max(most, 1), LEANINGS_MAX))]


def pieces(
    action: Action,
    stored: Sequence[EvidenceView],
    vocabulary: Vocabulary,
    *,
    now: datetime,
    salt: str,
    listed: Collection[str] = (),
) -> tuple[EvidenceItem, ...]:
    """Evidence as the action asks for it; `listed` are the codes its row of the catalogue asks for.

    No bytes lie behind it: the door judges what is said of a file, the store is not in the copy.
    """
    rule = action.evidence
    if rule is None:
        return ()
    kinds: list[tuple[str, str | None]] = [
        (vocabulary.evidence[word].codes[0], None) for word, n in rule.at_least.items() for _ in range(n)
    ]
    if rule.pair_each is not None:
        kinds = [(kind, None) for kind, _ in kinds if kind != AFTER]
        kinds += [(AFTER, piece.sha256) for piece in stored if piece.kind == BEFORE]
    if rule.also is not None:
        there = {piece.kind for piece in stored} | {kind for kind, _ in kinds}
        kinds += [(code, None) for code in listed if code not in there]
    return tuple(
        _piece(kind, pair_of, now=now, salt=f"{salt}:{action.key}:{n}")
        for n, (kind, pair_of) in enumerate(kinds)
    )


def _answer(need: Need, context: NeedContext, lean: Lean) -> Any:
    rule: NeedRule = need.rule
    if need.field == "title":
        return MARK
    if need.field in lean.given:
        return lean.given[need.field]
    if not _is_answered(need, lean):
        return None
    choices = _choices(rule)
    if choices:
        return lean.urgency if lean.urgency in choices else choices[min(lean.nth, len(choices) - 1)]
    return _ANSWERS[rule.known.type](rule, context)


def _is_answered(need: Need, lean: Lean) -> bool:
    """Whether the drill gives an answer of its own: to what must be said and has no answer yet, people and parts left aside."""
    rule: NeedRule = need.rule
    if rule.known.type in ("person", "people"):
        return False
    if rule.default is not None:
        return lean.urgency is not None and lean.urgency in _choices(rule)
    return need.required or bool(rule.when) or rule.or_asset


def _choices(rule: NeedRule) -> tuple[str, ...]:
    return (rule.choices or tuple(rule.known.choices)) if rule.known.type in ("choice", "control") else ()


def _text(rule: NeedRule, _context: NeedContext) -> str:
    longest = min(rule.known.at_most, rule.at_most or rule.known.at_most)
    return (SENTENCE * (1 + rule.at_least // len(SENTENCE)))[:longest]


def _deadline(rule: NeedRule, context: NeedContext) -> str:
    latest = latest_deadline(rule, context.urgency, context)
    at = context.now + DEADLINE_IN
    return (min(at, latest) if latest is not None else at).isoformat()


_ANSWERS: Mapping[str, Callable[[NeedRule, NeedContext], Any]] = {
    "text": _text,
    "instant": lambda _, context: context.now.isoformat(),
    "deadline": _deadline,
    "hazard": lambda _rule, _context: NO_HAZARD,
    "flag": lambda _rule, _context: True,
    "clauses": lambda _rule, _context: [CLAUSE],
    "percent": lambda rule, _: str(rule.known.minimum or 0),
    "money": lambda rule, _: str(rule.known.minimum or 0),
    "integer": lambda rule, _: str(rule.known.minimum or 0),
    "decimal": lambda rule, _: str(rule.known.minimum or 0),
}


def _casts(named: Sequence[Need], context: NeedContext, people: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Every way to give the parts, nobody given two of them, the preferred people first."""
    if not named:
        yield {}
        return
    need, *rest = named
    rule: NeedRule = need.rule
    able = [p for p in people if context.person_ok(p, rule.person) is None][:CANDIDATES_MAX]
    size = max(rule.at_least, _PARTS_AT_LEAST) if rule.known.type == "people" else 1
    for chosen in combinations(able, size):
        left = [p for p in people if p not in chosen]
        value: Any = list(chosen) if rule.known.type == "people" else chosen[0]
        for others in _casts(rest, context, left):
            yield {need.field: value, **others}


def _piece(kind: str, pair_of: str | None, *, now: datetime, salt: str) -> EvidenceItem:
    return EvidenceItem(
        sha256=hashlib.sha256(salt.encode()).hexdigest(),
        size=1,
        mime="image/jpeg",
        stage=STAGES[0],
        kind=kind,
        filename="drill.jpg",
        captured_at=now - SEEN_BEFORE if kind == BEFORE else now,
        exif_at=None,
        received_at=now,
        lon=None,
        lat=None,
        crs=None,
        accuracy_m=None,
        display_sha256=None,
        width=None,
        height=None,
        pair_of=pair_of,
        phash=None,
    )
