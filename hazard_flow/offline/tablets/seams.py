"""What others tell the tablets' pages."""

from collections.abc import Callable
from dataclasses import dataclass


def _unknown() -> str:
    return ""


@dataclass(frozen=True)
class FieldApp:
    """The field app this server hands out."""

    #: its version now; empty where nobody knows, and then no tablet is called out of date
    version: Callable[[], str] = _unknown
