"""The parsers by kind of source: one module a kind, found by scanning this folder, each a pure `Raw → Parsed`."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from hazard_flow.telemetry.signals import Parsed, Raw

Parser = Callable[[Raw], Parsed]

_parsers: dict[str, Parser] = {}


def source(kind: str) -> Callable[[Parser], Parser]:
    """Register the decorated function as the parser of a kind of source (`POST /in/<kind>/…`, or a transport's own messages)."""

    def register(parser: Parser) -> Parser:
        if kind in _parsers:
            raise ValueError(f"two parsers for {kind!r}")
        _parsers[kind] = parser
        return parser

    return register


@cache
def parsers() -> dict[str, Parser]:
    """Every parser by kind."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(_parsers)
