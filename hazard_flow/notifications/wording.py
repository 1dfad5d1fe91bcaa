"""What a notification says: subject and sentences in the reader's language, from a template key and parameters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.story import timer_label
from hazard_flow.i18n import known, text
from hazard_flow.ladders.wording import limit_name
from hazard_flow.web.formats import deadline_text, duration_text

#: lateness below this is the engine's ordinary rhythm and not worth a sentence
LATE_FROM = timedelta(minutes=1)
#: `parameter: sentence` of the lines below the body
_INSTANT_LINES = {
    "due_at": "due",
    "expires_at": "expires",
    "counted_before": "counted_before",
    "counted_after": "counted_after",
    "acknowledge_by": "acknowledge",
}
_SENTENCE_KEYS = (
    "number", "title", "state", "name", "colour", "resolution", "error", "reason", "count",
    "action", "who", "half_year", "year",
)  # fmt: skip
INBOX = "/inbox"
_PAGES = {
    "parked": "/timers/parked",
    "undelivered": "/notices/undelivered",
    "errand_phone": "/errands",
    "errand_letter": "/errands",
    "submission_contested": "/submissions",
    "drill": INBOX,
}


@dataclass(frozen=True)
class Wording:
    """A notification in words."""

    subject: str
    body: str
    #: further facts, one sentence each
    lines: tuple[str, ...] = ()


def word(
    template: str,
    params: Mapping[str, Any],
    locale: str,
    *,
    rules: Rules | None,
    zone: ZoneInfo,
    now: datetime,
) -> Wording:
    """The wording of a message. A template nobody wrote is told in general words: better vague than silent."""
    key = template if known(f"notice.{template}.subject") else "other"
    values = dict.fromkeys(_SENTENCE_KEYS, "") | _values(params, locale, rules)
    return Wording(
        subject=one_line(text(f"notice.{key}.subject", locale, **values)),
        body=text(f"notice.{key}.body", locale, **values),
        lines=tuple(_lines(params, locale, zone, now)),
    )


def brief(template: str, params: Mapping[str, Any], locale: str, *, rules: Rules | None) -> str:
    """What a message is about in a few words, for the page of the very hazard it is about."""
    key = template if known(f"notice.{template}.brief") else "other"
    values = dict.fromkeys(_SENTENCE_KEYS, "") | _values(params, locale, rules)
    return text(f"notice.{key}.brief", locale, **values)


def page_of(template: str, params: Mapping[str, Any]) -> str:
    """Where a message that is about no single hazard is acted on, as a path of this site; empty where it is about one."""
    return _PAGES.get(template) or str(params.get("href") or "")


def one_line(value: str) -> str:
    """Without line breaks and control characters, blanks folded: fit for a header or a list."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def instant_of(value: object) -> datetime | None:
    """An instant as it stands in parameters; None where there is none that can be read."""
    try:
        at = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _values(params: Mapping[str, Any], locale: str, rules: Rules | None) -> dict[str, str]:
    plain = ("number", "title", "error", "count")
    found = {key: one_line(str(params[key])) for key in plain if params.get(key)}
    found["reason"] = reason_text(str(params.get("reason") or ""), locale)
    found["state"] = _state(params, locale, rules)
    if locale == "en" and params.get("title_en"):
        found["title"] = one_line(str(params["title_en"]))
    workflow = str(params.get("workflow") or "")
    found["name"] = timer_label(rules, workflow, str(params.get("name") or ""), locale)
    if params.get("limit"):
        found["name"] = limit_name(str(params["limit"]), locale)
    found["colour"] = _known(f"web.notice.{params.get('colour')}", locale) or text(
        "notice.colour.none", locale
    )
    resolution = str(params.get("resolution") or "")
    found["action"], found["who"] = _action(params, locale, rules), _who(params, locale)
    found |= {key: str(params[key]) for key in ("count", "half_year", "year") if params.get(key) is not None}
    found["resolution"] = _known(f"notice.resolution.{resolution}", locale) or resolution
    return found


def _state(params: Mapping[str, Any], locale: str, rules: Rules | None) -> str:
    """The state's name in the workflow version the hazard had then; its key where that version is not loaded here."""
    key = str(params.get("state") or "")
    workflow, _, version = str(params.get("workflow") or "").rpartition(".v")
    pinned = rules.workflows.get((workflow, int(version))) if rules and version.isdigit() else None
    state = pinned.states.get(key) if pinned else None
    return state.label.in_(locale) if state else key


def _action(params: Mapping[str, Any], locale: str, rules: Rules | None) -> str:
    """What people call the act; the workflow the hazard is under now may not be the one it was done under."""
    key = str(params.get("action") or "")
    workflow, _, version = str(params.get("workflow") or "").rpartition(".v")
    workflows = rules.workflows if rules else {}
    pinned = workflows.get((workflow, int(version))) if version.isdigit() else None
    found = next((w.actions[key] for w in (pinned, *workflows.values()) if w and key in w.actions), None)
    return found.label.in_(locale) if found else key


def _who(params: Mapping[str, Any], locale: str) -> str:
    """Who acted, by name; the system and a protected reporter by what they are."""
    if params.get("by"):
        return one_line(str(params["by"]))
    return _known(f"notice.by.{params.get('by_part')}", locale) or text("notice.panel.somebody", locale)


def reason_text(code: str, locale: str) -> str:
    """Why a message did not go the way it was meant to; a code nobody has words for is shown as it is."""
    return _known(f"notice.reason.{code}", locale) or code


def _known(key: str, locale: str) -> str:
    return text(key, locale) if known(key) else ""


def _lines(params: Mapping[str, Any], locale: str, zone: ZoneInfo, now: datetime) -> list[str]:
    # a table that was made for its reader when it was due
    found = [one_line(str(line)) for line in params.get("table") or ()]
    for name, line in _INSTANT_LINES.items():
        at = instant_of(params.get(name))
        if at is not None:
            found.append(text(f"notice.line.{line}", locale, at=deadline_text(at, locale, zone, now)))
    late = timedelta(milliseconds=_number(params.get("late_ms")))
    if late >= LATE_FROM:
        found.append(text("notice.line.late", locale, late=duration_text(late, locale)))
    return found


def _number(value: object) -> int:
    try:
        return int(json.loads(str(value)))
    except (ValueError, TypeError):
        return 0
