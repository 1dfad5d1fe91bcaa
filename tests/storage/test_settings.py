"""A wrong setting refuses to start, naming itself and the allowed form."""

from pathlib import Path

import pytest

from hazard_flow.settings import SettingsRefused, load_settings

REFUSED = {
    "DATABASE_URL": ("mysql://x", "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"),
    "DATABASE_OWNER_URL": ("postgres://x", "postgresql+psycopg://"),
    "SECRET_KEY": ("short", "at least 32 characters"),
    "MQTT_URL": ("http://broker", "mqtt://… or mqtts://…"),
    "MQTT_SHARDS": ("a,b/c", "without / + #"),
    "TELEMETRY_HOURS": ("24", "greater than or equal to 48"),
    "SMTP_URL": ("mail.example", "smtp://… or smtps://…"),
    "STORAGE_URL": ("/var/store", "file:///… or s3://…"),
    "TSA_URL": ("ftp://tsa", "http://… or https://…"),
    "MAP_TILES_URL": ("tiles", "http://… or https://…"),
    "PUBLIC_URL": ("example.cn", "http://… or https://…"),
    "TIME_ZONE": ("Beijing", "an IANA zone such as Asia/Shanghai"),
}


@pytest.mark.parametrize(("name", "value", "allowed"), [(n, v, a) for n, (v, a) in REFUSED.items()])
def test_it_names_the_setting_and_the_allowed_form(name: str, value: str, allowed: str):
    with pytest.raises(SettingsRefused) as refusal:
        load_settings({f"HAZARD_FLOW_{name}": value})

    assert f"HAZARD_FLOW_{name}: allowed is" in str(refusal.value)
    assert allowed in str(refusal.value)


def test_it_never_prints_a_secret():
    with pytest.raises(SettingsRefused) as refusal:
        load_settings({"HAZARD_FLOW_SECRET_KEY": "hush-hush"})

    assert "hush-hush" not in str(refusal.value)


def test_all_wrong_ones_are_named_at_once():
    with pytest.raises(SettingsRefused) as refusal:
        load_settings({f"HAZARD_FLOW_{name}": value for name, (value, _) in REFUSED.items()})

    assert [name for name in REFUSED if f"HAZARD_FLOW_{name}:" not in str(refusal.value)] == []


def test_a_setting_nobody_knows_is_refused_with_the_list():
    with pytest.raises(
        SettingsRefused, match=r"HAZARD_FLOW_DATABSE_URL: there is no such setting.*DATABASE_URL"
    ):
        load_settings({"HAZARD_FLOW_DATABSE_URL": "sqlite:///x"})


def test_a_value_may_stand_in_a_file(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text("k" * 40 + "\n")

    assert load_settings({"HAZARD_FLOW_SECRET_KEY_FILE": str(file)}).secret_key() == "k" * 40


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(SettingsRefused, match="HAZARD_FLOW_SECRET_KEY_FILE: allowed is a readable file"):
        load_settings({"HAZARD_FLOW_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_a_wrong_value_in_a_file_is_refused_too(tmp_path: Path):
    (tmp_path / "url").write_text("mysql://x")

    with pytest.raises(SettingsRefused, match="HAZARD_FLOW_DATABASE_URL: allowed is"):
        load_settings({"HAZARD_FLOW_DATABASE_URL_FILE": str(tmp_path / "url")})


def test_other_peoples_variables_are_left_alone():
    assert load_settings({"PATH": "/bin", "DATABASE_URL": "mysql://x"}).DATABASE_URL == ""


def test_the_defaults_run_one_box(tmp_path: Path):
    settings = load_settings({}, DATA_DIR=tmp_path)

    assert settings.database_url == settings.owner_url == f"sqlite:///{tmp_path / 'hazard_flow.db'}"
    assert settings.storage_url == (tmp_path / "store").as_uri()
    assert settings.zone.key == "Asia/Shanghai"


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    first = load_settings({}, DATA_DIR=tmp_path / "data").secret_key()
    again = load_settings({}, DATA_DIR=tmp_path / "data").secret_key()

    assert first == again
    assert len(first) >= 48
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o077 == 0
