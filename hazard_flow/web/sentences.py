"""Errors as sentences for people: the text of a code, its holes filled with words rather than codes."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from hazard_flow.errors import FieldError
from hazard_flow.i18n import known, text
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.web.formats import instant_text
from hazard_flow.workflow.vocabulary import default_vocabulary

log = structlog.get_logger("web")


def error_sentence(code: str, params: Mapping[str, Any], locale: str, zone: ZoneInfo) -> str:
    """What went wrong, in one sentence."""
    return _fill((f"error.{code}",), locale, zone, params)


def field_sentence(error: FieldError, locale: str, zone: ZoneInfo) -> str:
    """What is wrong with one field, or what the workflow still asks for."""
    keys = (f"field_error.{error.code}", f"refusal.{error.code}", f"guard.{error.code}")
    return _fill(keys, locale, zone, {"field": error.field, **error.params})


def named_sentence(error: FieldError, locale: str, zone: ZoneInfo) -> str:
    """The same with the field's name before it, for lists in which the field is not to be seen."""
    known_field = default_vocabulary().fields.get(error.field)
    sentence = field_sentence(error, locale, zone)
    if known_field is None:
        return sentence
    return text("web.error.field", locale, field=known_field.label.in_(locale), sentence=sentence)


def _fill(keys: tuple[str, ...], locale: str, zone: ZoneInfo, params: Mapping[str, Any]) -> str:
    key = next((key for key in keys if known(key)), None)
    if key is None:
        log.warning("a sentence is missing", key=keys[0])
        return text("error.refused" if len(keys) > 1 else "error.internal", locale)
    words = {name: _word(name, value, locale, zone) for name, value in params.items()}
    try:
        # The empty extra word makes `text` fill the sentence even where no values came: a hole must be noticed.
        return text(key, locale, **{"_": "", **words})
    except (KeyError, IndexError):
        log.warning("a sentence lacks its values", key=key, given=sorted(params))
        return text(key, locale)


def _word(name: str, value: Any, locale: str, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return instant_text(value, zone)
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return text("web.and", locale).join(str(_word(name, one, locale, zone)) for one in value)
    if name in ("who", "role", "roles") and value in ROLE_LABELS:
        return ROLE_LABELS[value].in_(locale)
    if name == "evidence":
        return _evidence(str(value), locale)
    book = default_vocabulary().book
    labels = {"flag": book.flags, "mark": book.marks}.get(name, {})
    if value in labels:
        return labels[value].in_(locale)
    return str(value) if isinstance(value, uuid.UUID) else value


def _evidence(word: str, locale: str) -> str:
    known_words = default_vocabulary().evidence
    if word in known_words:
        return known_words[word].label.in_(locale)
    key = f"evidence.kind.{word}"
    return text(key, locale) if known(key) else word
