"""From a hazard's sources to what its closure file says. Pure: the same sources give the same words, whoever asks and whenever."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal

from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.listed import row_kept
from hazard_flow.hazards.protecting import PROTECTED
from hazard_flow.i18n import Label
from hazard_flow.ledger.canonical import canonical
from hazard_flow.reports import passages, process, words
from hazard_flow.reports.closure import (
    ClosureData,
    Exhibit,
    Fact,
    Pair,
    Photo,
    Seal,
    StageReached,
    Text,
    pair_photos,
)
from hazard_flow.reports.doubts import doubted, explained
from hazard_flow.reports.gather import Sources
from hazard_flow.reports.record import Manifested, record
from hazard_flow.reports.seal.sealer import Signer
from hazard_flow.workflow.definition import STAGES

RECORD_NAME = "record.json"
_SIDES = {"PHOTO_BEFORE": "before", "PHOTO_AFTER": "after"}
_COLOUR_ORDER = ("blue", "yellow", "orange", "red")
#: Short names for the band at the top.
_STEPS = {
    "reported": Label(zh="上报", en="Reported"),
    "assigned": Label(zh="交办", en="Assigned"),
    "rectifying": Label(zh="整改", en="Rectifying"),
    "verified": Label(zh="复查", en="Verified"),
    "closed": Label(zh="销号", en="Closed"),
}


def record_of(sources: Sources) -> bytes:
    """The bytes of record.json. Raises BrokenChain when the stored events do not prove each other."""
    hazard = sources.hazard
    facts = {
        "number": hazard.number,
        "title": hazard.title,
        "workflow": f"{hazard.workflow}.v{hazard.workflow_version}",
        "level": hazard.level,
        "urgency": hazard.urgency,
        "stage": hazard.stage,
        "resolution": hazard.resolution,
        "organisation": sources.enterprise.name_zh if sources.enterprise else None,
        "division": hazard.division,
        "place": hazard.place,
        "found_at": instant_text(hazard.found_at),
        "reported_at": instant_text(hazard.reported_at),
        "closed_at": instant_text(hazard.closed_at) if hazard.closed_at else None,
    }
    manifest = [
        Manifested(e.sha256, e.size, e.mime, e.stage, e.event_seq, e.has_original) for e in sources.evidence
    ]
    proof = sources.proof
    return canonical(
        record(
            facts,
            sources.bodies,
            evidence=manifest,
            proof=proof.as_dict() if proof else None,
            checkpoint=proof.checkpoint.as_dict() if proof else None,
        )
    )


def document_name(record_bytes: bytes, version: int) -> str:
    """The public name of a version: 96 bits of the record's hash, so nobody finds it by counting hazard numbers."""
    return f"{hashlib.sha256(record_bytes).hexdigest()[:24]}-{version}"


def printable(sources: Sources) -> tuple[str, ...]:
    """SHA-256 of the display copies the file prints."""
    return tuple(
        dict.fromkeys(
            e.shown_sha256 for e in sources.evidence if e.shown_sha256 and e.kind in (*_SIDES, "SIGNATURE")
        )
    )


def compose(
    sources: Sources,
    *,
    record_bytes: bytes,
    version: int,
    verify_url: str,
    qr_asset: str,
    prints: Mapping[str, str],
    signer: Signer | None = None,
) -> ClosureData:
    """The closure file's content. `prints` gives the asset made of each display copy; one that is missing is not printed."""
    hazard = sources.hazard
    assert hazard.closed_at is not None
    pairs = _pairs(sources, prints)
    enterprise: Text = sources.enterprise.label if sources.enterprise else "—"
    return ClosureData(
        number=hazard.number,
        document=document_name(record_bytes, version),
        version=version,
        sealed=signer is not None,
        signer=signer,
        verify_url=verify_url,
        qr_asset=qr_asset,
        zone=str(sources.rules.zone),
        title=hazard.title,
        description=hazard.description,
        organisation=enterprise,
        regulator=sources.regulator.label if sources.regulator else enterprise,
        level=sources.rules.fields.levels.get(hazard.level, words.UNKNOWN),
        level_key=hazard.level,
        urgency=hazard.urgency,
        resolution=sources.rules.fields.resolutions.get(hazard.resolution or "", words.UNKNOWN),
        resolution_key=hazard.resolution or "",
        closed_at=hazard.closed_at,
        found_at=hazard.found_at,
        due_at=hazard.due_at,
        original_due_at=hazard.original_due_at,
        completed_at=hazard.completed_at,
        colours=_colours(sources),
        stages=_stages(sources),
        particulars=_particulars(sources),
        pairs=pairs,
        others=_others(sources, prints),
        doubts=doubted(sources),
        doubt_score=sources.flags.score,
        explained=explained(sources),
        no_photo_reason=_why_no_photo(sources) if not pairs else None,
        assignment=passages.assignment(sources),
        measures=passages.measures(sources),
        readings=passages.readings(sources),
        curve=sources.curve,
        controls=passages.controls(sources),
        log=process.log(sources),
        recheck=passages.recheck(sources),
        conclusion=passages.conclusion(sources),
        cause=passages.cause(sources),
        escalations=process.escalations(sources),
        matters=process.matters(sources),
        not_arisen=process.not_arisen(sources),
        opinions=passages.opinions(sources),
        limits=process.limits(sources),
        exhibits=_exhibits(sources),
        seal=_seal(sources, record_bytes),
    )


def _stages(sources: Sources) -> tuple[StageReached, ...]:
    """When each stage was entered last; the first for the report itself."""
    entered: dict[str, StageReached] = {}
    for event in sources.events:
        stage = event.data.get("stage")
        if stage in _STEPS and event.data.get("from_stage") != stage:
            who = sources.name(event.person) if event.person else "系统"
            entered[stage] = StageReached(stage, _STEPS[stage], event.at, who)
    return tuple(entered.get(stage, StageReached(stage, _STEPS[stage], None)) for stage in STAGES)


def _colours(sources: Sources) -> tuple[str, ...]:
    seen = {event.data.get("colour") for event in sources.events}
    return tuple(colour for colour in _COLOUR_ORDER if colour in seen)


def _particulars(sources: Sources) -> tuple[Fact, ...]:
    hazard, fields = sources.hazard, sources.rules.fields.fields
    first = sources.events[0]
    facts = [Fact(fields["description"].label, hazard.description, wide=True)]
    if hazard.catalogue_code:
        row = row_kept(hazard)
        name = (
            Label(zh=f"{hazard.catalogue_code} {row['title']['zh']}", en=row["title"]["en"])
            if row
            else hazard.catalogue_code
        )
        facts.append(Fact(Label(zh="隐患目录", en="Catalogue"), name, wide=True))
    facts += [
        Fact(fields["place"].label, hazard.place or "—"),
        Fact(
            Label(zh="坐标", en="Coordinates"),
            _position(hazard.lon, hazard.lat),
            _precision(hazard.crs, hazard.accuracy_m),
        ),
        Fact(
            Label(zh="设施", en="Asset"),
            sources.asset.label if sources.asset else "—",
            sources.asset.code if sources.asset else None,
        ),
        Fact(Label(zh="来源", en="Source"), sources.rules.fields.sources.get(hazard.source, hazard.source)),
        Fact(fields["found_at"].label, words.minute(sources, hazard.found_at)),
        Fact(
            Label(zh="上报", en="Reported"),
            f"{_reporter(sources)}　{words.minute(sources, hazard.reported_at)}",
        ),
        Fact(
            Label(zh="责任单位", en="Enterprise"),
            sources.enterprise.label if sources.enterprise else "—",
            sources.enterprise.uscc if sources.enterprise else None,
        ),
        Fact(Label(zh="所属部门", en="Unit"), sources.unit.label if sources.unit else "—"),
        Fact(
            Label(zh="行政区划", en="Division"),
            sources.division.label if sources.division else hazard.division,
            hazard.division,
        ),
        Fact(
            Label(zh="适用流程", en="Workflow"),
            sources.rules.pinned(hazard.workflow, hazard.workflow_version).label,
            f"{hazard.workflow}.v{hazard.workflow_version}",
        ),
    ]
    if hazard.alarm_level is not None:
        level = {
            2: Label(zh="二级（高）", en="level 2 (high)"),
            1: Label(zh="一级（低）", en="level 1 (low)"),
        }
        facts.append(
            Fact(
                Label(zh="最高报警级别", en="Worst alarm"),
                level.get(hazard.alarm_level, str(hazard.alarm_level)),
            )
        )
    facts += [
        words.field_fact(sources, name, first.fields[name])
        for name in ("site_condition", "pressure_kpa", "device")
        if name in first.fields
    ]
    if "onsite_action" in first.fields:
        facts.append(words.field_fact(sources, "onsite_action", first.fields["onsite_action"], wide=True))
    return tuple(facts)


def _reporter(sources: Sources) -> str:
    first = sources.events[0]
    if first.actor == PROTECTED:
        unnamed = words.both("hazards.protected")
        return f"{unnamed.zh} {unnamed.en}"
    return sources.name(first.person) if first.person else "系统 System"


def _position(lon: float | None, lat: float | None) -> str:
    return f"{_degrees(lon)}, {_degrees(lat)}" if lon is not None and lat is not None else "—"


def _degrees(value: float) -> str:
    return format(Decimal(repr(value)).quantize(Decimal("0.000001")), "f")


def _precision(crs: str | None, accuracy_m: float | None) -> Text | None:
    if crs is None or accuracy_m is None:
        return crs
    return Label(zh=f"{crs}，精度 {accuracy_m:g} 米", en=f"accuracy {accuracy_m:g} m")


def _pairs(sources: Sources, prints: Mapping[str, str]) -> tuple[Pair, ...]:
    return pair_photos([
        (photo(e, prints[e.shown_sha256], _SIDES[e.kind]), e.pair_of)
        for e in sources.evidence
        if e.kind in _SIDES and not _stands_alone(e) and e.shown_sha256 is not None and e.shown_sha256 in prints
    ])  # fmt: skip


def _others(sources: Sources, prints: Mapping[str, str]) -> tuple[Photo, ...]:
    return tuple(
        photo(e, prints[e.shown_sha256], e.stage)
        for e in sources.evidence
        if _stands_alone(e) and e.shown_sha256 is not None and e.shown_sha256 in prints
    )


def _stands_alone(e: Evidence) -> bool:
    """A picture of the control or the re-check, not the answer to a photo taken before."""
    return e.kind == "PHOTO_AFTER" and e.stage in ("control", "verify") and e.pair_of is None


def photo(e: Evidence, asset: str, side: str) -> Photo:
    """A picture as printed, by the clock that is nearest to the lens."""
    at, clock = next(
        (at, clock)
        for at, clock in ((e.photo_at, "exif"), (e.captured_at, "device"), (e.received_at, "server"))
        if at
    )
    return Photo(
        asset=asset,
        sha256=e.sha256,
        kind=words.kind(e.kind),
        side=side,
        at=at,
        clock=clock,
        lon=_degrees(e.lon) if e.lon is not None else None,
        lat=_degrees(e.lat) if e.lat is not None else None,
        crs=e.crs,
        event_seq=e.event_seq,
        device_at=e.captured_at,
        received_at=e.received_at,
        clock_skew_s=e.clock_skew_s,
    )


def _why_no_photo(sources: Sources) -> Label | None:
    if sources.hazard.source == "telemetry":
        return Label(
            zh="由监测报警自动建单，以报警信号和现场读数为据。",
            en="Opened by an alarm: its signals and the readings on site are the proof.",
        )
    return None


def _exhibits(sources: Sources) -> tuple[Exhibit, ...]:
    return tuple(
        Exhibit(
            sha256=e.sha256,
            size=e.size,
            mime=e.mime,
            filename=e.filename,
            kind=words.kind(e.kind),
            stage=words.both(f"evidence.stage.{e.stage}"),
            at=e.photo_at or e.captured_at or e.received_at,
            event_seq=e.event_seq,
            doubts=len(sources.flags.of(e.sha256)),
            is_received=e.has_original,
            is_lost=e.is_lost,
        )
        for e in sources.evidence
    )


def _seal(sources: Sources, record_bytes: bytes) -> Seal:
    proof = sources.proof
    return Seal(
        record_name=RECORD_NAME,
        record_size=len(record_bytes),
        record_sha256=hashlib.sha256(record_bytes).hexdigest(),
        head=sources.events[-1].hash,
        events=len(sources.events),
        root=proof.checkpoint.root.hex() if proof else None,
        tree_size=proof.checkpoint.size if proof else None,
        leaf_index=proof.leaf_index if proof else None,
    )
