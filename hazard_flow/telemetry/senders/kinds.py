"""The kinds of sender there are: what each is called, and what may be set of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from hazard_flow.i18n import Label


@dataclass(frozen=True)
class Kind:
    """A kind of sender. `settings` in the order of the form; recommended settings of the other system stand in the manual."""

    key: str
    label: Label
    settings: tuple[str, ...] = ()


def _called(name: str, *settings: str) -> Kind:
    return Kind(name.lower(), Label(zh=name, en=name), settings)


KINDS: Mapping[str, Kind] = {
    one.key: one
    for one in (
        _called("Alertmanager"),
        _called("Grafana"),
        _called("Zabbix", "zone"),
        _called("ThingsBoard", "device", "quantities"),
        _called("CloudEvents", "quantities"),
        _called("PagerDuty"),
        Kind(
            "generic",
            Label(zh="通用 JSON（字段映射）", en="Other JSON (field mapping)"),
            ("mapping", "device"),
        ),
        Kind("mqtt", Label(zh="MQTT 消息代理", en="MQTT broker"), ("shard", "quantities")),
    )
}
