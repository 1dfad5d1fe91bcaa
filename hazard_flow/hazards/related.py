"""Hazards that belong together as their pages and the API name them: relapse, split, merge, in both directions, in scope only."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.matter_views import Related
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rows import state_label
from hazard_flow.i18n import text
from hazard_flow.storage.unit import scope_of_session

#: link → icon; the first of each pair stands on the younger hazard
_ICONS: Mapping[str, str] = {
    "reopen_of": "rotate",
    "reopened_as": "rotate",
    "split_from": "arrows-exchange",
    "split_into": "arrows-exchange",
    "merged_into": "git-merge",
    "merged_from": "git-merge",
}
_BACK: Mapping[str, str] = {
    "reopen_of": "reopened_as",
    "split_from": "split_into",
    "merged_into": "merged_from",
}
#: a hazard with more relatives than this is a mistake
_SHOWN_MAX = 50


@dataclass(frozen=True)
class Link:
    """One way another hazard belongs to this one."""

    link: str
    hazard: Hazard


def links_of(session: Session, hazard: Hazard) -> list[Link]:
    """The hazards linked with this one that the session's scope sees, those it came from first."""
    own = {link: getattr(hazard, f"{link}_id") for link in _BACK}
    columns = {link: getattr(Hazard, f"{link}_id") for link in _BACK}
    wanted = [column == hazard.id for column in columns.values()]
    wanted.append(Hazard.id.in_([id_ for id_ in own.values() if id_ is not None]))
    scope = scope_of_session(session)
    rows = session.scalars(
        sa.select(Hazard)
        .where(sa.or_(*wanted), scope.where(Hazard.path, Hazard.division, Hazard.parties))
        .order_by(Hazard.reported_at, Hazard.id)
        .limit(_SHOWN_MAX)
    ).all()
    found = [Link(link, row) for link, id_ in own.items() for row in rows if row.id == id_]
    for row in rows:
        found += [Link(_BACK[link], row) for link in _BACK if getattr(row, f"{link}_id") == hazard.id]
    return found


def numbers_of(links: list[Link]) -> dict[str, str]:
    """Numbers by id as events hold it."""
    return {str(link.hazard.id): link.hazard.number for link in links}


def related(session: Session, links: list[Link], locale: str) -> tuple[Related, ...]:
    """The links as a page draws them."""
    return tuple(
        Related(
            label=text(f"hazards.link.{one.link}", locale),
            number=one.hazard.number,
            title=one.hazard.title,
            state_label=state_label(session, one.hazard, locale),
            icon=_ICONS[one.link],
        )
        for one in links
    )


def merge_candidates(session: Session, hazard: Hazard, *, limit: int = 20) -> list[Hazard]:
    """Open hazards of the same enterprise this one may be merged into: at the same asset, else in the same division, newest first."""
    scope = scope_of_session(session)
    where = [
        Hazard.home_id == hazard.home_id,
        Hazard.id != hazard.id,
        Hazard.closed_at.is_(None),
        scope.where(Hazard.path, Hazard.division, Hazard.parties),
    ]
    if hazard.asset_id is not None:
        where.append(sa.or_(Hazard.asset_id == hazard.asset_id, Hazard.asset_id.is_(None)))
    else:
        where.append(Hazard.division == hazard.division)
    here = sa.case((Hazard.asset_id == hazard.asset_id, 0), (Hazard.place == hazard.place, 1), else_=2)
    return list(
        session.scalars(
            sa.select(Hazard).where(*where).order_by(here, Hazard.reported_at.desc(), Hazard.id).limit(limit)
        )
    )
