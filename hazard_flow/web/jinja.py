"""What every template may use: sentences, names, filters, addresses of assets, the frame around the page."""

import hashlib
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, g, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import organisation_labels
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.web import formats
from hazard_flow.web.auth import signed_in
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale, current_theme, name_of, say
from hazard_flow.web.views import Shell, Viewer

_STATIC = Path(__file__).parent / "static"


def init_jinja(app: Flask, zone: ZoneInfo) -> None:
    """Globals and filters; a name a template uses and nobody gives is an error, not an empty string."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(t=say, label=name_of, asset=asset)
    app.context_processor(lambda: {"shell": shell()})

    @app.template_filter("instant")
    def instant(at: datetime | None) -> Markup:
        if at is None:
            return Markup("")
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), formats.instant_text(at, zone))

    @app.template_filter("instant_text")
    def instant_text(at: datetime | None) -> str:
        return formats.instant_text(at, zone) if at else ""

    @app.template_filter("deadline")
    def deadline(at: datetime | None) -> str:
        return formats.deadline_text(at, current_locale(), zone, now()) if at else ""

    @app.template_filter("day")
    def day(on: date | datetime | None) -> str:
        return formats.day_text(on, zone) if on else ""

    @app.template_filter("weekday")
    def weekday(on: date | datetime | None) -> str:
        return formats.weekday_text(on, current_locale(), zone) if on else ""

    @app.template_filter("duration")
    def duration(span: timedelta | None) -> str:
        return formats.duration_text(span, current_locale()) if span is not None else ""


def asset(name: str) -> str:
    """The address of a file under static/, with a hash of its content: browsers keep it for ever and never see an old one."""
    return url_for("static", filename=name, v=_fingerprint(name))


def shell() -> Shell:
    """The frame around this page; drawn once a request."""
    if "hazard_flow_shell" not in g:
        g.hazard_flow_shell = _draw_shell(signed_in())
    drawn = g.hazard_flow_shell
    assert isinstance(drawn, Shell)
    return drawn


def _draw_shell(actor: Actor | None) -> Shell:
    locale, web = current_locale(), kernel()
    here = request.full_path.rstrip("?")
    if actor is None:
        return Shell(locale=locale, theme=current_theme(), here=here, is_demo=web.is_demo)
    with reading(actor) as session:
        first = actor.holdings[0] if actor.holdings else None
        found = organisation_labels(session, [first.organisation_id]) if first else {}
        organisation = found[first.organisation_id].label.in_(locale) if first and found else ""
        roles = [ROLE_LABELS[role].in_(locale) for role in sorted(actor.roles)]
        return Shell(
            locale=locale,
            theme=current_theme(),
            viewer=Viewer(
                name=actor.name,
                organisation=organisation,
                roles=("、" if locale == "zh" else ", ").join(roles),
            ),
            nav=web.navigation.items(session, actor, locale, at_foot=False),
            foot=web.navigation.items(session, actor, locale, at_foot=True),
            tabs=web.navigation.tabs(session, actor, locale),
            here=here,
            is_demo=web.is_demo,
        )


@cache
def _fingerprint(name: str) -> str:
    path = _STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"
