"""How much a request may carry. Small everywhere; large only for views that take photos."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from hazard_flow.errors import BadRequest, FieldError

View = TypeVar("View", bound=Callable[..., Any])

BODY_BYTES_MAX = 1_000_000
#: twenty photos of ten megabytes and the fields around them
UPLOAD_BYTES_MAX = 220_000_000
FORM_MEMORY_BYTES_MAX = 1_000_000
FORM_PARTS_MAX = 500
_UPLOADS = "hazard_flow_upload_bytes_max"


def uploads(view: View) -> View:
    """Let a view take photos and files."""
    setattr(view, _UPLOADS, UPLOAD_BYTES_MAX)
    return view


def uploads_up_to(most: int) -> Callable[[View], View]:
    """Let a view take some photos, of so many bytes with everything around them."""

    def mark(view: View) -> View:
        setattr(view, _UPLOADS, most)
        return view

    return mark


def init_limits(app: Flask) -> None:
    """Set the limits of each request before anything reads its body."""
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY_BYTES_MAX,
        MAX_FORM_PARTS=FORM_PARTS_MAX,
    )

    @app.before_request
    def _limit() -> None:
        if request.endpoint is not None:
            view = current_app.view_functions[request.endpoint]
            request.max_content_length = getattr(view, _UPLOADS, BODY_BYTES_MAX)
        # No database and no file name takes it, and nobody types it.
        for name, value in request.args.items(multi=True):
            if "\0" in name or "\0" in value:
                raise BadRequest(
                    "control character in the query", fields=[FieldError(name[:40], "control_character")]
                )
