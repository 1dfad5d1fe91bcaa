"""What a device reports through and is supplied by comes from the register: it is what storms and lost links are gathered by."""

import pytest
import sqlalchemy as sa

from hazard_flow.errors import Refused
from hazard_flow.telemetry.models import Device
from tests.telemetry.devices.field import SITES, Field


def row(devices: Field, code: str) -> Device:
    return devices.city.all(sa.select(Device).where(Device.code == code))[0]


def test_a_gateway_is_where_its_own_entry_says_it_stands(devices: Field, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(SITES, "GW-07", "VW-9")
    devices.enter("GW-07", kind="gateway")

    devices.enter("G-101", gateway="GW-07", upstream="VW-9", expect_every_seconds="600")

    found = row(devices, "G-101")
    place = row(devices, "GW-07").site_id
    assert (found.gateway_id, found.upstream_id, found.expect_every_seconds) == (place, place, 600)
    told = devices.person("何安全").json("/api/v1/devices/G-101")
    assert (told["gateway"], told["upstream"], told["expect_every_seconds"]) == ("GW-07", "VW-9", 600)


def test_what_is_taken_out_of_the_register_is_no_longer_depended_on(devices: Field):
    devices.enter("G-101", gateway="VW-9", upstream="VW-9", expect_every_seconds="600")

    devices.enter("G-101")

    found = row(devices, "G-101")
    assert (found.gateway_id, found.upstream_id, found.expect_every_seconds) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("gateway", "GW-99", "unknown_gateway"),
        ("gateway", "G-102", "unknown_gateway"),  # a detector
        ("upstream", "AP-1", "unknown_asset"),  # another enterprise's
        ("expect_every_seconds", "0", "not_an_interval"),
        ("expect_every_seconds", "ten", "not_an_interval"),
        ("expect_every_seconds", "99999999", "not_an_interval"),
    ],
)
def test_what_nobody_knows_is_refused_beside_its_field(devices: Field, name: str, value: str, code: str):
    with pytest.raises(Refused) as refused:
        devices.enter("G-101", **{name: value})

    assert [(one.field, one.code) for one in refused.value.fields] == [(name, code)]
