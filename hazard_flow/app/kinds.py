"""What can be imported and exported here."""

from hazard_flow.assets.importing.kinds import asset_files
from hazard_flow.catalogue import kinds as catalogue_kinds
from hazard_flow.daily_work.importing import work_files
from hazard_flow.exchange.kinds import Kinds
from hazard_flow.hazards.limits import limits_of
from hazard_flow.hazards.rules import Rules
from hazard_flow.risk.importing import risk_kind
from hazard_flow.telemetry.devices.importing import device_kind


def file_kinds(rules: Rules) -> Kinds:
    """What can be imported and exported here."""
    return Kinds(
        (
            *catalogue_kinds.kinds(limits_of(rules.workflows.values())),
            device_kind(),
            risk_kind(rules.zone),
            *asset_files(),
            *work_files(),
        )
    )
