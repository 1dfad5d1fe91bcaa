"""Makes the Flask application of a kernel: limits, sign-in, protection, headers, errors, templates, and the kernel's own pages."""

from flask import Blueprint, Flask

from hazard_flow.web import api, health, status
from hazard_flow.web import help as help_pages
from hazard_flow.web.auth import init_auth
from hazard_flow.web.context import EXTENSION, Kernel
from hazard_flow.web.csrf import init_csrf
from hazard_flow.web.errors import init_errors
from hazard_flow.web.headers import init_headers
from hazard_flow.web.jinja import init_jinja
from hazard_flow.web.limits import init_limits
from hazard_flow.web.packing import init_packing
from hazard_flow.web.tls import pages as tls_pages

YEAR_SECONDS = 31_536_000


def make_web(web: Kernel, blueprints: tuple[Blueprint, ...] = ()) -> Flask:
    """The application with the pages of the features given; the order of the guards before a view is limits, sign-in, origin."""
    app = Flask("hazard_flow.web", static_folder="static", template_folder="templates")
    app.extensions[EXTENSION] = web
    app.config.update(SECRET_KEY=web.settings.secret_key(), SEND_FILE_MAX_AGE_DEFAULT=YEAR_SECONDS)
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask types the provider by its abstract base
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # likewise
    is_tls = web.settings.PUBLIC_URL.startswith("https://")
    init_limits(app)
    init_auth(app, is_tls=is_tls)
    init_csrf(app)
    init_packing(app)
    init_headers(app, is_tls=is_tls)
    init_errors(app)
    init_jinja(app, web.settings.zone)
    for blueprint in (
        api.blueprint,
        health.blueprint,
        status.blueprint,
        help_pages.blueprint,
        tls_pages.blueprint,
        *blueprints,
    ):
        app.register_blueprint(blueprint)
    return app
