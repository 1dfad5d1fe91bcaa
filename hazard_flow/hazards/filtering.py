"""The filter of lists and board as the reader sees it: choices, counts of each shape, what is set and how to drop it."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from hazard_flow.assets.kinds import kind_book
from hazard_flow.assets.models import Asset
from hazard_flow.catalogue.rows import CATEGORY_LABELS
from hazard_flow.errors import NotAllowed
from hazard_flow.hazards import narrowing, queries
from hazard_flow.hazards.queries import Filter
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.views import ActiveFilter, FilterSelect, ListFilters, TierCount, tier
from hazard_flow.i18n import Label, text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.roles import OFFICERS
from hazard_flow.web.formats import instant_text
from hazard_flow.workflow.definition import COLOURS

_TIERS = ((1, "M"), (2, "A"), (3, "B"), (4, "C"))
_TICKED = ("overdue", "mine", "open", "protected")


def checked(wanted: Filter, actor: Actor) -> Filter:
    """The filter, if this reader may ask it: what was reported past a manager is asked for by the regulator's officers alone."""
    if wanted.protected and not actor.roles & set(OFFICERS):
        raise NotAllowed("hazards.protected", right="hazards.protected")
    return wanted


def filters(
    session: Session, actor: Actor, wanted: Filter, path: str, *, locale: str, now: datetime
) -> ListFilters:
    """The filter with its choices, counts of each shape among what is open, and what is set."""
    rules = rules_of(session)
    stages = rules.fields.stages
    units = identity.enterprises(session) if any(h.regulator for h in actor.holdings) else []
    organisations = tuple((str(o.id), o.label.in_(locale)) for o in units)
    base = replace(wanted, urgency="", level="", open_only=True)
    counts: dict[int, int] = {}
    for _, level, urgency, count in queries.grouped(session, base, now=now):
        shape = tier(level, urgency)
        counts[shape] = counts.get(shape, 0) + count
    asked = query_of(wanted)
    return ListFilters(
        q=wanted.q,
        stage=wanted.stage,
        urgency=wanted.urgency,
        organisation=str(wanted.organisation) if wanted.organisation else "",
        overdue=wanted.overdue,
        mine=wanted.mine,
        stages=tuple((key, label.in_(locale)) for key, label in stages.items()),
        organisations=organisations,
        tiers=tuple(
            TierCount(
                tier=shape,  # type: ignore[arg-type]
                count=counts.get(shape, 0),
                href=href(path, asked, urgency=None if wanted.urgency == urgency else urgency),
                is_on=wanted.urgency == urgency,
            )
            for shape, urgency in _TIERS
        ),
        more=_more(rules, wanted, locale),
        may_ask_protected=bool(actor.roles & set(OFFICERS)),
        protected=wanted.protected,
        active=tuple(
            ActiveFilter(
                label=_label(session, name, value, rules, organisations, locale),
                drop_href=href(path, asked, **{name: None}),
            )
            for name, value in asked.items()
        ),
        asked=tuple(asked.items()),
        query=urlencode(asked),
    )


def _more(rules: Rules, wanted: Filter, locale: str) -> tuple[FilterSelect, ...]:
    book = rules.fields
    tables = {
        "state": {key: label.in_(locale) for key, label in _states(rules).items()},
        "flag": {key: label.in_(locale) for key, label in book.flags.items()},
        "colour": {key: text(f"web.notice.{key}", locale) for key in COLOURS},
        "source": {key: label.in_(locale) for key, label in book.sources.items()},
    }
    return tuple(
        FilterSelect(
            name=name,
            label=text(f"hazards.filter.{name}", locale),
            any_label=text("hazards.filter.any", locale),
            value=getattr(wanted, name),
            choices=tuple(table.items()),
        )
        for name, table in tables.items()
    )


def _states(rules: Rules) -> Mapping[str, Label]:
    """Every state of the newest workflows, as the general one calls it where it has it."""
    newest = [
        rules.newest(key) for key in sorted({key for key, _ in rules.workflows}, key=lambda k: k != "general")
    ]
    found: dict[str, Label] = {}
    for workflow in newest:
        for key, state in workflow.states.items():
            found.setdefault(key, state.label)
    return found


def query_of(wanted: Filter) -> dict[str, str]:
    """The filter as query parameters, only what is set."""
    found = {
        "q": wanted.q,
        "stage": wanted.stage,
        "level": wanted.level,
        "urgency": wanted.urgency,
        "organisation": str(wanted.organisation) if wanted.organisation else "",
        "division": wanted.division,
        "overdue": "1" if wanted.overdue else "",
        "mine": "1" if wanted.mine else "",
        "open": "1" if wanted.open_only else "",
        "state": wanted.state,
        "workflow": wanted.workflow,
        "flag": wanted.flag,
        "colour": wanted.colour,
        "source": wanted.source,
        "asset": str(wanted.asset) if wanted.asset else "",
        "protected": "1" if wanted.protected else "",
    } | {name: getattr(wanted, name) for name in narrowing.WORDS}
    return {name: value for name, value in found.items() if value}


def href(path: str, asked: Mapping[str, str], **changed: str | None) -> str:
    """The page with this filter, changed."""
    merged = {**asked, **changed}
    query = urlencode({name: value for name, value in merged.items() if value})
    return f"{path}?{query}" if query else path


def labels(session: Session, wanted: Filter, locale: str) -> dict[str, str]:
    """What is set, each word in a few of the reader's own."""
    rules = rules_of(session)
    named = identity.organisation_labels(session, [wanted.organisation] if wanted.organisation else [])
    organisations = tuple((str(id_), one.label.in_(locale)) for id_, one in named.items())
    return {
        name: _label(session, name, value, rules, organisations, locale)
        for name, value in query_of(wanted).items()
    }


def _label(
    session: Session,
    name: str,
    value: str,
    rules: Rules,
    organisations: tuple[tuple[str, str], ...],
    locale: str,
) -> str:
    if name in (*narrowing.WORDS, "asset"):
        return _further_label(session, name, value, rules, locale)
    return _active_label(name, value, rules, organisations, locale)


def _active_label(
    name: str, value: str, rules: Rules, organisations: tuple[tuple[str, str], ...], locale: str
) -> str:
    if name in _TICKED:
        return text(f"hazards.filter.{name}", locale)
    if name == "organisation":
        return dict(organisations).get(value, value)
    if value == narrowing.NONE:
        return text("hazards.filter.no_urgency", locale)
    if name in ("urgency", "level", "stage", "colour"):
        keys = {
            "urgency": "hazards.tier",
            "level": "hazards.level",
            "stage": "web.stage",
            "colour": "web.notice",
        }
        return text(f"{keys[name]}.{value}", locale)
    if name == "workflow":
        return _workflow_label(value, rules, locale)
    tables: Mapping[str, Mapping[str, Label]] = {
        "state": _states(rules),
        "flag": rules.fields.flags,
        "source": rules.fields.sources,
    }
    label = tables.get(name, {}).get(value)
    return label.in_(locale) if label is not None else value


def _further_label(session: Session, name: str, value: str, rules: Rules, locale: str) -> str:
    """What a further word asks for, told with its name: its value alone would not say of what."""
    said = value
    if value == narrowing.NONE:
        said = text("hazards.filter.without", locale)
    elif name in ("found_since", "found_before"):
        at = narrowing.instant(value)
        said = instant_text(at, rules.zone) if at else value
    elif name == "category":
        said = CATEGORY_LABELS[value].in_(locale)
    elif name == "asset_kind":
        said = kind_book().kinds[value].label.in_(locale)
    elif name == "liable":
        said = rules.fields.fields[narrowing.LIABLE].choices[value].in_(locale)
    elif name == "unit":
        found = identity.organisation_labels(session, [uuid.UUID(value)])
        said = next((one.label.in_(locale) for one in found.values()), value[:8])
    elif name == "asset":
        asset = session.get(Asset, uuid.UUID(value))
        said = asset.label.in_(locale) if asset is not None else value[:8]
    return text(f"hazards.filter.{name}", locale, value=said)


def _workflow_label(value: str, rules: Rules, locale: str) -> str:
    """What people call a workflow, and which version where one is meant."""
    key, _, version = value.partition(".v")
    labels = [w.label for w in sorted(rules.workflows.values(), key=lambda w: -w.version) if w.key == key]
    said = labels[0].in_(locale) if labels else value
    return f"{said} v{version}" if version else said
