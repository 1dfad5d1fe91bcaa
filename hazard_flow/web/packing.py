"""Scripts, styles and words go out packed (gzip) where the browser takes it: a tablet's first load comes over a poor line.

Only what is the same for everybody: what is secret in a page could be guessed from its packed length (BREACH).
"""

import gzip

from flask import Flask, Response, request

#: what is handed out under these addresses holds nothing of anybody
PUBLIC = ("/static/", "/field")
KINDS = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/json",
        "application/manifest+json",
        "image/svg+xml",
    }
)
#: below this a packed answer is hardly a smaller one
BYTES_MIN = 1024
LEVEL = 6


def init_packing(app: Flask) -> None:
    """Pack whole public answers; parts, files of other kinds and answers that were packed before go out as they are."""

    @app.after_request
    def _pack(response: Response) -> Response:
        if (
            not request.path.startswith(PUBLIC)
            or response.mimetype not in KINDS
            or "Content-Encoding" in response.headers
        ):
            return response
        response.vary.add("Accept-Encoding")
        if (
            request.method != "GET"
            or response.status_code != 200
            or not request.accept_encodings["gzip"]
            or (response.content_length or 0) < BYTES_MIN
        ):
            return response
        response.direct_passthrough = False
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        tag, _ = response.get_etag()
        if tag is not None:
            response.set_etag(tag, weak=True)  # the same content, no longer the same bytes
        return response
