"""What the page of the map is drawn from: layers a person may see, where the map opens, what stands in view as a list."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets.map import ground, queries
from hazard_flow.assets.map.layers import ZOOM_MAX, ZOOM_MIN, Layer, Layers, Listed, Viewport
from hazard_flow.assets.map.own_layers import ground_layer
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.unit import scope_of_session

#: pixels of a window nobody has told the size of
WIDTH_PX, HEIGHT_PX = 1000, 700
#: where a map opens that has nothing to show: the middle of the country
NOWHERE = (104.0, 35.8, 4)
#: degrees of longitude a map shows at zoom 0 in one pixel
_WORLD_PX = 256


@dataclass(frozen=True)
class Group:
    """The things of one layer in a list."""

    layer: Layer
    items: Sequence[Listed]


def visible(registered: Layers, actor: Actor, laid: "ground.Ground | None") -> dict[str, Layer]:
    """The layers this person may see, the ground first, in order."""
    layers = {one.key: one for one in registered.by_key.values() if may(actor, one.right)}
    lowest = ground_layer(laid)
    return {lowest.key: lowest, **layers} if laid is not None else layers


def laid_for(session: Session, actor: Actor, *, is_demo: bool) -> "ground.Ground | None":
    """The ground under this person's map: their own organisation's, a regulator's, in the demo the demo's."""
    row = queries.ground(session, homes=home_ids(session), divisions=[h.division for h in actor.holdings])
    if row is not None:
        return ground.known(row.body, row.crs)
    return ground.demo() if is_demo else None


def chosen(raw: Mapping[str, str], layers: Mapping[str, Layer]) -> tuple[str, ...]:
    """The layers an address asks for; without a word those that are on by themselves. Raises BadRequest."""
    if "layers" not in raw:
        return tuple(key for key, layer in layers.items() if layer.is_on)
    asked = [one for one in raw["layers"].split(",") if one]
    unknown = [one for one in asked if one not in layers]
    if unknown:
        choices = ", ".join(layers)
        raise BadRequest("layers", fields=[FieldError("layers", "not_a_choice", {"choices": choices})])
    return tuple(key for key in layers if key in asked)


def opening(
    session: Session, laid: "ground.Ground | None", *, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX
) -> tuple[float, float, int]:
    """Where a map opens that nobody has moved yet: longitude, latitude and zoom at which everything there is can be seen."""
    box = queries.extent(session) or (laid.box if laid is not None else None)
    if box is None:
        return NOWHERE
    west, south, east, north = box
    zoom = ZOOM_MAX - 3
    while zoom > ZOOM_MIN and (
        (east - west) * _WORLD_PX * 2**zoom / 360 > width_px * 0.9
        or (north - south) * 1.2 * _WORLD_PX * 2**zoom / 360 > height_px * 0.9
    ):
        zoom -= 1
    return (west + east) / 2, (south + north) / 2, zoom


def listed(
    session: Session,
    layers: Mapping[str, Layer],
    keys: Collection[str],
    viewport: Viewport,
    locale: str,
    now: datetime,
) -> list[Group]:
    """What stands in view, by layer, the topmost layer first; layers without anything are left out."""
    found = [
        Group(layer, layer.lists(session, viewport, locale, now))
        for layer in reversed(list(layers.values()))
        if layer.key in keys and layer.lists is not None
    ]
    return [group for group in found if group.items]


def described(layers: Mapping[str, Layer], locale: str) -> list[dict[str, Any]]:
    """The layers as the script in the browser needs them."""
    return [
        {
            "key": layer.key,
            "listed": layer.lists is not None,
            "follows": layer.follows,
            "styles": {
                one.key: {
                    "label": text(one.label, locale),
                    "colour": one.colour,
                    "edge": one.edge,
                    "shape": one.shape,
                    "size": one.size_px,
                    "dash": list(one.dash),
                }
                for one in layer.styles
            },
        }
        for layer in layers.values()
    ]


def home_ids(session: Session) -> list[uuid.UUID]:
    """The whole organisations of whoever reads."""
    return [uuid.UUID(home.removesuffix("/")) for home in scope_of_session(session).homes]
