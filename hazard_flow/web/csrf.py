"""Nobody else's page may act in a person's name: form tokens for pages, an own header for the API, and the origin for both."""

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from hazard_flow.errors import NotAllowed
from hazard_flow.web.auth import SAFE_METHODS, bearer, openness
from hazard_flow.web.context import kernel

API_PREFIX = "/api/"
CLIENT_HEADER = "X-HF-Client"


class CrossSite(NotAllowed):
    """The request did not come from a page of ours, or its page is too old."""

    code = "cross_site"


def init_csrf(app: Flask) -> None:
    """Protect every unsafe method; `Authorization: Bearer` and `@machine` views carry their own proof."""
    # No time limit: a form left open over a shift must still go through; it dies with its session.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_SSL_STRICT=False)
    protect = CSRFProtect(app)

    @app.before_request
    def _protect() -> None:
        if request.method in SAFE_METHODS or request.endpoint is None or bearer(request) is not None:
            return
        if openness(current_app, request.endpoint) == "machine":
            return
        if request.path.startswith(API_PREFIX):
            # Scripts of our pages call it, and nobody types it into an address bar (`none`); the header cannot be set by a page of
            # another site without a preflight, which we never answer. A tablet's queue carries no form token: this is all it needs.
            _demand_own_origin("same-origin")
            if request.headers.get(CLIENT_HEADER) != "1":
                raise CrossSite(f"send {CLIENT_HEADER}: 1 or a bearer token")
            return
        _demand_own_origin("same-origin", "none")
        try:
            protect.protect()
        except CSRFError as error:
            raise CrossSite(str(error.description)) from error


def _demand_own_origin(*sites: str) -> None:
    """Where the browser says so, the request comes from one of these `Sec-Fetch-Site`s and from our own origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in sites:
        raise CrossSite(f"Sec-Fetch-Site: {site}")
    origin = request.headers.get("Origin")
    if origin is None:
        return
    public = urlsplit(kernel().settings.PUBLIC_URL).netloc
    if urlsplit(origin).netloc not in (request.host, public):
        raise CrossSite(f"Origin: {origin}")
