"""The form of a site, drawn from what was typed, with what is wrong beside each field."""

from collections.abc import Mapping, Sequence
from typing import Any

from hazard_flow.assets.kinds import kind_book
from hazard_flow.i18n import text
from hazard_flow.web.views import FormField

#: how often somebody guards, as the form offers it
RULES: Mapping[str, str] = {
    "daily": "FREQ=DAILY",
    "workdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "six": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA",
}
_TEXTS = ("code", "project", "builder", "constructor", "contact", "address")
_NEEDED = ("code", "project", "starts_on", "ends_on")
_TEXT_MAX = "120"


def fields(
    given: Mapping[str, Any], wrong: Mapping[str, str], *, guards: Sequence[tuple[str, str]], locale: str
) -> list[FormField]:
    """The fields in their order; `guards` are the people who may be named."""

    def one(name: str, kind: Any, **more: Any) -> FormField:
        return FormField(
            name,
            kind,
            text(f"construction.field.{name}", locale),
            required=name in _NEEDED,
            value=more.pop("value", str(given.get(name) or "")),
            error=wrong.get(name, ""),
            is_kept=True,
            **more,
        )

    works = kind_book().attributes["works_type"].choices or {}
    rules = tuple((rule, text(f"construction.rule.{name}", locale)) for name, rule in RULES.items())
    return [
        *(one(name, "text", maximum=_TEXT_MAX) for name in _TEXTS),
        one("starts_on", "date"),
        one("ends_on", "date"),
        one(
            "works",
            "many",
            choices=tuple((key, label.in_(locale)) for key, label in works.items()),
            value=tuple(given.get("works") or ()),
        ),
        one("guard", "select", choices=tuple(guards)),
        one("guard_rule", "select", choices=rules, value=str(given.get("guard_rule") or RULES["daily"])),
        one("lon", "number"),
        one("lat", "number"),
    ]
