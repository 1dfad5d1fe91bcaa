"""A parser's answer to a body, as tests ask for it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Raw
from hazard_flow.telemetry.sources import parsers

SAMPLES = Path(__file__).parents[1] / "samples"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KNOWN = frozenset({"ch4_lel", "pressure", "battery_v"})


def recorded(name: str) -> Any:
    """A recorded or re-typed payload."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def parsed(
    kind: str,
    body: object,
    *,
    headers: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    at: datetime = AT,
) -> Parsed:
    """What the parser of a kind makes of a body (bytes as they are, anything else as JSON)."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    raw = Raw(kind, data, at, {"key": "k", **(headers or {})}, settings=settings or {}, known=KNOWN)
    return parsers()[kind](raw)


def told(result: Parsed) -> list[tuple[object, ...]]:
    """The statements in short: status, site, device, level."""
    return [(s.status.value, s.site, s.device, s.level) for s in result.signals]
