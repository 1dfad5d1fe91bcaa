"""`/field`: the app's page, scripts, worker and words. The same bytes for everybody; who is asking the app learns from the API."""

from functools import cache

from flask import Blueprint, Response, current_app, jsonify, request, send_from_directory

from hazard_flow.i18n import DEFAULT_LOCALE, LOCALES
from hazard_flow.offline.shell import assets
from hazard_flow.web.auth import public

blueprint = Blueprint("field", __name__, template_folder="templates", url_prefix="/field")

#: Kept by the worker, version by version; a browser's own cache must ask each time, or it would mix two of them.
ASK_EACH_TIME = "no-cache"


@blueprint.get("", strict_slashes=False)
@public
def app() -> Response:
    return _answer(_page(), "text/html")


@blueprint.get("/<path:place>")
@public
def screen(place: str) -> Response:
    """A screen by its address: the app opens and finds it by itself."""
    return _answer(_page(), "text/html")


@blueprint.get("/static/<path:name>")
@public
def asset(name: str) -> Response:
    response = send_from_directory(assets.STATIC, name, conditional=True)
    response.headers["Cache-Control"] = ASK_EACH_TIME
    return response


@blueprint.get("/sw.js")
@public
def worker() -> Response:
    response = _answer(assets.worker(_page(), sends="sends" in request.args), "text/javascript")
    # its own folder is /field/, and the app's first address has no slash at its end
    response.headers["Service-Worker-Allowed"] = "/field"
    return response


@blueprint.get("/version.js")
@public
def version() -> Response:
    return _answer(assets.version_module(assets.version(_page())), "text/javascript")


@blueprint.get(f"/words/<any({', '.join(LOCALES)}):locale>.json")
@public
def words(locale: str) -> Response:
    return _answer(assets.words(locale), "application/json")


@blueprint.get("/manifest.webmanifest")
@public
def web_manifest() -> Response:
    locale = request.args.get("lang", DEFAULT_LOCALE)
    response = jsonify(assets.web_manifest(locale if locale in LOCALES else DEFAULT_LOCALE))
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = ASK_EACH_TIME
    return response


def offered() -> str:
    """The version this server hands out; counted once, since its files do not change while it runs."""
    return _version_of(_page())


_version_of = cache(assets.version)


def _page() -> bytes:
    """Drawn without the frame of desk pages: nothing of a person, no token and no language may get into a page that tablets keep."""
    return current_app.jinja_env.get_template("field.html").render().encode()


def _answer(body: bytes, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = ASK_EACH_TIME
    response.add_etag()
    response.make_conditional(request)
    return response
