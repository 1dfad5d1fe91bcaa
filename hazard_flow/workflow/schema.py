"""JSON Schema of the workflow language, for editors: completes keys and words while typing. The proof judges; this only helps.

Generated from the vocabulary, so that a new field, guard or role is offered at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from hazard_flow.workflow.definition import COLOURS, RESOLUTIONS, STAGES, URGENCIES
from hazard_flow.workflow.needs_rules import CLAUSE_BOOKS, FLAG_WORDS, NOT_AFTER, WITHIN_SCOPES
from hazard_flow.workflow.vocabulary import APPLICANT, SPECIAL_EXCLUSIONS, Vocabulary

_Schema = dict[str, Any]
_NAME = "^[a-z][a-z0-9_]{0,39}$"
_SPAN = "^(0|[1-9][0-9]{0,3}) (min|h|day|days|workday|workdays)$"


def json_schema(vocabulary: Vocabulary) -> _Schema:
    """The schema of `<key>.v<n>.yaml` (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hazard Flow workflow 隐患流程",
        "type": "object",
        "properties": {
            "workflow": {"type": "string", "pattern": _NAME},
            "version": {"type": "integer", "minimum": 1},
            "name": {"$ref": "#/$defs/label"},
            "source": {"type": "string"},
            "applies_to": _applies_to(vocabulary),
            "initial": {"type": "string"},
            "clocks": _named({"$ref": "#/$defs/clock"}),
            "states": _named({"$ref": "#/$defs/state"}),
            "actions": _named({"$ref": "#/$defs/action"}),
            "ladders": _named({"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/rung"}}),
        },
        "required": [
            "workflow",
            "version",
            "name",
            "source",
            "applies_to",
            "initial",
            "states",
            "actions",
            "ladders",
        ],
        "additionalProperties": False,
        "$defs": _definitions(vocabulary),
    }


def _definitions(vocabulary: Vocabulary) -> _Schema:
    return {
        "label": _object({"zh": _text(), "en": _text()}, required=("zh", "en")),
        "span": {"type": "string", "pattern": _SPAN},
        "spans": {
            "anyOf": [
                {"$ref": "#/$defs/span"},
                {**_object({urgency: {"$ref": "#/$defs/span"} for urgency in URGENCIES}), "minProperties": 1},
            ]
        },
        "timer": _timer(),
        "clock": _timer(clock=True),
        "state": _object(
            {
                "stage": {"enum": list(STAGES)},
                "name": {"$ref": "#/$defs/label"},
                "holder": _one(vocabulary.who - {"holder"}),
                "timers": _named({"$ref": "#/$defs/timer"}),
                "final": {"type": "boolean"},
                "concealed": {"type": "boolean"},
                "issues": _one(vocabulary.templates),
            },
            required=("stage", "name"),
        ),
        "rung": _object(
            {
                "after": {"$ref": "#/$defs/spans"},
                "tell": _some(vocabulary.addressees),
                "by": _some(vocabulary.channels),
                "colour": {"enum": list(COLOURS)},
                "acknowledge_within": {"$ref": "#/$defs/span"},
                "repeat": {"$ref": "#/$defs/span"},
            },
            required=("after", "tell", "by"),
        ),
        "action": _action(vocabulary),
        "evidence": _evidence(vocabulary),
        "need": _need(vocabulary),
    }


def _applies_to(vocabulary: Vocabulary) -> _Schema:
    book = vocabulary.book
    return _object(
        {"level": _one(book.levels), "source": _one(book.sources), "urgency": _one(book.urgencies)}
    )


def _timer(*, clock: bool = False) -> _Schema:
    own: _Schema = {"from": _text(), "until": _words()} if clock else {}
    return _object(
        {
            "name": {"$ref": "#/$defs/label"},
            "within": {"$ref": "#/$defs/spans"},
            "at": _text(),
            "every": {"$ref": "#/$defs/spans"},
            "reset_by": _words(),
            "remind": {"type": "array", "items": {"type": "string"}},
            "ladder": _text(),
            "if_silent": _text(),
            "only_if": _words(),
            **own,
        },
        required=("ladder", *own),
    )


def _action(vocabulary: Vocabulary) -> _Schema:
    switch = _object(
        {
            "to_workflow": _text(),
            "map": {"type": "object", "additionalProperties": _text()},
            "when": {"type": "object"},
        },
        required=("to_workflow", "map"),
    )
    needs = {name: {"$ref": "#/$defs/need"} for name in vocabulary.fields}
    return _object(
        {
            "name": {"$ref": "#/$defs/label"},
            "from": {"anyOf": [{"type": "null"}, {"const": "any"}, _words()]},
            "to": {"type": ["string", "null"]},
            "who": _some(vocabulary.who),
            "needs": _object(needs),
            "evidence": {"$ref": "#/$defs/evidence"},
            "guards": _some(vocabulary.guards),
            "other_than": _some((*vocabulary.relations, *SPECIAL_EXCLUSIONS)),
            "sets": _words(),
            "clears": _words(),
            "opens": _one(vocabulary.flags),
            "shuts": _one(vocabulary.flags),
            "starts": _named({"$ref": "#/$defs/timer"}),
            "ends": _words(),
            "resolution": {"enum": list(RESOLUTIONS)},
            "issues": _one(vocabulary.templates),
            "counts": _text(),
            "climbs": {
                "type": "object",
                "propertyNames": {"pattern": "^[1-9][0-9]*$"},
                "additionalProperties": _object(
                    {
                        "tell": _some(vocabulary.addressees),
                        "by": _some(vocabulary.channels),
                        "colour": {"enum": list(COLOURS)},
                    },
                    required=("tell", "by"),
                ),
            },
            "at_most": _object(
                {
                    "times": {"type": "integer", "minimum": 1},
                    "per": {"enum": ["hazard", "person"]},
                    "then": {"const": "above"},
                },
                required=("times",),
            ),
            "approved": _object(
                {
                    "adopts": {"type": "object", "additionalProperties": _text()},
                    "sets": _words(),
                    "ends": _words(),
                    "counts": _text(),
                }
            ),
            "takes": {"const": "responsible"},
            "quorum": {"type": "integer", "minimum": 2},
            "tell": _some((*vocabulary.addressees, APPLICANT)),
            "spawns": {"type": "boolean"},
            "protects": {"type": "boolean"},
            "writes_off": {"type": "boolean"},
            "switch": switch,
        },
        required=("name", "from", "who"),
    )


def _evidence(vocabulary: Vocabulary) -> _Schema:
    counts = {word: {"type": "integer", "minimum": 1} for word in vocabulary.evidence}
    return _object(
        {
            **counts,
            "after_photo_for_each": {"const": "before_photo"},
            "also": {"const": "catalogue"},
            "unless": _object(
                {
                    "source": _one(vocabulary.book.sources),
                    "level": _one(vocabulary.book.levels),
                    "urgency": _one(URGENCIES),
                }
            ),
        }
    )


def _need(vocabulary: Vocabulary) -> _Schema:
    flags = {word: {"type": "null"} for word in FLAG_WORDS}
    people = _some(vocabulary.roles)
    rule = _object(
        {
            **flags,
            "at_least": {"type": "integer", "minimum": 0},
            "at_most": {"type": "integer", "minimum": 0},
            "default": {"anyOf": [{"type": ["string", "integer"]}, {"$ref": "#/$defs/spans"}]},
            "within": {"$ref": "#/$defs/spans"},
            "not_after": _one(NOT_AFTER),
            "person_within": _one(WITHIN_SCOPES),
            "people_within": _one(WITHIN_SCOPES),
            "person_with": people,
            "people_with": people,
            "other_than": _some((*vocabulary.relations, *SPECIAL_EXCLUSIONS)),
            "clauses_of": _one(CLAUSE_BOOKS),
            "when": {"type": "object"},
            "one_of": _words(),
        }
    )
    return {
        "anyOf": [
            _one((*FLAG_WORDS, "interim_control")),
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
            rule,
        ]
    }


def _object(properties: Mapping[str, Any], *, required: Iterable[str] = ()) -> _Schema:
    found: _Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if wanted := list(required):
        found["required"] = wanted
    return found


def _named(entry: _Schema) -> _Schema:
    return {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": entry}


def _text() -> _Schema:
    return {"type": "string", "minLength": 1}


def _words() -> _Schema:
    return {"anyOf": [_text(), {"type": "array", "items": _text(), "minItems": 1, "uniqueItems": True}]}


def _one(words: Iterable[str]) -> _Schema:
    return {"enum": sorted(words)}


def _some(words: Iterable[str]) -> _Schema:
    one = _one(words)
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]}
