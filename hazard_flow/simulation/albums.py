"""Which photographs the city's hazards need, when and where each was taken, and what the evidence store made of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from hazard_flow.catalogue import rows as catalogue
from hazard_flow.evidence.items import WGS84, EvidenceItem
from hazard_flow.evidence.operations import receive
from hazard_flow.evidence.store import Store
from hazard_flow.simulation.cast import AssetRow
from hazard_flow.simulation.drawing.camera import Shot
from hazard_flow.simulation.photographs import Order, draw_all
from hazard_flow.simulation.story import Script, Step

#: scenes that are no view of the place: they are not taken again afterwards
_PAPERS = frozenset({"notice"})
_READINGS = frozenset({"instrument"})
#: metres a person stands away from the asset's own coordinates, at most
_STRAY_M = 7.0
_METRES_A_DEGREE = 111_320
_DEVICES = ("TB-003", "TB-008", "TB-011", "TB-017", "TB-022", "TB-026")
#: what must be photographed anew at each action: how many views, and the stage of the evidence
_STAGES: Mapping[str, str] = {
    "report": "report",
    "attach": "control",
    "lift_control": "control",
    "fix_on_site": "rectify",
    "submit": "rectify",
    "pass": "verify",
    "fail": "verify",
}
#: papers an act does not go without
_PAPERS_OF: Mapping[str, tuple[str, ...]] = {
    "serve_notice": ("NOTICE_SIGNED",),
    "record_absence": ("ABSENCE_NOTICE_PHOTO",),
    "report_staff": ("MEETING_RECORD",),
    "notify_staff": ("PUBLIC_NOTICE_PHOTO",),
    "resume_gas": ("GASTIGHT_TEST",),
    "record_penalty": ("ENFORCEMENT_DOC",),
}
#: acts by which work is handed in, with every paper the catalogue asks for
_HANDED_IN = ("submit", "fix_on_site")
#: no papers: photographs, readings and places are told otherwise
_NO_PAPERS = frozenset(
    {"PHOTO_BEFORE", "PHOTO_AFTER", "LEAK_READING_BEFORE", "LEAK_READING_AFTER", "GPS_POINT", "VIDEO"}
)


@dataclass(frozen=True)
class Picture:
    """A photograph that belongs to a step of a script."""

    script: str
    #: −1 for the report itself
    step: int
    order: Order
    kind: str
    stage: str
    #: key of the view, so that an after-photo finds its before-photo
    view: str
    received_at: datetime


Album = Mapping[tuple[str, int], tuple[EvidenceItem, ...]]


def pictures(
    story: Sequence[Script], places: Mapping[str, AssetRow], *, seed: int, zone: ZoneInfo
) -> list[Picture]:
    """Every photograph of the story, in the order of its scripts."""
    found: list[Picture] = []
    for script in story:
        found += _Photographer(script, places[script.asset], seed=seed, zone=zone).pictures()
    return found


def receive_all(wanted: Sequence[Picture], store: Store, *, workers: int) -> Album:
    """Draw the photographs and hand them to the evidence store as an upload would; items by (script, step)."""
    found: defaultdict[tuple[str, int], list[EvidenceItem]] = defaultdict(list)
    before: dict[tuple[str, str], str] = {}
    drawn: Iterator[bytes] = draw_all([picture.order for picture in wanted], workers=workers)
    for picture, data in zip(wanted, drawn, strict=True):
        item = _received(picture, data, store)
        key = (picture.script, picture.view)
        if picture.kind == "PHOTO_BEFORE":
            before.setdefault(key, item.sha256)
        elif picture.kind == "PHOTO_AFTER" and picture.stage == "rectify" and key in before:
            item = replace(item, pair_of=before[key])
        found[picture.script, picture.step].append(item)
    return {key: tuple(items) for key, items in found.items()}


def _received(picture: Picture, data: bytes, store: Store) -> EvidenceItem:
    shot = picture.order.shot
    return receive(
        store,
        data,
        f"IMG_{shot.taken_at:%Y%m%d_%H%M%S}.jpg",
        stage=picture.stage,
        kind=picture.kind,
        received_at=picture.received_at,
        captured_at=shot.taken_at,
        lon=Decimal(f"{shot.lon:.6f}"),
        lat=Decimal(f"{shot.lat:.6f}"),
        crs=WGS84,
        accuracy_m=Decimal(shot.accuracy_m),
    )


class _Photographer:
    """Takes the pictures of one script."""

    def __init__(self, script: Script, place: AssetRow, *, seed: int, zone: ZoneInfo) -> None:
        self._script = script
        self._place = place
        self._city = seed
        self._seed = f"{seed}:{script.key}"
        self._zone = zone
        self._rng = Random(f"{self._seed}:hands")
        attached = [scene for step in script.steps for scene in step.scenes]
        #: what there is to see at this place; an alarm in a well shows the well
        self._scenes = list(script.before or attached or ("well",))
        self._takes: defaultdict[str, int] = defaultdict(int)

    def pictures(self) -> Iterator[Picture]:
        """The report's own, then step by step."""
        for scene in self._script.before:
            yield self._take(-1, scene, self._script.at, stage="report", after=False)
        for number, step in enumerate(self._script.steps):
            stage = _STAGES.get(step.action)
            for scene, after in self._views(step) if stage is not None else ():
                picture = self._take(number, scene, step.at, stage=stage or "audit", after=after)
                # a failed re-check shows what the repair left behind; as a before-photo it would ask for a pair of its own
                yield replace(picture, kind="PHOTO_AFTER") if step.action == "fail" else picture
            for code in self._papers(step):
                paper = self._take(number, "notice", step.at, stage=stage or "control", after=False)
                yield replace(paper, kind=code, view=f"{paper.view}:{code}")

    def _papers(self, step: Step) -> list[str]:
        """The papers of a step: its own, those of its act, and at the end of the work those of the catalogue."""
        wanted = [*_PAPERS_OF.get(step.action, ()), *step.papers]
        code = self._script.data.get("catalogue_code")
        row = catalogue.row(str(code)) if code else None
        if row is not None and step.action in _HANDED_IN:
            at_hand = {_kind(scene, after=False) for scene in self._scenes}
            wanted += [c for c in row.suggested_evidence if c not in _NO_PAPERS | at_hand]
        return list(dict.fromkeys(wanted))

    def _views(self, step: Step) -> list[tuple[str, bool]]:
        views = [scene for scene in self._scenes if scene not in _PAPERS]
        place = [scene for scene in views if scene not in _READINGS] or ["well"]
        if step.action == "attach":
            return [(scene, False) for scene in step.scenes]
        if step.action in _HANDED_IN:
            return [(scene, True) for scene in (views if set(views) & set(place) else [*views, *place])]
        return [(place[0], step.action != "fail")]

    def _take(self, number: int, scene: str, at: datetime, *, stage: str, after: bool) -> Picture:
        self._takes[scene] += 1
        taken = at.astimezone(self._zone) - timedelta(
            minutes=self._rng.randint(3, 9), seconds=self._rng.randint(0, 59)
        )
        shot = Shot(
            taken,
            *self._stand(),
            device=Random(self._who(number)).choice(_DEVICES),
            accuracy_m=self._rng.randint(3, 9),
        )
        reading = str(self._script.data.get("leak_reading", "")) or self._attached_reading()
        place = f"{self._whose(number)}:{scene}"
        order = Order(scene, place, after, shot, reading, take=self._takes[scene])
        return Picture(self._script.key, number, order, _kind(scene, after=after), stage, scene, at)

    def _whose(self, number: int) -> str:
        """Whose place is on the picture: the own one, unless the step hands in another's."""
        borrowed = self._script.steps[number].borrowed if number >= 0 else None
        return f"{self._city}:{borrowed}" if borrowed else self._seed

    def _who(self, number: int) -> str:
        """Whose tablet it is: the acting person's, or the relation's where the script leaves the person to the assignment."""
        if number < 0:
            return self._script.reporter or "system"
        step = self._script.steps[number]
        if step.by:
            return step.by
        assigned = next((s.data for s in reversed(self._script.steps[:number]) if s.action == "assign"), {})
        if step.action in ("pass", "fail"):
            return str(assigned["verifiers"][0])
        return str(assigned.get("responsible") or self._script.reporter)

    def _attached_reading(self) -> str:
        return next((str(s.data["reading"]) for s in self._script.steps if "reading" in s.data), "0")

    def _stand(self) -> tuple[float, float]:
        east, north = self._rng.uniform(-_STRAY_M, _STRAY_M), self._rng.uniform(-_STRAY_M, _STRAY_M)
        return self._place.lon + east / (_METRES_A_DEGREE * 0.844), self._place.lat + north / _METRES_A_DEGREE


def _kind(scene: str, *, after: bool) -> str:
    if scene in _PAPERS:
        return "NOTICE_SIGNED"
    if scene in _READINGS:
        return "LEAK_READING_AFTER" if after else "LEAK_READING_BEFORE"
    return "PHOTO_AFTER" if after else "PHOTO_BEFORE"
