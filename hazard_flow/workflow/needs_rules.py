"""What an action asks of one field, compiled from the file: `{at_least: 10}`, `[A, B, C]`, `{deadline, within: 30 days}`, ….

`NeedRule` stands in `definition.Need.rule`; `needs.validate` applies it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hazard_flow.workflow.definition import Duration, Keyed
from hazard_flow.workflow.fields import TYPES, FieldDef
from hazard_flow.workflow.problems import WORDS
from hazard_flow.workflow.reading import Reading
from hazard_flow.workflow.vocabulary import SPECIAL_EXCLUSIONS
from hazard_flow.workflow.yaml_lines import Node

#: `{optional}` and the type words stand in a map without a value
FLAG_WORDS = frozenset(TYPES) | {"optional", "place_or_asset", "confirmed"}
VALUE_KEYS = frozenset(
    {
        "at_least", "at_most", "default", "within", "not_after", "person_within", "people_within", "person_with", "people_with",
        "other_than", "clauses_of", "when", "one_of",
    }
)  # fmt: skip
#: `half_term`: half the original term after the later of the original deadline and now (domain 12, F3); `full_term`: the original term
#: once more after the present deadline (domain 3.5, F6); `year_after_assignment`: a year from the assignment (listed majors, [V] Qingdao)
NOT_AFTER = ("now", "half_term", "full_term", "year_after_assignment")
WITHIN_SCOPES = ("enterprise", "organisation")
CLAUSE_BOOKS = ("catalogue", "national_major")
#: codes of the catalogue that no interim control begins with: gas is stopped and resumed by acts of their own, with notice and test
NOT_STARTED = ("GAS_STOP", "GAS_RESUME")
#: what a part of a rule means something for
_FITS: Mapping[str, tuple[str, ...]] = {
    "at_least": ("text", "people"),
    "at_most": ("text", "people"),
    "within": ("deadline",),
    "not_after": ("instant", "deadline"),
    "other_than": ("person", "people"),
    "clauses_of": ("clauses",),
    "confirmed": ("flag",),
    "place_or_asset": ("text",),
}
#: rules of one word, and the type each belongs to
_WORD_FITS: Mapping[str, str] = {"place_or_asset": "text", "confirmed": "flag", "interim_control": "control"}
#: facts of the hazard that `when` may ask for beside fields of the same form
HAZARD_WORDS = ("urgency", "level", "source")


@dataclass(frozen=True)
class PersonRule:
    """Who may be named: inside which organisation, with one of which roles."""

    within: str | None = None
    roles: tuple[str, ...] = ()


ANYBODY = PersonRule()


@dataclass(frozen=True)
class NeedRule:
    """The compiled rule of one field of one action."""

    known: FieldDef
    required: bool = True
    #: least characters of a text, least members of a list
    at_least: int = 0
    at_most: int | None = None
    choices: tuple[str, ...] = ()
    #: a literal, the word `now` or `catalogue`, or spans from today by urgency (deadlines)
    default: str | Keyed[Duration] | None = None
    #: latest deadline, counted from now
    within: Keyed[Duration] | None = None
    not_after: str | None = None
    person: PersonRule = ANYBODY
    other_than: tuple[str, ...] = ()
    clauses_of: str | None = None
    #: required only where these fields or hazard words have these values
    when: Mapping[str, Any] = field(default_factory=dict)
    #: an address, unless an asset or a position says where
    or_asset: bool = False
    #: a flag that must be ticked: whoever acts answers for it
    confirmed: bool = False


def compile_need(name: str, node: Node, reading: Reading) -> NeedRule | None:
    """The rule of a field; problems go to `reading`."""
    known = reading.vocabulary.fields.get(name)
    if known is None:
        reading.unknown("field", name, reading.vocabulary.fields, node, add_to="workflows/fields.yaml")
        return None
    if isinstance(node.value, list):
        return NeedRule(known, choices=_choices(known, node, reading))
    if isinstance(node.value, str):
        return _word(known, node, reading)
    if not isinstance(node.value, dict):
        reading.refuse(
            node,
            WORDS,
            f"{name}: say what the field needs",
            f"a type word such as `{known.type}`, a list of choices or a map",
        )
        return None
    return _mapping(known, node, reading)


def _word(known: FieldDef, node: Node, reading: Reading) -> NeedRule | None:
    word = node.value
    if word == "optional":
        return NeedRule(known, required=False)
    if word in _WORD_FITS and known.type != _WORD_FITS[word]:
        reading.refuse(
            node,
            WORDS,
            f"{word} fits a field of type {_WORD_FITS[word]}; {known.name} is a {known.type}",
            f"write `{known.type}`",
        )
        return None
    if word == "place_or_asset":
        return NeedRule(known, or_asset=True)
    if word == "confirmed":
        return NeedRule(known, confirmed=True)
    if word == "interim_control":
        return NeedRule(known, choices=tuple(code for code in known.choices if code not in NOT_STARTED))
    if word not in TYPES:
        reading.unknown("rule", word, (*TYPES, "optional", *_WORD_FITS), node)
        return None
    if word != known.type:
        reading.refuse(
            node, WORDS, f"the field {known.name} is a {known.type}, not a {word}", f"write `{known.type}`"
        )
        return None
    return NeedRule(known)


def _mapping(known: FieldDef, node: Node, reading: Reading) -> NeedRule | None:
    got = node.entries
    reading.keys(node, allowed=FLAG_WORDS | VALUE_KEYS, what=f"the rule of {known.name}")
    for word in FLAG_WORDS & got.keys():
        if got[word].value is not None:
            reading.refuse(got[word], WORDS, f"{word} takes no value", f"write `{{{word}}}`")
        if word in TYPES and word != known.type:
            reading.refuse(
                got[word],
                WORDS,
                f"the field {known.name} is a {known.type}, not a {word}",
                f"write `{known.type}`",
            )
    _fits(known, got, reading)
    return NeedRule(
        known,
        required="optional" not in got and "when" not in got,
        at_least=reading.count(got.get("at_least"), "at_least"),
        at_most=reading.count(got["at_most"], "at_most") if "at_most" in got else None,
        choices=_choices(known, got["one_of"], reading) if "one_of" in got else (),
        default=_default(known, got.get("default"), reading),
        within=reading.keyed_duration(got["within"], f"within of {known.name}") if "within" in got else None,
        not_after=reading.word(got["not_after"], NOT_AFTER, "limit") if "not_after" in got else None,
        person=_person(known, got, reading),
        other_than=_other_than(got.get("other_than"), reading),
        clauses_of=reading.word(got["clauses_of"], CLAUSE_BOOKS, "book of clauses")
        if "clauses_of" in got
        else None,
        when=_when(got.get("when"), reading),
        or_asset="place_or_asset" in got,
        confirmed="confirmed" in got,
    )


def _fits(known: FieldDef, got: Mapping[str, Node], reading: Reading) -> None:
    """Each part of a rule stands on a field of a type it means something for."""
    for key, types in _FITS.items():
        if key in got and known.type not in types:
            reading.refuse(
                got[key],
                WORDS,
                f"{key} fits a field of type {' or '.join(types)}; {known.name} is a {known.type}",
                "leave it out",
            )
    limit = got["not_after"].value if "not_after" in got else None
    wanted = "instant" if limit == "now" else "deadline"
    if limit in NOT_AFTER and known.type in _FITS["not_after"] and known.type != wanted:
        reading.refuse(
            got["not_after"], WORDS, f"not_after: {limit} fits a field of type {wanted}; {known.name} is a {known.type}",
            "an instant lies before now, a deadline after it",
        )  # fmt: skip
    for key in ("default", "optional"):
        if "confirmed" in got and key in got:
            reading.refuse(
                got[key],
                WORDS,
                f"{known.name} must be ticked by whoever acts: {key} means nothing",
                "leave it out",
            )


def _choices(known: FieldDef, node: Node, reading: Reading) -> tuple[str, ...]:
    words = reading.words(node, f"choices of {known.name}")
    if known.type not in ("choice", "control"):
        reading.refuse(
            node,
            WORDS,
            f"the field {known.name} is a {known.type}; it has no choices",
            "use a field of type choice",
        )
        return ()
    for word in words:
        if word not in known.choices:
            reading.unknown(
                f"choice of {known.name}",
                word,
                known.choices,
                node,
                add_to="workflows/fields.yaml, zh and en",
            )
    return words


def _default(known: FieldDef, node: Node | None, reading: Reading) -> str | Keyed[Duration] | None:
    if node is None:
        return None
    if node.value == "catalogue" or (node.value == "now" and known.type == "instant"):
        return str(node.value)
    if known.type == "deadline":
        return reading.keyed_duration(node, f"default of {known.name}")
    if known.type in ("choice", "control"):
        return reading.word(node, tuple(known.choices), f"choice of {known.name}")
    if isinstance(node.value, (str, int)):
        return str(node.value)
    reading.refuse(node, WORDS, f"the default of {known.name} must be a plain value", "a word or a number")
    return None


def _person(known: FieldDef, got: Mapping[str, Node], reading: Reading) -> PersonRule:
    prefix = known.type if known.type in ("person", "people") else None
    for key in ("person_within", "people_within", "person_with", "people_with"):
        if key in got and not key.startswith(f"{prefix}_"):
            reading.refuse(
                got[key],
                WORDS,
                f"{key} does not fit the field {known.name}, a {known.type}",
                "person_… for a person, people_… for people",
            )
    scope, roles = got.get(f"{prefix}_within"), got.get(f"{prefix}_with")
    return PersonRule(
        within=reading.word(scope, WITHIN_SCOPES, "scope") if scope else None,
        roles=tuple(reading.known_words(roles, reading.vocabulary.roles, "role")) if roles else (),
    )


def _other_than(node: Node | None, reading: Reading) -> tuple[str, ...]:
    if node is None:
        return ()
    return reading.known_words(node, (*reading.vocabulary.relations, *SPECIAL_EXCLUSIONS), "relation")


def _when(node: Node | None, reading: Reading) -> Mapping[str, Any]:
    if node is None:
        return {}
    if not node.entries:
        reading.refuse(node, WORDS, "`when` needs a map of field: value", "when: {on_site: false}")
    for name in node.entries:
        if name not in HAZARD_WORDS and name not in reading.vocabulary.fields:
            reading.unknown("field", name, (*HAZARD_WORDS, *reading.vocabulary.fields), node)
    return {name: entry.plain() for name, entry in node.entries.items()}
