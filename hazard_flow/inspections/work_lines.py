"""The lines of an enterprise's daily work (domain 5.1), and what every feature says of one: due, done, missed, in doubt, found."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from hazard_flow.i18n import Label

WORK_LINES: Mapping[str, Label] = {
    "pipeline_patrol": Label(zh="管线巡查", en="Pipeline patrol"),
    "leak_survey": Label(zh="泄漏检测", en="Leak survey"),
    "station_inspection": Label(zh="厂站巡检", en="Station inspection"),
    "regulators": Label(zh="调压设施维护", en="Regulator maintenance"),
    "valves": Label(zh="阀门阀井维护", en="Valves and wells"),
    "corrosion": Label(zh="防腐与阴极保护", en="Corrosion protection"),
    "households": Label(zh="入户安检", en="Household checks"),
    "commercial": Label(zh="工商业及重点用户安检", en="Commercial and key users"),
    "lpg": Label(zh="瓶装液化石油气", en="Bottled LPG"),
    "construction": Label(zh="第三方施工保护", en="Third-party construction"),
    "training": Label(zh="教育培训", en="Training"),
    "drills": Label(zh="应急演练", en="Emergency drills"),
    "duty": Label(zh="应急值守", en="Emergency duty"),
    "hazards": Label(zh="隐患治理", en="Hazard governance"),
    "risk": Label(zh="风险管控", en="Risk control"),
    "evaluation": Label(zh="安全评价", en="Safety evaluation"),
    "investment": Label(zh="安全投入", en="Safety investment"),
    "leaders": Label(zh="领导带班检查", en="Leaders' checks"),
    "special_equipment": Label(zh="特种设备", en="Special equipment"),
    "complaints": Label(zh="投诉举报", en="Complaints"),
    "responsibility": Label(zh="全员安全生产责任制", en="Responsibility of every post"),
}


#: what a line counts in
UNITS: Mapping[str, Label] = {
    "km": Label(zh="公里", en="km"),
    "rounds": Label(zh="次", en="rounds"),
    "visits": Label(zh="户次", en="visits"),
    "users": Label(zh="户", en="users"),
    "days": Label(zh="天", en="days"),
    "hazards": Label(zh="件", en="hazards"),
    "reviews": Label(zh="项再评估", en="reviews"),
    "courses": Label(zh="期培训", en="courses"),
    "drills": Label(zh="次演练", en="drills"),
    "call_tests": Label(zh="次点名", en="call tests"),
    "checks": Label(zh="次检查", en="checks"),
    "deliveries": Label(zh="次配送", en="deliveries"),
    "evaluations": Label(zh="次评价", en="evaluations"),
    "CNY": Label(zh="元", en="CNY"),
    "items": Label(zh="台", en="items"),
    "complaints": Label(zh="件", en="complaints"),
    "people": Label(zh="人", en="people"),
}


@dataclass(frozen=True)
class LineFigures:
    """One line of one organisation over one span of days, in the line's own unit, a key of `UNITS`."""

    line: str
    unit: str
    #: what the plan asked for within the span
    due: float = 0
    #: of that, what was done and is valid
    done: float = 0
    #: done in time: the rest of `done` came late
    on_time: float = 0
    #: done, and not valid: off the track, too fast, at one minute
    invalid: float = 0
    #: the term is over and nothing valid was done
    missed: float = 0
    #: hazards and remarks it brought
    findings: int = 0
    #: a page that lists what is behind the figures
    href: str = ""

    def __post_init__(self) -> None:
        assert self.line in WORK_LINES, f"unknown line {self.line!r}"
        assert self.unit in UNITS, f"unknown unit {self.unit!r}"


class LineProvider(Protocol):
    """What a feature says of its lines; one set of queries for all organisations asked for."""

    def __call__(
        self, session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
    ) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
        """Figures by enterprise (the whole organisation, departments within), from `since` to `until`, both included."""
