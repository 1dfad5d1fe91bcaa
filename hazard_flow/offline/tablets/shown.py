"""Tablets in the reader's language: who had it last, what it holds, what is wrong with it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.offline.tablets.models import Tablet
from hazard_flow.offline.tablets.troubles import SKEW_SECONDS_MAX, Trouble, troubles
from hazard_flow.web.formats import duration_text

#: the end of an id that people can read to each other over the telephone
SHORT_ID_CHARS = 6


@dataclass(frozen=True)
class Row:
    """One tablet of the list."""

    id: uuid.UUID
    name: str
    person: str
    unit: str
    seen_at: datetime
    silent: timedelta
    unsent: int
    waiting: timedelta | None
    skew: str
    is_off: bool
    version: str
    browser: str
    is_lost: bool
    lost_at: datetime | None
    troubles: tuple[str, ...]


def rows(
    session: Session, found: Sequence[Tablet], *, newest_version: str, locale: str, now: datetime
) -> list[Row]:
    """The tablets as rows, those with something wrong first and otherwise in the order given."""
    people = identity.names(session, {one.person_id for one in found})
    units = identity.organisation_labels(session, {one.organisation_id for one in found})
    drawn = []
    for one in found:
        unit = units.get(one.organisation_id)
        wrong = troubles(one, newest_version=newest_version, now=now)
        drawn.append(
            Row(
                id=one.id,
                name=name_of(one, locale),
                person=people.get(one.person_id, ""),
                unit=unit.label.in_(locale) if unit else "",
                seen_at=one.last_seen_at,
                silent=now - one.last_seen_at,
                unsent=one.unsent,
                waiting=now - one.unsent_since if one.unsent and one.unsent_since else None,
                skew=skew_text(one.clock_skew_s, locale),
                is_off=abs(one.clock_skew_s or 0) > SKEW_SECONDS_MAX,
                version=one.version,
                browser=one.browser,
                is_lost=one.state == "lost",
                lost_at=one.lost_at,
                troubles=tuple(sentence(trouble, locale) for trouble in wrong),
            )
        )
    return sorted(drawn, key=lambda row: not row.troubles)


def name_of(tablet: Tablet, locale: str) -> str:
    """What it is called; one without a name by the end of its id."""
    return tablet.label or text("tablets.unnamed", locale, id=tablet.id.hex[-SHORT_ID_CHARS:].upper())


def skew_text(seconds: int | None, locale: str) -> str:
    """How far its clock is off; some seconds are no word worth, empty where it never said."""
    if seconds is None:
        return ""
    if abs(seconds) <= SKEW_SECONDS_MAX:
        return text("tablets.clock.right", locale)
    span = duration_text(timedelta(seconds=abs(seconds)), locale)
    return text("tablets.clock.fast" if seconds > 0 else "tablets.clock.slow", locale, span=span)


def sentence(trouble: Trouble, locale: str) -> str:
    """What is wrong, and what to do about it."""
    filled = {
        name: duration_text(value, locale) if isinstance(value, timedelta) else value
        for name, value in trouble.params.items()
    }
    return text(f"tablets.trouble.{trouble.code}", locale, **filled)
