"""How assets look on the map: a shape for each kind, a weight of line for each pressure tier."""

from hazard_flow.assets.map.layers import Style

#: Tiers of GB 50028 as `kinds.v1.yaml` names them, the highest pressure first. Colour is kept for danger: pressure is told by weight,
#: by dashes and by shades of the house's own green and slate.
TIERS = (
    Style("high", "map.tier.high", "tier-1", size_px=4.5),
    Style("sub_high", "map.tier.sub_high", "tier-2", size_px=3.6, dash=(12, 3)),
    Style("medium_a", "map.tier.medium_a", "tier-3", size_px=2.8),
    Style("medium_b", "map.tier.medium_b", "tier-4", size_px=2.2),
    Style("low", "map.tier.low", "tier-5", size_px=1.5),
    Style("unknown", "map.tier.unknown", "ink-3", size_px=1.5, dash=(3, 4)),
)
#: from afar only what carries much is drawn: zoom below which a view leaves the rest out → the tiers it keeps
FROM_AFAR = (
    (12, ("high_a", "high_b", "sub_high_a", "sub_high_b")),
    (13, ("high_a", "high_b", "sub_high_a", "sub_high_b", "medium_a")),
    (14, ("high_a", "high_b", "sub_high_a", "sub_high_b", "medium_a", "medium_b")),
)
#: every spelling of a tier → its look
_LOOKS = {
    "high_a": "high",
    "high_b": "high",
    "high": "high",
    "sub_high_a": "sub_high",
    "sub_high_b": "sub_high",
    "sub_high": "sub_high",
    "medium_a": "medium_a",
    "medium": "medium_a",
    "medium_b": "medium_b",
    "low": "low",
}
KINDS = (
    Style("station", "map.kind.station", "ink", "hexagon", 18),
    Style("regulator", "map.kind.regulator", "brand", "bar", 14),
    Style("valve_well", "map.kind.valve_well", "brand", "cross", 13),
    Style("detector", "map.kind.detector", "brand-2", "triangle", 12),
    Style("construction_site", "map.kind.construction_site", "ink", "triangle", 15),
    Style("cylinder", "map.kind.cylinder", "ink-2", "square", 9),
    Style("user", "map.kind.user", "ink-3", "house", 10),
    Style("many", "map.kind.many", "brand-2", "dot", 16),
)
_KIND_KEYS = frozenset(style.key for style in KINDS)


def tiers_at(zoom: int) -> tuple[str, ...]:
    """The tiers a view of this zoom keeps; none named: all."""
    return next((tiers for below, tiers in FROM_AFAR if zoom < below), ())


def tier_look(tier: object) -> str:
    """The look of a pipe of this tier."""
    return _LOOKS.get(str(tier), "unknown")


def kind_look(kind: str) -> str:
    """The look of an asset of this kind; a kind nobody has drawn yet is a dot of many."""
    return kind if kind in _KIND_KEYS else "many"
