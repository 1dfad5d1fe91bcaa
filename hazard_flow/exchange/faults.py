"""One thing wrong with a file that came in: where, what, and how to mend it.

The sentences stand in messages.yaml under `import.reason.<code>` and `import.mend.<code>`, here or beside the feature that finds the fault.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hazard_flow.i18n import known, text


@dataclass(frozen=True)
class RowFault:
    """A fault of one cell, of a whole row (`field` empty) or of the whole file (`row` 0)."""

    #: the line of a CSV or YAML file, the place in the list of a JSON file; both count from 1
    row: int
    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        assert known(f"import.reason.{self.code}"), f"the fault {self.code} has no sentence"

    def reason(self, locale: str) -> str:
        """What is wrong, in one sentence."""
        return self._sentence("reason", locale)

    def mend(self, locale: str) -> str:
        """What to write instead."""
        return self._sentence("mend", locale)

    def _sentence(self, part: str, locale: str) -> str:
        words = {name: _word(value, locale) for name, value in self.params.items()}
        # the extra word makes `text` fill the sentence even where no values came
        return text(f"import.{part}.{self.code}", locale, **{"_": "", "field": self.field, **words})


def _word(value: Any, locale: str) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        ordered = sorted(value) if isinstance(value, (set, frozenset)) else value
        return ("、" if locale == "zh" else ", ").join(str(one) for one in ordered)
    return value
