"""`/api/v1/map/<layers>`: what lies in a viewport, layer by layer, as compact lists of whole numbers."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, Field

from hazard_flow.assets.map import shown, viewports
from hazard_flow.assets.map.layers import Layers
from hazard_flow.assets.map.packing import pack, step
from hazard_flow.errors import NotFound
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.openapi import Parameter, operation

blueprint = Blueprint("map_api", __name__, url_prefix=api.PREFIX)

#: how old an answer about what stands still may be
STILL_FOR = timedelta(seconds=30)
#: answers of that kind a process keeps
KEPT_MAX = 128

_EDGE = {"type": "number"}


class LayerView(BaseModel):
    """One layer in a view. Positions are whole steps from the view's south-west corner, y to the north."""

    points: dict[str, list[int]] = Field(default={}, description="style → [x, y, ring, …]")
    clusters: dict[str, list[int]] = Field(default={}, description="style → [x, y, count, ring, …]")
    shares: dict[str, list[int]] = Field(
        default={}, description="styles with commas between → [x, y, ring, count of each style, …]"
    )
    lines: dict[str, list[list[int]]] = Field(default={}, description="style → [[x, y, dx, dy, …], …]")
    areas: list[dict[str, Any]] = Field(default=[], description="[{style, name: [zh, en] | null, rings}]")
    count: int = Field(description="features in this answer")
    cut: bool = Field(description="there is more than the limits let through")


class MapView(BaseModel):
    """What lies in a view."""

    west: float
    south: float
    step: float = Field(description="degrees of one step, in both directions")
    zoom: int
    layers: dict[str, LayerView]


@dataclass
class Kept:
    """Answers about what stands still, for as long as `STILL_FOR`: a city counted by cells is the same for all who pan over it."""

    answers: "OrderedDict[Any, tuple[datetime, str]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Any, now: datetime, make: Callable[[], str]) -> str:
        """The kept answer, or a fresh one."""
        with self._lock:
            kept = self.answers.get(key)
            if kept is not None and timedelta(0) <= now - kept[0] < STILL_FOR:
                self.answers.move_to_end(key)
                return kept[1]
        made = make()
        with self._lock:
            self.answers[key] = (now, made)
            while len(self.answers) > KEPT_MAX:
                self.answers.popitem(last=False)
        return made


@blueprint.get("/map/<layers>")
@operation(
    summary="What lies in a viewport; layers by their keys, several with commas between",
    responses={200: MapView, 304: None},
    parameters=(
        Parameter("west", "Decimal degrees, WGS-84", _EDGE, required=True),
        Parameter("south", "Decimal degrees, WGS-84", _EDGE, required=True),
        Parameter("east", "Decimal degrees, WGS-84", _EDGE, required=True),
        Parameter("north", "Decimal degrees, WGS-84", _EDGE, required=True),
        Parameter(
            "zoom", "As map servers count: 3 to 19", {"type": "integer", "minimum": 3, "maximum": 19}, required=True
        ),
    ),
    tags=["map"],
)  # fmt: skip
def view(layers: str) -> Response:
    actor, at = require("assets.read"), now()
    viewport = viewports.read(request.args)
    with reading(actor) as session:
        laid = shown.laid_for(session, actor, is_demo=kernel().is_demo)
        known = shown.visible(part(Layers), actor, laid)
        asked = list(dict.fromkeys(layers.split(",")))
        if not set(asked) <= set(known):
            raise NotFound(f"layer {layers[:80]}")
        drawn: list[str] = []
        for key in asked:
            layer = known[key]

            def make(layer: Any = layer) -> str:
                packed = pack(layer.draws(session, viewport, at), viewport)
                return json.dumps(packed, separators=(",", ":"), ensure_ascii=False)

            is_kept = layer.is_still and layer.key != "districts"
            body = part(Kept).get((actor.scope, key, viewport), at, make) if is_kept else make()
            drawn.append(f"{json.dumps(key)}:{body}")
    body = (
        f'{{"west":{viewport.west!r},"south":{viewport.south!r},"step":{step(viewport)!r},"zoom":{viewport.zoom},'
        f'"layers":{{{",".join(drawn)}}}}}'
    )
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:24])
    # the browser may keep it for whoever is signed in, and asks each time whether it still holds
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
