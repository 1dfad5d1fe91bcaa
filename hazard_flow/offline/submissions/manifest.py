"""The manifest (提交清单) a tablet freezes before it sends: what it must look like, and what it says. Bytes in, frozen values out."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.evidence.intake import Limits
from hazard_flow.evidence.kinds import KINDS
from hazard_flow.storage.json_text import from_outside

#: the newest two forms are taken, so that a tablet may be one release behind
VERSIONS = (1,)
ATTACHMENTS_MAX = 50
JSON_DEPTH_MAX = 12
SIZE_BYTES_MAX = Limits().video_bytes_max
#: places that say where the camera stood; a tap on the map says where the hazard is
STOOD_THERE = ("device", "exif")


def _instant(at: datetime) -> datetime:
    if at.tzinfo is None or not 2000 <= at.year <= 2100:
        raise ValueError("an instant with its offset from UTC, such as 2026-05-01T08:30:00+08:00")
    return at.astimezone(UTC)


def _decimal(raw: object) -> object:
    if raw is None or (isinstance(raw, str | int) and not isinstance(raw, bool)):
        return raw if raw != "" else None
    if isinstance(raw, float):  # what a positioning device says of its own accuracy
        return str(round(raw, 2))
    raise ValueError("a decimal number as text")


def _known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"no kind of evidence {kind[:40]!r}")
    return kind


Instant = Annotated[datetime, AfterValidator(_instant)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Degrees = Annotated[Decimal, BeforeValidator(_decimal), Field(max_digits=24, decimal_places=16)]
Metres = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=10_000_000)]
Thousandth = Annotated[int, Field(ge=0, le=1000, strict=True)]
Short = Annotated[str, Field(max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mark(_Part):
    """An arrow (from 1 to 2) or a circle (centre 1, a point of its rim 2) over the photo, in thousandths of its sides."""

    shape: Literal["arrow", "circle"]
    x1: Thousandth
    y1: Thousandth
    x2: Thousandth
    y2: Thousandth


class File(_Part):
    """Bytes that will come."""

    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=SIZE_BYTES_MAX, strict=True)]
    mime: Annotated[str, Field(max_length=100)] = ""


class Original(File):
    """The file as the camera wrote it."""

    filename: Short = ""


class Meta(BaseModel):
    """What the tablet knows of a file; words of a newer app that nobody here knows yet stay in the manifest's bytes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Annotated[str, AfterValidator(_known_kind)]
    field: Short | None = None
    pair_of: Sha256 | None = None
    captured_at: Instant | None = None
    lon: Annotated[Degrees, Field(ge=-180, le=180)] | None = None
    lat: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    accuracy_m: Metres | None = None
    crs: Short | None = None
    source: Literal["device", "exif", "map", "none"] | None = None
    exif: dict[str, Any] | None = None
    marks: Annotated[list[Mark], Field(max_length=50)] | None = None

    @property
    def stood_there(self) -> bool:
        """Whether its place is where the camera was."""
        return self.lon is not None and self.lat is not None and self.source in (None, *STOOD_THERE)


class Attachment(_Part):
    """A photo, document or video: the copy for the eye where there is one, the original, and what is known of it."""

    display: File | None = None
    original: Original
    meta: Meta

    @property
    def first(self) -> File:
        """What must have come before anybody can look at it."""
        return self.display or self.original


class ReportPayload(_Part):
    """A new hazard, as the API's `NewHazard`."""

    asset: Short | None = None
    organisation: Annotated[str, Field(max_length=40)] | None = None
    source: Annotated[str, Field(max_length=40)] = "self_inspection"
    action: Annotated[str, Field(max_length=40)] | None = None
    reopen_of: Annotated[str, Field(max_length=40)] | None = None
    data: dict[str, Any]


class ActPayload(_Part):
    """An act on a hazard, with the version the tablet knew."""

    number: Annotated[str, Field(max_length=40)]
    action: Annotated[str, Field(max_length=40)]
    expected_version: Annotated[int, Field(ge=0, le=2**31, strict=True)] | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class RoundPayload(_Part):
    """A round that was done: which, and its paper as the API's `GivenRound`, numbers as text."""

    round: Annotated[str, Field(max_length=40)]
    data: dict[str, Any]


class _Head(BaseModel):
    """What both kinds share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: Annotated[int, Field(strict=True)]
    captured_at: Instant
    attachments: Annotated[list[Attachment], Field(max_length=ATTACHMENTS_MAX)] = Field(default_factory=list)


class ReportManifest(_Head):
    """A report."""

    kind: Literal["report"]
    payload: ReportPayload


class ActManifest(_Head):
    """An act."""

    kind: Literal["act"]
    payload: ActPayload


class RoundManifest(_Head):
    """A round."""

    kind: Literal["round"]
    payload: RoundPayload


Manifest = ReportManifest | ActManifest | RoundManifest
_MODELS: Mapping[str, type[ReportManifest] | type[ActManifest] | type[RoundManifest]] = {
    "report": ReportManifest,
    "act": ActManifest,
    "round": RoundManifest,
}


def read_manifest(raw: bytes) -> Manifest:
    """The manifest these bytes are; raises BadRequest naming every field that does not fit, and what to do."""
    body = _object(raw)
    if body.get("v") not in VERSIONS:
        known = [str(v) for v in VERSIONS]
        _refuse(FieldError("v", "manifest_version", {"found": str(body.get("v"))[:20], "known": known}))
    model = _MODELS.get(str(body.get("kind")))
    if model is None:
        _refuse(FieldError("kind", "not_a_choice", {"choices": list(_MODELS)}))
    try:
        manifest = model.model_validate(body)
    except ValidationError as error:
        raise BadRequest("no manifest", fields=[_field_error(one) for one in error.errors()]) from error
    wrong = [*_floats(manifest.payload.data, "payload.data"), *_twice(manifest)]
    if wrong:
        raise BadRequest("no manifest", fields=wrong)
    return manifest


def files_of(manifest: Manifest) -> Iterator[tuple[Literal["display", "original"], Attachment, File]]:
    """Every file once, copies for the eye before originals; one that is both counts as the original."""
    originals = {one.original.sha256 for one in manifest.attachments}
    for one in manifest.attachments:
        if one.display is not None and one.display.sha256 not in originals:
            yield "display", one, one.display
    for one in manifest.attachments:
        yield "original", one, one.original


def state_of(manifest: Manifest, received: frozenset[str]) -> Literal["arriving", "usable", "complete"]:
    """How far it has come: something to look at of every file, then every original."""
    if all(file.sha256 in received for _, _, file in files_of(manifest)):
        return "complete"
    if all(one.first.sha256 in received for one in manifest.attachments):
        return "usable"
    return "arriving"


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = from_outside(raw, depth_max=JSON_DEPTH_MAX)
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not JSON", fields=[FieldError("", "not_json")]) from error
    if not isinstance(body, dict):
        _refuse(FieldError("", "not_an_object"))
    return body


def _floats(value: Any, place: str) -> Iterator[FieldError]:
    """Numbers the event chain cannot hold: it knows integers and decimal text."""
    if isinstance(value, float):
        yield FieldError(place, "number_as_text")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _floats(inner, f"{place}.{name}"[:200])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _floats(inner, f"{place}.{index}")


def _twice(manifest: Manifest) -> Iterator[FieldError]:
    """One file under one hash, of one size."""
    sizes: dict[str, int] = {}
    seen: set[str] = set()
    for index, one in enumerate(manifest.attachments):
        if one.original.sha256 in seen:
            yield FieldError(f"attachments.{index}.original.sha256", "same_file_twice")
        seen.add(one.original.sha256)
        for name, file in (("display", one.display), ("original", one.original)):
            if file is not None and sizes.setdefault(file.sha256, file.size) != file.size:
                yield FieldError(f"attachments.{index}.{name}.size", "two_sizes")


def _field_error(one: Any) -> FieldError:
    place = ".".join(str(step) for step in one["loc"])
    code = {"missing": "required", "extra_forbidden": "unknown_field"}.get(str(one["type"]), "wrong_type")
    return FieldError(place, code, {"reason": str(one["msg"])[:200]})


def _refuse(error: FieldError) -> NoReturn:
    raise BadRequest("no manifest", fields=[error])
