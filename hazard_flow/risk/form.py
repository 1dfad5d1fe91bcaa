"""The forms of the register as fields: filled from what is stored or was typed, with what is wrong beside each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.queries import choices as asset_choices
from hazard_flow.errors import FieldError
from hazard_flow.i18n import Label, text
from hazard_flow.identity.models import Organisation
from hazard_flow.risk import chain, entry
from hazard_flow.risk.grading import CONTROL_LEVELS, LEC, LS, grading
from hazard_flow.risk.library import CATEGORIES, MEASURE_KINDS, library
from hazard_flow.risk.models import POINT_KINDS
from hazard_flow.risk.rating import METHODS, plain
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, FormField

_KEPT = (
    "name_en",
    "asset",
    "organisation",
    "place",
    *entry.RESPONSIBLE,
    "phone",
    "emergency",
    "exposed_people",
    "lon",
    "lat",
)
_LONG = ("emergency", "basis", "measure", "item", "reason", "note", "cause")


@dataclass(frozen=True)
class Filled:
    """What a form shows: values, faults, and in whose language and zone."""

    given: Mapping[str, str]
    faults: Sequence[FieldError]
    locale: str
    zone: ZoneInfo

    def wrong(self, name: str) -> str:
        """What is wrong with a field."""
        return " ".join(
            field_sentence(one, self.locale, self.zone) for one in self.faults if one.field == name
        )

    def errors(self) -> list[FormError]:
        """The summary above the form."""
        colon = "：" if self.locale == "zh" else ": "
        return [
            FormError(
                one.field,
                f"{label(one.field, self.locale)}{colon}{field_sentence(one, self.locale, self.zone)}",
            )
            for one in self.faults
        ]


def label(name: str, locale: str) -> str:
    """What people call a field."""
    bare = name.removeprefix("residual_")
    return text(f"risk.score.{bare}" if bare in (*LEC, *LS) else f"risk.field.{bare}", locale)


def particulars(session: Session, filled: Filled, *, is_new: bool) -> list[FormField]:
    """The fields of the point itself."""
    names = [name for name in entry.PARTICULARS if is_new or name != "code"]
    return [_particular(session, filled, name) for name in names]


def rating(filled: Filled, side: str = "") -> list[FormField]:
    """Method, scores and grounds of one side; the residual one may be left out."""
    rules = grading()
    is_needed = not side
    fields = [
        _field(
            filled, f"{side}method", "select", required=is_needed,
            choices=tuple((one, text(f"risk.method.{one}", filled.locale)) for one in METHODS),
        )
    ]  # fmt: skip
    for method, scale in (("lec", rules.lec), ("ls", rules.ls)):
        for name, allowed in scale.scores.items():
            fields.append(
                replace(
                    _field(
                        filled, f"{side}{name}", "select", required=False,
                        choices=tuple((plain(value), _scored(value, words, filled.locale)) for value, words in allowed.items()),
                        hint=_dimensions(filled.locale) if name == "severity" else "",
                    ),
                    when=(f"{side}method", method),
                )
            )  # fmt: skip
    fields.append(
        replace(
            _field(
                filled, f"{side}grounds", "many", required=False,
                choices=tuple((key, words.in_(filled.locale)) for key, words in rules.direct.items()),
            ),
            value=entry.grounds_of(filled.given.get(f"{side}grounds", "")),
        )
    )  # fmt: skip
    return fields


def rating_end(filled: Filled) -> list[FormField]:
    """What both sides share: the grounds in words, and when it is looked at again."""
    return [
        _field(filled, "basis", "textarea", required=False, maximum=str(entry.LENGTHS["basis"])),
        _field(
            filled,
            "next_review_on",
            "date",
            required=False,
            hint=text("risk.hint.next_review_on", filled.locale),
        ),
    ]


def measure(session: Session, filled: Filled, known: Mapping[str, Sequence[str]]) -> list[FormField]:
    """One row of the chain; units and events that are there are offered."""
    found = [
        _field(filled, name, "asset", choices=tuple((one, one) for one in dict.fromkeys(known.get(name, ()))))
        for name in ("unit", "event")
    ]
    found.append(
        _field(
            filled, "measure_kind", "select",
            choices=tuple((one, text(f"risk.measure_kind.{one}", filled.locale)) for one in MEASURE_KINDS),
        )
    )  # fmt: skip
    found += [
        _field(filled, name, "textarea", maximum=str(chain.TEXT_LENGTH_MAX), required=name == "measure")
        for name in ("measure", "item")
    ]
    found.append(
        _field(
            filled, "item_level", "select", required=False,
            choices=tuple((one, text(f"risk.level.{one}", filled.locale)) for one in CONTROL_LEVELS),
        )
    )  # fmt: skip
    return found


def library_choices(category: str, locale: str) -> list[tuple[str, str, str]]:
    """(key, risk, colour) of the library, those of the point's own category first."""
    risks = sorted(library().risks.values(), key=lambda one: (one.category != category, one.category))
    return [(one.key, f"{one.unit.in_(locale)} · {one.label.in_(locale)}", one.colour) for one in risks]


def _particular(session: Session, filled: Filled, name: str) -> FormField:
    locale = filled.locale
    if name == "kind":
        return _field(
            filled, name, "radio", choices=tuple((k, text(f"risk.kind.{k}", locale)) for k in POINT_KINDS)
        )
    if name == "category":
        return _field(
            filled, name, "select", choices=tuple((c, text(f"risk.category.{c}", locale)) for c in CATEGORIES)
        )
    if name == "asset":
        sites = tuple((asset.code, asset.label.in_(locale)) for asset in asset_choices(session))
        return _field(
            filled, name, "asset", required=False, choices=sites, hint=text("risk.hint.asset", locale)
        )
    if name == "organisation":
        scope = scope_of_session(session)
        units = session.scalars(
            sa.select(Organisation)
            .where(Organisation.kind != "regulator", scope.where(Organisation.path, Organisation.division))
            .order_by(Organisation.path)
        )
        found = tuple((str(unit.id), unit.label.in_(locale)) for unit in units)
        return _field(
            filled, name, "select", required=False, choices=found, hint=text("risk.hint.organisation", locale)
        )
    if name == "has_board":
        one = _field(filled, name, "checkbox", required=False)
        return replace(one, value="true" if filled.given.get(name) in ("yes", "true", "1") else "")
    kind = "textarea" if name in _LONG else "text"
    hint = (
        text(f"risk.hint.{name}", locale)
        if name in ("code", "emergency", "responsible_company", "exposed_people")
        else ""
    )
    most = str(entry.LENGTHS.get(name, entry.LENGTH_MAX))
    return _field(filled, name, kind, required=name in entry.NEEDED, maximum=most, hint=hint)


def _field(
    filled: Filled, name: str, kind: str, *, required: bool = True, choices: tuple[tuple[str, str], ...] = (), hint: str = "",
    maximum: str | None = None,
) -> FormField:  # fmt: skip
    return FormField(
        name, kind, label(name, filled.locale), required=required, choices=choices, value=filled.given.get(name, ""),  # type: ignore[arg-type]
        error=filled.wrong(name), hint=hint, maximum=maximum, is_kept=name in _KEPT or kind == "date",
    )  # fmt: skip


def _scored(value: Decimal, words: Label, locale: str) -> str:
    return f"{plain(value)} · {words.in_(locale)}"


def _dimensions(locale: str) -> str:
    names = [words.in_(locale) for words in grading().dimensions.values()]
    return text("risk.hint.severity", locale, dimensions=("、" if locale == "zh" else ", ").join(names))
