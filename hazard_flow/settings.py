"""Every setting: `HAZARD_FLOW_<NAME>`, or `HAZARD_FLOW_<NAME>_FILE` naming a file that holds the value. A wrong value refuses to start."""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "HAZARD_FLOW_"


class SettingsRefused(Exception):
    """One or more settings are wrong; the message names each and the allowed form."""


class Settings(BaseSettings):
    """The deployment's choices; the defaults run one box with the embedded database."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    #: SQLAlchemy URL of the application's role; SQLite under DATA_DIR when empty
    DATABASE_URL: str = ""
    #: URL of the role that owns the tables (migrations); DATABASE_URL when empty
    DATABASE_OWNER_URL: str = ""
    #: folder of the embedded database, evidence and keys
    DATA_DIR: Path = Path("data")
    #: signs cookies and links, at least 32 characters; made and kept under DATA_DIR when empty
    SECRET_KEY: SecretStr = SecretStr("")
    #: mqtt://[user:password@]host:port or mqtts://…; no MQTT when empty
    MQTT_URL: str = ""
    #: who signed the broker's certificate: PEM text or the path of a PEM file; the system's authorities when empty
    MQTT_CA: str = ""
    #: path of a PEM file with our own certificate and its key, for a broker that asks for one
    MQTT_CERTIFICATE: str = ""
    #: shards of the topics gas/<shard>/#, comma-separated: a consumer each, spread over the workers; one for all when empty
    MQTT_SHARDS: str = ""
    #: hours that device messages and samples are kept once evaluated (48 at least); what belongs to a hazard stays for ever
    TELEMETRY_HOURS: int = Field(default=72, ge=48)
    #: where evidence is kept: file:///path or s3://bucket/prefix; DATA_DIR/store when empty
    STORAGE_URL: str = ""
    #: smtp://[user:password@]host:port?from=address; no mail when empty
    SMTP_URL: str = ""
    #: further notification targets, comma-separated
    NOTIFY_URLS: str = ""
    #: RFC 3161 time-stamping service
    TSA_URL: str = ""
    #: where the ledger's checkpoints go beside the file under DATA_DIR: file:///path, mailto:address, http(s)://…; comma-separated
    LEDGER_URLS: str = ""
    #: sealing key: a PKCS#12 file (.p12) or pkcs11:token=…;object=…?module-path=…; DATA_DIR/keys/seal.p12 when empty
    SIGNING_KEY: str = ""
    #: passphrase of that file, or PIN of that token
    SIGNING_KEY_PASSPHRASE: SecretStr = SecretStr("")
    #: IANA zone in which days and working hours are counted
    TIME_ZONE: str = "Asia/Shanghai"
    #: path of a PEM file with the server's certificate and its chain, for `serve --tls`; the one `tls init` made when empty
    TLS_CERTIFICATE: str = ""
    #: path of the PEM file with its key
    TLS_KEY: str = Field(default="", validate_default=True)
    #: address people reach this system at, printed in links and QR codes
    PUBLIC_URL: str = "http://127.0.0.1:8080"
    #: number the field app calls in an emergency, as it is dialled: 119, 025-8888 1234; no button when empty
    EMERGENCY_PHONE: str = ""
    #: tile address template of an intranet map; schematic map when empty
    MAP_TILES_URL: str = ""
    #: http(s) address of a dead man's switch, asked every minute while nothing goes unseen; no heartbeat when empty
    HEARTBEAT_URL: SecretStr = SecretStr("")

    @field_validator("DATABASE_URL", "DATABASE_OWNER_URL")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
        return value

    @field_validator("SECRET_KEY")
    @classmethod
    def _secret(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("at least 32 characters, or empty to have one made")
        return value

    @field_validator("MQTT_URL")
    @classmethod
    def _mqtt(cls, value: str) -> str:
        return _starts(value, "mqtt://", "mqtts://")

    @field_validator("MQTT_SHARDS")
    @classmethod
    def _shards(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",") if name.strip()]
        if len(set(names)) < len(names) or any(set(name) & set("/+#") for name in names):
            raise ValueError("names of topic levels, comma-separated, each once and without / + #")
        return ",".join(names)

    @field_validator("SMTP_URL")
    @classmethod
    def _smtp(cls, value: str) -> str:
        return _starts(value, "smtp://", "smtps://")

    @field_validator("STORAGE_URL")
    @classmethod
    def _storage(cls, value: str) -> str:
        return _starts(value, "file:///", "s3://")

    @field_validator("TSA_URL", "MAP_TILES_URL")
    @classmethod
    def _http(cls, value: str) -> str:
        return _starts(value, "http://", "https://")

    @field_validator("LEDGER_URLS")
    @classmethod
    def _outlets(cls, value: str) -> str:
        for one in filter(None, value.split(",")):
            _starts(one.strip(), "file:///", "mailto:", "http://", "https://")
        return value

    @field_validator("HEARTBEAT_URL")
    @classmethod
    def _heartbeat(cls, value: SecretStr) -> SecretStr:
        given = value.get_secret_value()
        try:
            parts = urlsplit(given)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fine = False
        if given and not (fine and given.isascii() and given.isprintable() and " " not in given):
            raise ValueError("http://HOST[:PORT]/PATH or https://…, or empty for no heartbeat")
        return value

    @field_validator("PUBLIC_URL")
    @classmethod
    def _public(cls, value: str) -> str:
        return _starts(value or "-", "http://", "https://").rstrip("/")

    @field_validator("TLS_KEY")
    @classmethod
    def _both_of_tls(cls, value: str, info: ValidationInfo) -> str:
        if bool(value) != bool(info.data.get("TLS_CERTIFICATE")):
            raise ValueError("a path, together with TLS_CERTIFICATE: both or neither")
        return value

    @field_validator("EMERGENCY_PHONE")
    @classmethod
    def _phone(cls, value: str) -> str:
        if value and not re.fullmatch(r"\+?[0-9][0-9 -]{1,19}", value):
            raise ValueError("digits, spaces and hyphens such as 025-8888 1234, or empty")
        return value

    @field_validator("TIME_ZONE")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("an IANA zone such as Asia/Shanghai") from error
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands in; it reads the environment itself to give better errors."""
        return (init_settings,)

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's zone."""
        return ZoneInfo(self.TIME_ZONE)

    @property
    def database_url(self) -> str:
        """The application's database."""
        return self.DATABASE_URL or f"sqlite:///{self.DATA_DIR.resolve() / 'hazard_flow.db'}"

    @property
    def owner_url(self) -> str:
        """The database as its owner sees it."""
        return self.DATABASE_OWNER_URL or self.database_url

    @property
    def storage_url(self) -> str:
        """Where evidence is kept."""
        return self.STORAGE_URL or (self.DATA_DIR.resolve() / "store").as_uri()

    @property
    def mqtt_shards(self) -> tuple[str, ...]:
        """The shards with a consumer of their own; none: one consumer for all."""
        return tuple(filter(None, self.MQTT_SHARDS.split(",")))

    @property
    def telemetry_kept(self) -> timedelta:
        """How long raw telemetry stays at least."""
        return timedelta(hours=self.TELEMETRY_HOURS)

    @property
    def signing_key(self) -> str:
        """Where the sealing key lies; whether there is one shows when it is asked for."""
        return self.SIGNING_KEY or str(self.DATA_DIR.resolve() / "keys" / "seal.p12")

    def secret_key(self) -> str:
        """The signing secret, made once and kept readable by its owner only."""
        given = self.SECRET_KEY.get_secret_value()
        if given:
            return given
        path = self.DATA_DIR / "secret_key"
        if not path.exists():
            self.DATA_DIR.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text().strip()


def load_settings(environ: Mapping[str, str], **overrides: Any) -> Settings:
    """Settings from an environment mapping; raises `SettingsRefused` naming every wrong one and its allowed form."""
    values, problems = _from_environment(environ)
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        settings = Settings(**values)
    except ValidationError as error:
        for item in error.errors():
            name = str(item["loc"][0]) if item["loc"] else "?"
            reason = str(item["ctx"]["error"]) if "ctx" in item and "error" in item["ctx"] else item["msg"]
            problems.append(f"{PREFIX}{name}: allowed is {reason}")
        settings = None
    if problems or settings is None:
        raise SettingsRefused("\n".join(problems))
    return settings


def _from_environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    known = set(Settings.model_fields)
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX)
        if name in known:
            values[name] = value
        elif name.endswith("_FILE") and name.removesuffix("_FILE") in known:
            try:
                values[name.removesuffix("_FILE")] = Path(value).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{variable}: allowed is a readable file of text ({error})")
            if f"{PREFIX}{name.removesuffix('_FILE')}" in environ:
                problems.append(
                    f"{variable}: allowed is this or {PREFIX}{name.removesuffix('_FILE')}, not both"
                )
        else:
            problems.append(
                f"{variable}: there is no such setting; the settings are {', '.join(sorted(known))}"
            )
    return values, problems


def _starts(value: str, *allowed: str) -> str:
    if value and not value.startswith(allowed):
        raise ValueError(" or ".join(f"{a}…" for a in allowed))
    return value
