"""Language and theme of a request. A person's own choice wins; a visitor's comes from a cookie, then from the browser."""

from typing import Any, cast, get_args

from flask import Response, request

from hazard_flow.i18n import DEFAULT_LOCALE, LOCALES, Label, text
from hazard_flow.web.auth import bearer, signed_in
from hazard_flow.web.views import Theme

LANGUAGE_COOKIE = "hf-lang"
THEME_COOKIE = "hf_theme"
THEMES: tuple[str, ...] = get_args(Theme)
COOKIE_SECONDS = 365 * 24 * 3600


def current_locale() -> str:
    """`zh` or `en`: `?lang=`, a program's Accept-Language, the person's own, the cookie, the browser's, Chinese."""
    asked = request.args.get("lang")
    if asked in LOCALES:
        return asked
    if bearer(request) is not None and request.accept_languages:
        return _accepted()
    actor = signed_in()
    if actor is not None:
        return actor.locale if actor.locale in LOCALES else DEFAULT_LOCALE
    kept = request.cookies.get(LANGUAGE_COOKIE)
    return kept if kept in LOCALES else _accepted()


def current_theme() -> Theme:
    """`auto`, `light` or `dark`."""
    kept = request.cookies.get(THEME_COOKIE, "auto")
    return cast("Theme", kept) if kept in THEMES else "auto"


def say(key: str, /, **params: Any) -> str:
    """The sentence in the reader's language: `t` in templates."""
    return text(key, current_locale(), **params)


def name_of(both: Label) -> str:
    """A name in the reader's language: `label` in templates."""
    return both.in_(current_locale())


def keep(response: Response, cookie: str, value: str, *, is_tls: bool) -> None:
    """Remember a choice of language or theme in the browser; it identifies nobody."""
    response.set_cookie(cookie, value, max_age=COOKIE_SECONDS, samesite="Lax", secure=is_tls, httponly=True)


def _accepted() -> str:
    for language, _quality in request.accept_languages:
        prefix = language.split("-")[0].lower()
        if prefix in LOCALES:
            return prefix
    return DEFAULT_LOCALE
