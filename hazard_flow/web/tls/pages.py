"""`/tls`: how a tablet comes to trust this server, for people who stand before it with a screwdriver in the other hand."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request

from hazard_flow.errors import NotFound
from hazard_flow.web.auth import public
from hazard_flow.web.context import kernel
from hazard_flow.web.tls import authority
from hazard_flow.web.tls.authority import AuthorityRefused, Certificate
from hazard_flow.web.tls.files import files_of
from hazard_flow.web.tls.qr import qr_image

blueprint = Blueprint("tls", __name__)

SYSTEMS = ("android", "ipad", "windows")
MIME = "application/x-x509-ca-cert"
#: the certificate changes only when somebody makes a new authority
_KEEP = "no-cache"


@blueprint.get("/tls")
@public
def page() -> str:
    public_url = kernel().settings.PUBLIC_URL
    return render_template(
        "tls.html",
        authority=_authority(),
        is_https=public_url.startswith("https://"),
        here=f"{request.scheme}://{request.host}/tls",
        qr=qr_image(f"{request.scheme}://{request.host}/tls"),
        field=f"https://{_here(urlsplit(public_url).port)}/field",
        systems=SYSTEMS,
    )


@blueprint.get("/tls/ca.crt")
@public
def certificate() -> Response:
    files = files_of(kernel().settings)
    if files.authority is None or _authority() is None:
        raise NotFound("no authority of our own")
    response = Response(authority.der(files.authority), mimetype=MIME)
    response.headers["Content-Disposition"] = 'attachment; filename="hazard-flow-ca.crt"'
    response.headers["Cache-Control"] = _KEEP
    return response


def _here(port: int | None) -> str:
    """The server as the visitor wrote it, on the port that speaks TLS."""
    parts = urlsplit(f"//{request.host}")
    host = parts.hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown


def _authority() -> Certificate | None:
    """Our own authority, where there is one that can be read."""
    path = files_of(kernel().settings).authority
    try:
        return authority.look(path) if path is not None else None
    except (AuthorityRefused, OSError):
        return None
