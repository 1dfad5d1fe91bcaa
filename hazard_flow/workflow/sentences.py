"""Refusals as sentences: the words of roles, relations, evidence, requests and marks put in, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from hazard_flow.errors import FieldError
from hazard_flow.i18n import known, text
from hazard_flow.workflow.permitted import Reason
from hazard_flow.workflow.vocabulary import Vocabulary

#: `who` lists of half a dozen roles say nothing; the first ones do
_NAMED_MAX = 4


def reason_sentence(reason: Reason, locale: str, vocabulary: Vocabulary) -> str:
    """Why not, and how to mend it."""
    key = f"guard.{reason.code}" if reason.kind == "guard" else f"refusal.{reason.code}"
    return text(key, locale, **words(reason.params, locale, vocabulary))


def field_sentence(error: FieldError, locale: str, vocabulary: Vocabulary) -> str:
    """What is wrong with a field."""
    return text(
        f"field_error.{error.code}",
        locale,
        **{"field": error.field, **words(error.params, locale, vocabulary)},
    )


def words(params: Mapping[str, Any], locale: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The values of a sentence with roles, relations, evidence words, requests and marks called by their names."""
    named = dict(params)
    if "who" in named:
        parts = named["who"] if isinstance(named["who"], (list, tuple)) else [named["who"]]
        more = ("等" if locale == "zh" else ", …") if len(parts) > _NAMED_MAX else ""
        named["who"] = (
            _listed([_party(part, locale, vocabulary) for part in parts[:_NAMED_MAX]], locale) + more
        )
    if "evidence" in named:
        named["evidence"] = _evidence(named["evidence"], locale, vocabulary)
    for word, labels in (("flag", vocabulary.book.flags), ("mark", vocabulary.book.marks)):
        if named.get(word) in labels:
            named[word] = labels[named[word]].in_(locale)
    return named


def _listed(words: Sequence[str], locale: str) -> str:
    return ("、" if locale == "zh" else ", ").join(words)


def _party(word: str, locale: str, vocabulary: Vocabulary) -> str:
    label = vocabulary.roles.get(word) or vocabulary.relations.get(word)
    return label.in_(locale) if label else word


def _evidence(word: str, locale: str, vocabulary: Vocabulary) -> str:
    if word in vocabulary.evidence:
        return vocabulary.evidence[word].label.in_(locale)
    key = f"evidence.kind.{word}"
    return text(key, locale) if known(key) else word
