"""What can be done to one thing that is no hazard, and what was done to it: plain values for `macros/acts.html`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.errors import FieldError, HazardFlowError
from hazard_flow.i18n import text
from hazard_flow.web.sentences import error_sentence, field_sentence
from hazard_flow.web.views import FieldType, FormError, FormField

_COLON = {"zh": "：", "en": ": "}


@dataclass(frozen=True)
class ActForm:
    """One thing that can be done: a fold with its form. `key` keeps ids apart."""

    key: str
    href: str
    icon: str
    label: str
    request_key: str
    fields: Sequence[FormField] = ()
    errors: Sequence[FormError] = ()
    version: int | None = None
    #: label of the file input; empty where no files are taken
    files: str = ""
    files_error: str = ""
    is_photo: bool = False
    is_open: bool = False
    hint: str = ""


@dataclass(frozen=True)
class StepRow:
    """One thing that was done: what, by whom, and the lines that say more."""

    at: datetime
    icon: str
    title: str
    who: str
    lines: Sequence[str] = ()
    is_system: bool = False
    #: (address, words) of what it brought
    links: Sequence[tuple[str, str]] = ()


@dataclass
class Fields:
    """Makes form fields whose labels are `<prefix>.field.<name>`, filled with what was typed, each with what is wrong beside it."""

    prefix: str
    locale: str
    zone: ZoneInfo
    given: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[FieldError] = ()
    made: list[FormField] = field(default_factory=list)

    def add(
        self,
        name: str,
        kind: FieldType = "text",
        *,
        required: bool = False,
        value: Any = "",
        choices: Sequence[tuple[str, str]] = (),
        hint: str = "",
        unit: str = "",
        at_most: int | str | None = None,
        at_least: str | None = None,
        when: tuple[str, str] | None = None,
    ) -> "Fields":
        """One more field; what was typed wins over `value`."""
        said = self.given.get(name, value)
        self.made.append(
            FormField(
                name,
                kind,
                self.label(name),
                required=required,
                choices=tuple(choices),
                unit=unit,
                minimum=at_least,
                maximum=str(at_most) if at_most is not None else None,
                hint=hint,
                value=tuple(map(str, said))
                if isinstance(said, list | tuple)
                else str(said if said is not None else ""),
                error=next(
                    (field_sentence(f, self.locale, self.zone) for f in self.faults if f.field == name), ""
                ),
                when=when,
                is_kept=True,
            )
        )
        return self

    def label(self, name: str) -> str:
        """The name of a field in the reader's language."""
        return text(f"{self.prefix}.field.{name}", self.locale)

    def errors(self) -> list[FormError]:
        """The summary above the form; a fault of something that is no field of it stands without a link."""
        known = {one.name for one in self.made}
        return [
            FormError(
                fault.field if fault.field in known else "",
                (f"{self.label(fault.field)}{_COLON[self.locale]}" if fault.field in known else "")
                + field_sentence(fault, self.locale, self.zone),
            )
            for fault in self.faults
        ]


def refusal(error: HazardFlowError, locale: str, zone: ZoneInfo) -> str:
    """Why nothing was done, in one sentence."""
    if error.fields:
        return field_sentence(error.fields[0], locale, zone)
    return error_sentence(error.code, error.params, locale, zone)
