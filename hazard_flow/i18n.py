"""Sentences in the reader's language: every package keeps its own in `messages.yaml`, zh and en side by side.

One catalogue of keyed sentences rather than gettext files: both languages of a sentence stand in the same place, so a missing one is
seen by whoever writes the other, and nothing has to be extracted or compiled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from hazard_flow.resources import PACKAGE

LOCALES = ("zh", "en")
DEFAULT_LOCALE = "zh"


@dataclass(frozen=True)
class Label:
    """A name in both languages."""

    zh: str
    en: str

    def in_(self, locale: str) -> str:
        """The name in one language; Chinese where the language is unknown."""
        return self.en if locale == "en" else self.zh


@cache
def catalogue() -> Mapping[str, Label]:
    """All sentences of all packages by key; a key defined twice refuses to load."""
    found: dict[str, Label] = {}
    for path in sorted(PACKAGE.rglob("messages.yaml")):
        if "node_modules" in path.parts:
            continue
        entries = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
        for key, both in entries.items():
            if key in found:
                raise ValueError(f"{path}: the key {key!r} is defined twice; give it another name")
            if not isinstance(both, dict) or set(both) != set(LOCALES):
                raise ValueError(f"{path}: {key!r} needs exactly zh and en")
            found[key] = Label(zh=str(both["zh"]), en=str(both["en"]))
    return found


def text(key: str, locale: str, /, **params: Any) -> str:
    """The sentence for `key` with its `{placeholders}` filled; an unknown key is our own mistake and raises KeyError."""
    sentence = catalogue()[key].in_(locale)
    return sentence.format(**params) if params else sentence


def both(key: str, /, **params: Any) -> Label:
    """The sentence in both languages at once, for readers whose language nobody knows: a watchdog, a log, a command line."""
    return Label(*(text(key, locale, **params) for locale in LOCALES))


def known(key: str) -> bool:
    """Whether a sentence with this key exists."""
    return key in catalogue()
