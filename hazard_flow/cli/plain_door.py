"""The door without TLS beside a server that has it: the pages by which a tablet learns to trust us, and the way to HTTPS for the rest."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from hazard_flow.web.tls.naming import NameRefused, read

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: public pages that say how to trust the certificate, and what they are drawn with
OPEN = ("/tls", "/tls/", "/static/")


def plain_door(flask: "WSGIApplication", *, secure_url: str) -> "WSGIApplication":
    """An application for the plain port; `secure_url` is where HTTPS listens, the host is kept as the visitor wrote it."""
    secure = urlsplit(secure_url)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", "/"))
        if environ.get("REQUEST_METHOD") in ("GET", "HEAD") and (
            path == OPEN[0] or path.startswith(OPEN[1:])
        ):
            return flask(environ, start_response)
        host = _host(environ.get("HTTP_HOST", "")) or secure.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        port = f":{secure.port}" if secure.port else ""
        location = f"https://{shown}{port}{_same(environ)}"
        start_response("308 Permanent Redirect", [("Location", location), ("Content-Length", "0")])
        return [b""]

    return answer


def _host(given: Any) -> str:
    """The host of a Host header, where it is one."""
    try:
        return read([urlsplit(f"//{given}").hostname or ""]).texts[0]
    except (NameRefused, ValueError):
        return ""


def _same(environ: "WSGIEnvironment") -> str:
    """Path and query, written anew: what a visitor sent must not end a header."""
    path = quote(str(environ.get("PATH_INFO", "/")).encode("latin-1"))
    query = quote(str(environ.get("QUERY_STRING", "")).encode("latin-1"), safe="=&%+:,;/?@")
    return f"{path}?{query}" if query else path
