"""The kinds of files this feature takes and writes: `assets`, `users`, `network`, `incidents`."""

from functools import partial

from hazard_flow.assets.importing.exporting import write_out
from hazard_flow.assets.importing.reading import read_in
from hazard_flow.exchange.kinds import Kind
from hazard_flow.exchange.tables import ENDINGS
from hazard_flow.i18n import Label

#: kind of file → what its rows are where they do not say
ROW_KINDS = {"assets": "", "users": "user", "network": "pipe_segment", "incidents": "incident_site"}
_LABELS = {
    "assets": Label(zh="设施台账", en="Register of assets"),
    "users": Label(zh="用户台账", en="Register of users"),
    "network": Label(zh="管网", en="Pipe network"),
    "incidents": Label(zh="历史事故点", en="Past incidents"),
}


def asset_files() -> tuple[Kind, ...]:
    """All of them; a network's first form is GeoJSON, because its rows are lines."""
    return tuple(
        Kind(
            key,
            _LABELS[key],
            (".geojson", ".csv", ".xlsx") if key == "network" else ENDINGS,
            partial(read_in, key=key, kind=kind),
            partial(write_out, kind=kind),
            is_large=True,
        )
        for key, kind in ROW_KINDS.items()
    )
