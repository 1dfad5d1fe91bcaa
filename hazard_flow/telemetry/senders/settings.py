"""Settings of a sender as a person writes them, checked; every mistake is told at once. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hazard_flow.errors import FieldError, Refused
from hazard_flow.telemetry.sources.mapping_file import read_mapping
from hazard_flow.workflow.rule_file import RuleFileError

WORD_LENGTH_MAX = 80
MAPPING_LENGTH_MAX = 64 * 1024
LINES_MAX = 200


def read_settings(names: Iterable[str], given: Mapping[str, str]) -> dict[str, Any]:
    """The settings of these names that were given; raises `Refused` with every mistake."""
    found: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for name in names:
        written = given.get(name, "").strip()
        if not written:
            continue
        if name == "mapping":
            wrong += _mapping_mistakes(written)
            found[name] = written + "\n"
        elif name == "quantities":
            found[name], mistakes = _quantities(written)
            wrong += mistakes
        elif len(written) > WORD_LENGTH_MAX or not written.isprintable():
            wrong.append(FieldError(name, "too_long", {"at_most": WORD_LENGTH_MAX}))
        elif name == "zone" and not _is_zone(written):
            wrong.append(FieldError(name, "unknown_zone", {"value": written}))
        else:
            found[name] = written
    if wrong:
        raise Refused(fields=wrong)
    return found


def written(settings: Mapping[str, Any], name: str) -> str:
    """A setting as the form shows it."""
    value = settings.get(name, "")
    if isinstance(value, dict):
        return "\n".join(f"{theirs} = {ours or ''}".rstrip() for theirs, ours in value.items())
    return str(value)


def _mapping_mistakes(text: str) -> list[FieldError]:
    if len(text) > MAPPING_LENGTH_MAX:
        return [FieldError("mapping", "too_long", {"at_most": MAPPING_LENGTH_MAX})]
    try:
        read_mapping(text)
    except RuleFileError as error:
        return [
            FieldError(
                "mapping", "mapping_mistake", {"line": one.line, "message": one.message, "mend": one.mend}
            )
            for one in error.mistakes
        ]
    return []


def _quantities(text: str) -> tuple[dict[str, str | None], list[FieldError]]:
    """Lines `their name = our name`; nothing behind the sign passes their name over."""
    found: dict[str, str | None] = {}
    wrong: list[FieldError] = []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for place, line in enumerate(lines[:LINES_MAX], start=1):
        theirs, sign, ours = (part.strip() for part in line.partition("="))
        if not sign or not theirs or (ours and not ours.isidentifier()):
            wrong.append(FieldError("quantities", "quantity_line", {"line": place}))
        found[theirs] = ours or None
    if len(lines) > LINES_MAX:
        wrong.append(FieldError("quantities", "too_many_fields", {"at_most": LINES_MAX}))
    return found, wrong


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
