"""Silent teams.

Definition: a team of which nobody reported a hazard for some days, while the other teams of the same enterprise did: the median of the
others reached a figure. Teams younger than the span are left alone. Why: a network without dangers does not exist; who finds nothing does
not look, or does not dare to tell (self-find ratio, domain 6.2 I21 [D]). An honest enterprise trips it with a team whose work leads it to
no place where dangers are: stores, a workshop. Reports past a manager count for no team, so that silence never tells who wrote one.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import ROWS_MAX, Asked
from hazard_flow.assessment.radar.findings import TEAM, Finding, score
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.models import Organisation, Person

KEY = "silent_teams"


def judge(own: int, peers: Sequence[int], limits: Mapping[str, int]) -> float | None:
    """How many times the peers' median lies beyond its threshold; None where the team spoke, or where its peers are silent as well."""
    if own or len(peers) < limits["peers_least"]:
        return None
    middle = median(peers)
    return middle / limits["peer_median"] if middle >= limits["peer_median"] else None


def look(session: Session, asked: Asked) -> Sequence[Finding]:
    """Every silent team."""
    limits = asked.rules.limits(KEY)
    since = asked.now - timedelta(days=limits["days"])
    by_home: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in _teams(session, asked, since):
        by_home[uuid.UUID(hex=row.path.split("/", 1)[0])].append(row)
    found = []
    for home, teams in by_home.items():
        if asked.home not in (None, home):
            continue
        for team in teams:
            peers = [other.reports for other in teams if other is not team]
            ratio = judge(team.reports, peers, limits)
            if ratio is not None:
                found.append(
                    Finding(
                        KEY, home, TEAM, team.id, score(limits["weight"], ratio), asked.now,
                        {"days": limits["days"], "median": f"{median(peers):g}", "peers": len(peers)}, {"days": limits["days"]},
                        name=Organisation(name_zh=team.name_zh, name_en=team.name_en).label,
                    )
                )  # fmt: skip
    return found


def _teams(session: Session, asked: Asked, since: datetime) -> Sequence[Any]:
    """Each team within reach with how many hazards its people reported."""
    told = sa.and_(
        *asked.hazards(),
        Hazard.reporter_id == Person.id,
        Hazard.protected_reporter_id.is_(None),
        Hazard.reported_at > since,
        Hazard.reported_at <= asked.now,
    )
    return session.execute(
        sa.select(
            Organisation.id,
            Organisation.path,
            Organisation.name_zh,
            Organisation.name_en,
            sa.func.count(Hazard.id).label("reports"),
        )
        .outerjoin(Person, Person.organisation_id == Organisation.id)
        .outerjoin(Hazard, told)
        .where(
            Organisation.kind == "team",
            Organisation.created_at <= since,
            asked.scope.where(Organisation.path, Organisation.division),
        )
        .group_by(Organisation.id, Organisation.path, Organisation.name_zh, Organisation.name_en)
        .order_by(Organisation.path)
        .limit(ROWS_MAX)
    ).all()
