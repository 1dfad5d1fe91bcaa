"""What is said of a submission, in the reader's language."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow import i18n
from hazard_flow.errors import FieldError
from hazard_flow.web.sentences import error_sentence, named_sentence


def sentence(problem: Mapping[str, Any], locale: str, zone: ZoneInfo) -> str:
    """One stored problem as a person reads it."""
    code, params = str(problem["code"]), dict(problem.get("params") or {})
    if not problem["field"] and i18n.known(f"submissions.problem.{code}"):
        return i18n.text(f"submissions.problem.{code}", locale)
    if not problem["field"] and i18n.known(f"error.{code}"):
        return error_sentence(code, params, locale, zone)
    return named_sentence(FieldError(str(problem["field"]), code, params), locale, zone)
