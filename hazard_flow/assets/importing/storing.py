"""Judged rows against what is stored, some thousands at a time: what is new is added, what differs corrected, the rest left alone."""

import base64
import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.importing.faults import fault_of
from hazard_flow.assets.importing.judging import Judged
from hazard_flow.assets.kinds import kind_of
from hazard_flow.assets.merging import BOX, SAID, Merged, fresh, merged
from hazard_flow.assets.models import Asset, AssetChange
from hazard_flow.errors import FieldError
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import RowChange
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Personal
from hazard_flow.schedule.bulk import among, append_rows, update_rows
from hazard_flow.storage.base import new_id

_SALT_BYTES, _KEY_BYTES = 16, 10
#: columns a correction may touch, written together because rows of one statement have the same ones
_CORRECTED = (*SAID, *BOX, "path", "details", "personal_digest", "version")
_READ = ("id", "home_id", "code", "path", "ended_at", "version", "personal_digest", "details", *SAID, *BOX)


class Store:
    """Takes batches of judged rows within one transaction."""

    def __init__(self, session: Session, *, source: str, actor: Actor, now: datetime) -> None:
        self._session = session
        self._source, self._person_id, self._now = source, actor.id, now
        self._scope = actor.scope

    def take(self, batch: Sequence[Judged], *, writes: bool) -> tuple[list[RowChange], list[RowFault]]:
        """What the rows change, and where they do not fit; written unless the file is refused already."""
        stored = self._stored(batch)
        added: list[tuple[Judged, Merged]] = []
        corrected: list[tuple[Judged, Mapping[str, Any], Merged]] = []
        changes: list[RowChange] = []
        faults: list[RowFault] = []
        for one in batch:
            before = stored.get(one.key)
            if before is None:
                made, missing = fresh(one.code, one.kind, one.said)
                added.append((one, made))
                changes.append(RowChange(one.row, "added", one.code, "", made.columns["name_zh"]))
            elif before["ended_at"] is not None:
                missing = [FieldError("code", "out_of_use", {"value": one.code})]
            elif not self._scope.sees(path=before["path"], division=""):
                missing = [FieldError("code", "of_another_unit", {"value": one.code})]
            else:
                made, missing = _correction(one, before)
                if made.changes:
                    corrected.append((one, before, made))
                    changes.append(_change(one, made))
            faults += [fault_of(one.row, wrong) for wrong in missing]
        if writes and not faults:
            self._add(added)
            self._correct(corrected)
        return changes, faults

    def _stored(self, batch: Sequence[Judged]) -> dict[tuple[uuid.UUID, str], Mapping[str, Any]]:
        homes: dict[uuid.UUID, list[str]] = {}
        for one in batch:
            homes.setdefault(one.home_id, []).append(one.code)
        columns = [getattr(Asset, name) for name in _READ]
        found: dict[tuple[uuid.UUID, str], Mapping[str, Any]] = {}
        for home, codes in homes.items():
            rows = self._session.execute(
                sa.select(*columns, Personal.value.label("personal"))
                .outerjoin(Personal, Personal.digest == Asset.personal_digest)
                .where(Asset.home_id == home, among(self._session, Asset.code, codes))
            )
            for row in rows:
                found[home, row.code] = dict(row._mapping)
        return found

    def _add(self, added: Sequence[tuple[Judged, Merged]]) -> None:
        if not added:
            return
        keys = base64.b32encode(secrets.token_bytes(_KEY_BYTES * len(added))).decode().lower()
        personal: list[dict[str, Any]] = []
        rows = []
        for place, (one, made) in enumerate(added):
            owner, id_ = one.owner, new_id()
            division = made.columns.get("division", owner.division)
            digest = self._personal(personal, made.personal, id_, owner.path, division)
            rows.append(
                {
                    "id": id_, "home_id": one.home_id, "organisation_id": owner.id, "path": owner.path, "code": one.code,
                    "kind": one.kind.key, **made.columns, "division": division, "personal_digest": digest,
                    "label_key": keys[16 * place : 16 * place + 16], "source": self._source, "version": 1, "ended_at": None,
                    "created_at": self._now,
                }
            )  # fmt: skip
        append_rows(self._session, Asset.__table__, rows)
        append_rows(self._session, Personal.__table__, personal)

    def _correct(self, corrected: Iterable[tuple[Judged, Mapping[str, Any], Merged]]) -> None:
        rows, notes, dropped = [], [], []
        personal: list[dict[str, Any]] = []
        for _, before, made in corrected:
            after = {**before, **made.columns}
            digest = before["personal_digest"]
            if made.personal is not None:
                if digest is not None:
                    dropped.append(digest)
                digest = self._personal(
                    personal, made.personal, before["id"], after["path"], after["division"]
                )
            changed = {**after, "personal_digest": digest, "version": before["version"] + 1}
            rows.append({"id": before["id"], **{name: changed[name] for name in _CORRECTED}})
            notes.append(
                {
                    "id": new_id(), "home_id": before["home_id"], "organisation_id": after["organisation_id"], "path": after["path"],
                    "division": after["division"], "asset_id": before["id"], "at": self._now, "person_id": self._person_id,
                    "source": self._source,
                    "changes": {
                        name: [str(v) if isinstance(v, uuid.UUID) else v for v in pair] for name, pair in made.changes.items()
                    },
                }
            )  # fmt: skip
        if not rows:
            return
        append_rows(self._session, Personal.__table__, personal)
        update_rows(self._session, Asset.__table__, rows)
        append_rows(self._session, AssetChange.__table__, notes)
        if dropped:
            self._session.execute(sa.delete(Personal).where(among(self._session, Personal.digest, dropped)))

    @staticmethod
    def _personal(
        rows: list[dict[str, Any]], value: str | None, subject_id: uuid.UUID, path: str, division: str
    ) -> str | None:
        if not value:
            return None
        salt = secrets.token_bytes(_SALT_BYTES)
        digest = hashlib.sha256(salt + value.encode()).hexdigest()
        rows.append(
            {
                "digest": digest, "subject_id": subject_id, "path": path, "division": division, "salt": salt, "value": value,
                "erased_at": None,
            }
        )  # fmt: skip
        return digest


def _correction(one: Judged, before: Mapping[str, Any]) -> tuple[Merged, Sequence[FieldError]]:
    one.said.columns["kind"] = one.kind.key
    if one.names_owner and one.owner.id != before["organisation_id"]:
        one.said.columns["organisation_id"] = one.owner.id
        one.said.columns.setdefault("division", one.owner.division)
        one.said.columns["path"] = one.owner.path
    return merged(before, before["personal"], one.kind, one.said)


def _change(one: Judged, made: Merged) -> RowChange:
    kind = kind_of(one.kind.key)
    shown = {name: pair for name, pair in made.changes.items() if pair}
    hidden = [
        name for name, pair in made.changes.items() if not pair and kind.personal and name in kind.personal
    ]
    before = ", ".join(
        [f"{name}={_short(pair[0])}" for name, pair in shown.items()] + [f"{name}=…" for name in hidden]
    )
    after = ", ".join(
        [f"{name}={_short(pair[1])}" for name, pair in shown.items()] + [f"{name}=…" for name in hidden]
    )
    return RowChange(one.row, "changed", one.code, before, after)


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
