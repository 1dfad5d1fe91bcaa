"""Loads every package's `models` module, so that the one metadata is complete: migrations and drift checks start here."""

import importlib
from pathlib import Path

from hazard_flow.resources import PACKAGE


def load() -> None:
    """Import all `models.py` files of the package, in name order."""
    for path in sorted(PACKAGE.rglob("models.py")):
        importlib.import_module(_module(path))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
