"""Spans as a person writes them: `30 min`, `4 h`, `3 days`, `5 workdays`."""

import re

from hazard_flow.workflow.definition import Duration

#: four digits: no legal limit is longer than 9999 of its unit
_SPAN = re.compile(r"(0|[1-9][0-9]{0,3}) (min|h|day|days|workday|workdays)")
FORM = "write a whole number, a space and min, h, days or workdays: `30 min`, `4 h`, `3 days`, `5 workdays`"


def parse_duration(text: object) -> Duration | None:
    """The span, or None where the text is not one (a bare number has no unit and is not one)."""
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    unit = match[2].removesuffix("s") if match[2].startswith(("day", "workday")) else match[2]
    return Duration(int(match[1]), unit)  # type: ignore[arg-type]  # the pattern admits only the four units


def write_duration(duration: Duration) -> str:
    """The span as it would stand in a file."""
    plural = "s" if duration.unit in ("day", "workday") and duration.amount != 1 else ""
    return f"{duration.amount} {duration.unit}{plural}"
