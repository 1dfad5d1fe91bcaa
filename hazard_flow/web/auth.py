"""Who is asking: Flask-Login as a thin shim over server-side session rows, bearer tokens for programs, and the gate before every view.

Every endpoint needs a sign-in unless its view is marked `@public` (forms still carry a token) or `@machine` (its own secret in the
address). A request with a bearer token is judged by the token alone, never by a cookie that came along.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from hazard_flow.errors import NotAllowed, SignInNeeded
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import actor_of_session, actor_of_token, touch_session
from hazard_flow.identity.rights import demand
from hazard_flow.identity.sessions import TABLET_IDLE_MAX
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.context import kernel, now

View = TypeVar("View", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: A session's last use is noted at most this often: reading pages must not write a row a request.
TOUCH_EVERY = timedelta(minutes=1)
_OPEN = "hazard_flow_open"
_NOBODY = "hazard_flow_nobody"


class ReadOnlyToken(NotAllowed):
    """The token may read, not write."""

    code = "read_only_token"


class SignedIn(UserMixin):
    """The person of this request, as Flask-Login wants to see one; its id is the session's secret."""

    def __init__(self, actor: Actor, secret: str) -> None:
        self.actor = actor
        self.secret = secret

    def get_id(self) -> str:
        """What the signed cookie carries; the database knows only its digest."""
        return self.secret


def public(view: View) -> View:
    """Let anybody call the view; unsafe methods still need the form's token."""
    setattr(view, _OPEN, "public")
    return view


def machine(view: View) -> View:
    """Let programs call the view: it knows its callers by a secret of its own, cookies count for nothing there."""
    setattr(view, _OPEN, "machine")
    return view


def openness(app: Flask, endpoint: str) -> str:
    """`public`, `machine` or `` (sign-in needed) for an endpoint; assets are public."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return "public"
    return str(getattr(app.view_functions[endpoint], _OPEN, ""))


def init_auth(app: Flask, *, is_tls: bool) -> None:
    """Cookie, loaders and the gate. Under TLS the cookie bears the `__Host-` prefix, on plain loopback it cannot."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-hf" if is_tls else "hf",
        SESSION_COOKIE_SECURE=is_tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # A tablet's cookie outlives its browser; `_from_cookie` renews it with use, not every answer: an answer that comes late must
        # not bring back the cookie of whoever has signed out meanwhile.
        PERMANENT_SESSION_LIFETIME=TABLET_IDLE_MAX,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    manager = LoginManager()
    # An inspector's tablet changes its address all day; the row on the server is what protects the session.
    manager.session_protection = None
    manager.user_loader(_from_cookie)
    manager.request_loader(_from_bearer)
    manager.init_app(app, add_context_processor=False)
    app.before_request(_gate)


def signed_in() -> Actor | None:
    """The person of this request, or None."""
    if g.get(_NOBODY, False):
        return None
    if request.endpoint is not None and openness(current_app, request.endpoint) == "machine":
        return None
    user = current_user._get_current_object()
    return user.actor if isinstance(user, SignedIn) else None


def ask_nobody() -> None:
    """For the rest of this request nobody is signed in: an answer about a database that fails must not ask that database who reads it."""
    setattr(g, _NOBODY, True)


def current_actor() -> Actor:
    """The person of this request; raises `SignInNeeded` where there is none."""
    actor = signed_in()
    if actor is None:
        raise SignInNeeded("nobody is signed in")
    return actor


def require(right: str) -> Actor:
    """The person of this request, who must hold the right; raises `NotAllowed`."""
    actor = current_actor()
    demand(actor, right)
    return actor


def begin(actor: Actor, secret: str, *, stays: bool = False) -> None:
    """Sign a person in: everything the browser's earlier session held is dropped, so nothing can be fixed beforehand.

    `stays` keeps the cookie when the browser is closed, as a tablet's does by itself whenever memory is short.
    """
    session.clear()
    session.permanent = stays
    login_user(SignedIn(actor, secret))


def end() -> str | None:
    """Sign out; returns the session's secret for the caller to revoke."""
    user = current_user._get_current_object()
    logout_user()
    session.clear()
    return user.secret if isinstance(user, SignedIn) else None


def session_secret() -> str | None:
    """The secret of this request's session; None signed out and for a program with a token."""
    user = current_user._get_current_object()
    return (user.secret or None) if isinstance(user, SignedIn) else None


def bearer(of: Request) -> str | None:
    """The bearer token of a request."""
    scheme, _, token = of.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def safe_next(target: str | None) -> str:
    """A path of this site to go on to: anything else, such as `//elsewhere` or `https:…`, becomes the start page."""
    if not target or not target.startswith("/") or any(ord(c) < 33 or c == "\\" for c in target):
        return "/"
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or target.startswith("//"):
        return "/"
    return "/" if parts.path in ("/sign-in", "/sign-out") else target


def _gate() -> None:
    if request.endpoint is None or openness(current_app, request.endpoint):
        return
    actor = current_actor()
    if request.method not in SAFE_METHODS and not actor.may_write:
        raise ReadOnlyToken("the token may only read")


def _from_cookie(secret: str) -> SignedIn | None:
    if bearer(request) is not None:
        return None
    database, at = kernel().database, now()
    with database.reading(SYSTEM) as rows:
        found = actor_of_session(rows, secret, at)
    if found is None:
        return None
    actor, seen_at = found
    if at - seen_at > TOUCH_EVERY:
        with database.transaction(SYSTEM) as rows:
            touch_session(rows, secret, at)
        if session.permanent:
            session.modified = True
    return SignedIn(actor, secret)


def _from_bearer(of: Request) -> SignedIn | None:
    token = bearer(of)
    if token is None:
        return None
    with kernel().database.reading(SYSTEM) as rows:
        actor = actor_of_token(rows, token, now())
    return SignedIn(actor, "") if actor else None
