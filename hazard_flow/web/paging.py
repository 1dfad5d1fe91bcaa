"""Links of keyset pages: the same address with another cursor."""

from typing import Any
from urllib.parse import urlencode

from flask import request

from hazard_flow.storage.paging import Page, read_limit
from hazard_flow.web.views import Paging


def asked() -> tuple[str | None, int]:
    """Cursor and limit of this request; a wrong limit is refused."""
    return request.args.get("cursor") or None, read_limit(request.args.get("limit"))


def links(page: Page[Any], *, total: int | None = None) -> Paging:
    """First and next page of the list this request shows."""
    cursor = request.args.get("cursor")
    return Paging(
        shown=len(page.items),
        total=total,
        first_href=_with(None) if cursor else None,
        next_href=_with(page.next_cursor) if page.next_cursor else None,
    )


def _with(cursor: str | None) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    if cursor:
        kept.append(("cursor", cursor))
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
