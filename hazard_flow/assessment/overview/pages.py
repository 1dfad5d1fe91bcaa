"""The dashboard: what a regulator, an enterprise's principal or a team leader needs to see first."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators import queries as figures
from hazard_flow.assessment.indicators import shown
from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.charts import columns, spark
from hazard_flow.assessment.indicators.coming import coming
from hazard_flow.assessment.indicators.definition import frame_of
from hazard_flow.assessment.indicators.models import RegionValue
from hazard_flow.assessment.indicators.notices import VETOES
from hazard_flow.assessment.indicators.pages import READ
from hazard_flow.assessment.indicators.periods import Period, period_of
from hazard_flow.assessment.indicators.policy import policy
from hazard_flow.assessment.indicators.tallies import LEVELS
from hazard_flow.assessment.overview import ground, queries
from hazard_flow.assets.map.shown import laid_for
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import division_labels, enterprises
from hazard_flow.supervision.lines import Lines
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("overview", __name__, template_folder="../templates")

#: who answers for a whole enterprise
_PRINCIPALS = frozenset({"enterprise_principal", "safety_director", "dept_manager"})
#: enterprises a dashboard lists before it leads to the league
LEAGUE_SHOWN = 6


@blueprint.get("/overview")
def overview() -> str:
    """The dashboard of whoever asks."""
    actor = require(READ)
    with reading(actor) as session:
        if actor.scope.divisions:
            return _regulator(session, actor)
        if actor.roles & _PRINCIPALS:
            return _principal(session, actor)
        return _team(session, actor)


def _regulator(session: Session, actor: Actor) -> str:
    month, at = _month(), now()
    division = min(actor.scope.divisions, key=len)
    region, before = figures.region(session, division, month), figures.region(session, division, month.before)
    names = division_labels(session)
    counts = {
        names[code.ljust(6, "0")].zh if code.ljust(6, "0") in names else code: int(said["open"].above)
        for code, said in figures.below(session, division, month).items()
        if "open" in said
    }
    laid = laid_for(session, actor, is_demo=kernel().is_demo)
    chart = columns(_short(queries.found_by_month(session, month, division=division)), LEVELS)
    return render_template(
        "overview/regulator.html", month=month, at=at, name=names.get(division.ljust(6, "0")), kpis=_region_kpis(region, before),
        patches=ground.patches(laid, counts) if laid else [], size=(ground.WIDTH, ground.HEIGHT), counts=counts,
        entries=figures.league(session, month)[:LEAGUE_SHOWN], chart=chart, levels=LEVELS, worst=queries.worst(session, at),
        pieces=kernel().panels.pieces("overview", session, actor, None, current_locale()), book=indicators(), shown=shown, spark=spark,
        few=policy().few, is_wall=request.args.get("wall") == "1", drawn=region["open"].made_at if "open" in region else None,
    )  # fmt: skip


def _principal(session: Session, actor: Actor) -> str:
    month, at = _month(), now()
    home = next(iter(one for one in enterprises(session) if one.parent_id is None), None)
    if home is None:
        return _team(session, actor)
    card = figures.card_of(session, home.id, month)[1]
    values = figures.values_of(session, [home.id], month).get(home.id, {})
    before = figures.values_of(session, [home.id], month.before).get(home.id, {})
    frame = frame_of(month, at, kernel().settings.zone, policy(), part(Lines))
    chart = columns(_short(queries.found_by_month(session, month, home=home.id)), LEVELS)
    return render_template(
        "overview/principal.html", month=month, at=at, home=home, card=card, kpis=_region_kpis(values, before),
        coming=coming(session, frame, home.id, values, at), vetoes=VETOES, chart=chart, levels=LEVELS, policy=policy(),
        worst=queries.worst(session, at, home=home.id), trend=figures.trends_of(session, [home.id], month).get(home.id, ()), spark=spark,
        pieces=kernel().panels.pieces("overview", session, actor, home, current_locale()),
    )  # fmt: skip


def _team(session: Session, actor: Actor) -> str:
    at, zone = now(), kernel().settings.zone
    ends = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    counts = queries.today(session, at, ends)
    kpis = [
        Kpi(say(f"overview.today.{name}"), str(counts[name]), href=href)
        for name, href in (
            ("late", "/hazards?overdue=1"),
            ("today", "/hazards"),
            ("later", "/hazards"),
            ("undated", "/hazards"),
        )
    ]
    return render_template(
        "overview/team.html", at=at, kpis=kpis, worst=queries.worst(session, at),
        pieces=kernel().panels.pieces("home", session, actor, None, current_locale()),
    )  # fmt: skip


def _month() -> Period:
    return period_of(now().astimezone(kernel().settings.zone).date(), "month")


def _region_kpis(region: Any, before: Any) -> list[Kpi]:
    """What is open, the majors of it, what is overdue, how much is closed, what was found: each with the month before."""
    found = []
    for name, href in (
        ("open", "/hazards"),
        ("open_major", "/hazards?level=major"),
        ("overdue", "/hazards?overdue=1"),
    ):
        value, past = region.get(name), before.get(name)
        note = say("overview.month_before", n=f"{past.above:.0f}") if past is not None else ""
        found.append(
            Kpi(say(f"overview.kpi.{name}"), f"{value.above:.0f}" if value else "–", note=note, href=href)
        )
    for key in ("I01", "I03"):
        one, value, past = indicators()[key], region.get(key), before.get(key)
        text = shown.shown(one, value.value) if value else ""
        was = shown.shown(one, past.value) if past else ""
        beside = _beside(key, region)
        note = " · ".join(filter(None, (say("figures.was", value=was) if was else "", beside)))
        found.append(Kpi(one.label.in_(current_locale()), text or "–", note=note, href=f"/indicators/{key}"))
    return found


def _beside(key: str, region: Any) -> str:
    """What is always printed beside a share: who found it, how much was extended (domain 6.3)."""
    if key == "I01":
        own: RegionValue | None = region.get("I21")
        return say("overview.own_share", value=f"{own.value:.0f}") if own and own.value is not None else ""
    due, extended = region.get("due"), region.get("extended")
    return (
        say("overview.extended_share", value=f"{100 * extended.above / due.above:.0f}")
        if due and extended and due.above
        else ""
    )


def _short(counts: Any) -> list[tuple[str, Any]]:
    """Months by their number; January says its year."""
    return [(f"{int(key[5:])}" if key[5:] != "01" else key[:4], said) for key, said in counts]
