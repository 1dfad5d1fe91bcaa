"""Reads of the desk: the list in its views, one alert with its steps, what is counted. Always within the session's scope."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from hazard_flow.assets.models import Asset
from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.paging import Page, decode_cursor, encode_cursor
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.telemetry.desk.kpis import Occurrence
from hazard_flow.telemetry.desk.models import AlertDuty, AlertStep, AlertVisibility
from hazard_flow.telemetry.desk.rules import LOUD
from hazard_flow.telemetry.desk.standing import Standing
from hazard_flow.telemetry.models import Alert, Device

#: on the active list · hidden from it · normal, and the chain not at its end · put away · all that ever fired
VIEWS = ("active", "hidden", "open", "archived", "all")
SORTS = ("urgent", "place")
#: alerts the active list draws at most; the count says how many there are
ACTIVE_MAX = 300
#: occurrences a report is made from at most
OCCURRENCES_MAX = 100_000


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to."""

    view: str = "active"
    level: int = 0
    q: str = ""
    sort: str = "urgent"


@dataclass(frozen=True)
class Row:
    """One alert with everything the desk knows of it."""

    alert: Alert
    duty: AlertDuty
    site: Asset
    device: Device | None
    hazard: Hazard | None
    hiding: AlertVisibility | None
    #: a later episode of the same alert exists: whether this one ended was never said
    superseded: bool

    @property
    def standing(self) -> Standing:
        """The same as values a decision is made from."""
        return Standing(
            is_firing=self.alert.condition == "firing" and not self.superseded,
            level=self.alert.level,
            alert_class=self.alert.alert_class,
            stage=self.duty.stage,
            is_acknowledged=self.duty.acknowledged_at is not None,
            hidden_until=self.hiding.until_at if self.hiding is not None else None,
            verdict=self.duty.verdict,
        )


def read_wanted(given: Mapping[str, str]) -> Wanted:
    """What a query string asks for; a word nobody knows is refused."""
    view, sort, level = (
        given.get("view") or "active",
        given.get("sort") or "urgent",
        given.get("level") or "0",
    )
    wrong = [
        FieldError(name, "unknown_choice", {"value": value[:40]})
        for name, value, known in (
            ("view", view, VIEWS),
            ("sort", sort, SORTS),
            ("level", level, ("0", "1", "2")),
        )
        if value not in known
    ]
    if wrong:
        raise BadRequest("no such view", fields=wrong)
    return Wanted(view, int(level), given.get("q", "").strip()[:100], sort)


def is_live() -> sa.ColumnElement[bool]:
    """Firing, and no later episode of the same alert has begun."""
    return sa.and_(Alert.condition == "firing", sa.not_(_superseded()))


def active(session: Session, wanted: Wanted, *, now: datetime) -> list[Row]:
    """The list as it is worked off: what waits for an acknowledgement first, the soonest due first, then the worst and newest."""
    waiting = sa.and_(AlertDuty.due_at.is_not(None), AlertDuty.acknowledged_at.is_(None))
    order: tuple[Any, ...] = (
        sa.case((waiting, 0), else_=1),
        sa.case((waiting, AlertDuty.due_at), else_=None),
        Alert.level.desc(),
        Alert.raised_at.desc(),
        Alert.id,
    )
    if wanted.sort == "place":
        order = (Asset.code, *order)
    statement = _rows(session).where(*_narrowed(wanted, now)).order_by(*order).limit(ACTIVE_MAX)
    return [_row(found) for found in session.execute(statement)]


def page(session: Session, wanted: Wanted, *, now: datetime, cursor: str | None, limit: int) -> Page[Row]:
    """Alerts of a view, the newest raised first."""
    statement = _rows(session).where(*_narrowed(wanted, now))
    if cursor:
        at, after = decode_cursor(cursor)
        edge = sa.tuple_(
            sa.bindparam(None, at, type_=Alert.raised_at.type), sa.bindparam(None, after, type_=Alert.id.type)
        )
        statement = statement.where(sa.tuple_(Alert.raised_at, Alert.id) < edge)
    found = session.execute(
        statement.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(limit + 1)
    ).all()
    rows = [_row(one) for one in found[:limit]]
    last = rows[-1].alert if len(found) > limit else None
    return Page(rows, encode_cursor(last.raised_at, last.id) if last is not None else None)


def counts(session: Session, *, now: datetime, q: str = "", level: int = 0) -> dict[str, int]:
    """How many alerts each view holds; `waiting` those that somebody must acknowledge."""
    columns = {
        **{view: sa.and_(*_view(view, now)) for view in ("active", "hidden", "open")},
        "waiting": _is_waiting(),
    }
    statement = _joined(
        session, *[sa.func.count(sa.case((condition, 1))).label(name) for name, condition in columns.items()]
    ).where(AlertDuty.stage != "archived", *_narrowed(Wanted("all", level, q), now))
    row = session.execute(statement).one()
    return {name: int(getattr(row, name)) for name in columns}


def waiting(session: Session) -> int:
    """How many alerts somebody must acknowledge, for the rail."""
    return int(session.execute(_joined(session, sa.func.count()).where(_is_waiting())).scalar_one())


def soonest(session: Session) -> datetime | None:
    """Until when the most urgent acknowledgement is asked; None where none is."""
    statement = _joined(session, AlertDuty.due_at).where(_is_waiting()).order_by(AlertDuty.due_at).limit(1)
    return session.execute(statement).scalar_one_or_none()


def raised_since(session: Session, since: datetime) -> int:
    """How many alerts were raised after an instant."""
    return int(session.execute(_joined(session, sa.func.count()).where(Alert.raised_at > since)).scalar_one())


def devices_in_reach(session: Session, *columns: Any) -> sa.Select[Any]:
    """A question about the devices at the sites in scope."""
    scope = scope_of_session(session)
    return (
        sa.select(*columns)
        .select_from(Device)
        .join(Asset, Asset.id == Device.site_id)
        .where(scope.where(Asset.path, Asset.division))
    )


def by_id(session: Session, alert_id: uuid.UUID, *, now: datetime, fresh: bool = False) -> Row:
    """One alert that fired; raises NotFound outside the scope. `fresh` reads it anew, as after locking."""
    found = session.execute(
        _rows(session).where(Alert.id == alert_id).execution_options(populate_existing=fresh)
    ).one_or_none()
    if found is None:
        raise NotFound(f"alert {alert_id}")
    return _row(found)


def of_hazard(session: Session, hazard_id: uuid.UUID, *, limit: int) -> list[Row]:
    """The alerts of a hazard, the newest raised first."""
    statement = _rows(session).where(Alert.hazard_id == hazard_id)
    found = session.execute(statement.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(limit))
    return [_row(one) for one in found]


def steps_of(session: Session, alert_id: uuid.UUID) -> Sequence[AlertStep]:
    """Everything that happened to an alert on the desk, the first step first."""
    return session.scalars(
        sa.select(AlertStep).where(AlertStep.alert_id == alert_id).order_by(AlertStep.seq)
    ).all()


def occurrences(session: Session, *, since: datetime, until: datetime) -> list[Occurrence]:
    """The alerts raised in a span, and those before it that still stand, as values for the figures."""
    standing = sa.and_(Alert.raised_at < since, is_live(), AlertDuty.stage != "archived")
    statement = (
        _joined(
            session,
            Alert.fingerprint,
            Asset.code,
            Asset.name_zh,
            Asset.name_en,
            Device.code.label("device"),
            Alert.peak_level,
            Alert.alert_class,
            Alert.raised_at,
            Alert.ended_at,
            AlertDuty.acknowledged_at,
            AlertDuty.misses,
            is_live().label("live"),
        )
        .where(sa.or_(Alert.raised_at.between(since, until), standing))
        .order_by(Alert.raised_at, Alert.id)
        .limit(OCCURRENCES_MAX)
    )
    return [
        Occurrence(
            source=row.device or row.code,
            site_zh=row.name_zh,
            site_en=row.name_en,
            alert=row.fingerprint,
            priority="high"
            if row.peak_level >= LOUD
            else ("medium" if row.alert_class == "process" else "low"),
            raised_at=row.raised_at,
            ended_at=row.ended_at,
            acknowledged_at=row.acknowledged_at,
            misses=row.misses,
            is_live=bool(row.live),
        )
        for row in session.execute(statement)
    ]


def _rows(session: Session) -> sa.Select[Any]:
    return _joined(
        session, Alert, AlertDuty, Asset, Device, Hazard, AlertVisibility, _superseded().label("superseded")
    )


def _joined(session: Session, *columns: Any) -> sa.Select[Any]:
    scope = scope_of_session(session)
    mine = sa.or_(
        scope.where(Asset.path, Asset.division), scope.where(Hazard.path, Hazard.division, Hazard.parties)
    )
    return (
        sa.select(*columns)
        .select_from(Alert)
        .join(AlertDuty, AlertDuty.alert_id == Alert.id)
        .join(Asset, Asset.id == Alert.site_id)
        .outerjoin(Device, Device.id == Alert.device_id)
        .outerjoin(Hazard, Hazard.id == Alert.hazard_id)
        .outerjoin(
            AlertVisibility,
            sa.and_(AlertVisibility.fingerprint == Alert.fingerprint, AlertVisibility.ended_at.is_(None)),
        )
        .where(mine)
    )


def _row(found: Any) -> Row:
    alert, duty, site, device, hazard, hiding, superseded = found
    return Row(alert, duty, site, device, hazard, hiding, bool(superseded))


def _superseded() -> sa.ColumnElement[bool]:
    later = aliased(Alert)
    return sa.exists().where(
        later.fingerprint == Alert.fingerprint, later.started_at > Alert.started_at, later.level > 0
    )


def _is_waiting() -> sa.ColumnElement[bool]:
    return sa.and_(
        AlertDuty.due_at.is_not(None), AlertDuty.acknowledged_at.is_(None), AlertDuty.stage != "archived"
    )


def _narrowed(wanted: Wanted, now: datetime) -> list[sa.ColumnElement[bool]]:
    conditions = _view(wanted.view, now)
    if wanted.level:
        conditions.append(Alert.level == wanted.level)
    if wanted.q:
        texts = (Asset.code, Asset.name_zh, Asset.name_en, Device.code)
        conditions.append(sa.or_(*[one.icontains(wanted.q, autoescape=True) for one in texts]))
    return conditions


def _view(view: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    hidden = sa.and_(AlertVisibility.id.is_not(None), AlertVisibility.until_at > now, Alert.level < LOUD)
    shown = sa.not_(sa.func.coalesce(hidden, sa.false()))
    asked = sa.and_(AlertDuty.due_at.is_not(None), AlertDuty.acknowledged_at.is_(None))
    here = AlertDuty.stage != "archived"
    return {
        "active": [here, shown, sa.or_(is_live(), asked)],
        "hidden": [here, hidden],
        "open": [here, shown, sa.not_(is_live()), sa.not_(asked)],
        "archived": [sa.not_(here)],
        "all": [],
    }[view]
