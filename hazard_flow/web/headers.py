"""Headers every answer carries: what a browser may load, frame, guess and keep."""

from flask import Flask, Response, request

from hazard_flow.web.auth import signed_in

POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
YEAR_SECONDS = 31_536_000


def init_headers(app: Flask, *, is_tls: bool) -> None:
    """Add the headers; HSTS only under TLS, where a mistake can be mended."""

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        if is_tls:
            response.headers.setdefault(
                "Strict-Transport-Security", f"max-age={YEAR_SECONDS}; includeSubDomains"
            )
        if request.endpoint != "static" and "Cache-Control" not in response.headers:
            # Whoever sits down at a shared tablet next must not leaf back through somebody else's pages.
            response.headers["Cache-Control"] = "no-store" if signed_in() else "no-cache"
        return response
