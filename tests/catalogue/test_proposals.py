"""What each row of the catalogue proposes, against arithmetic of the test's own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.catalogue import rows
from hazard_flow.catalogue.policy import policy_at
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.catalogue.proposals import Proposal, propose
from hazard_flow.workflow.calendar import china

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = policy_at(shipped_policy().rows, "990102", date(2026, 11, 2))
#: a Monday, 09:00 in the city; and the same evening, 23:30, which is still Monday there
MORNING = datetime(2026, 11, 2, 1, tzinfo=UTC)
NIGHT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
LONGEST = {"M": 365, "A": 7, "B": 30, "C": 90}


def proposed(code: str, at: datetime = MORNING) -> Proposal:
    entry = rows.row(code)
    assert entry is not None
    return propose(entry, POLICY, at, ZONE, china())


@pytest.mark.parametrize("code", sorted(rows.load()))
@pytest.mark.parametrize("at", [MORNING, NIGHT], ids=["morning", "night"])
def test_every_row_proposes_by_the_book(code: str, at: datetime):
    """24:00 of the last natural day, the day of the report not counted, never longer than the place allows."""
    entry, proposal = rows.load()[code], proposed(code, at)
    days = min(entry.deadline_days, LONGEST[entry.urgency])
    midnight = datetime.combine(date(2026, 11, 3) + timedelta(days=days), time.min, ZONE)

    assert proposal.due_at == midnight
    assert proposal.due_at.utcoffset() == timedelta(0)
    assert proposal.capped_from_days == (entry.deadline_days if days < entry.deadline_days else None)
    assert proposal.control_at == at + entry.response_within
    assert (proposal.urgency, proposal.control) == (entry.urgency, entry.interim_control)
    assert (proposal.evidence, proposal.basis) == (entry.suggested_evidence, entry.legal_basis)
    assert (
        proposal.confidence
        == {"verified": "V", "partly_verified": "P", "memory": "M"}[entry.basis_confidence]
    )
    assert proposal.level == ("major" if entry.level == "major" else "general")
    assert proposal.is_national_major == (entry.level == "major")
    assert proposal.is_conditional == (entry.level == "conditional_major")
    assert proposal.upgrade_at == (at + timedelta(hours=24) if proposal.is_conditional else None)


def test_on_the_spot_means_the_same_day():
    """0 days end at midnight of the day itself, even half an hour before it."""
    assert rows.row("PIP-G08").deadline_days == 0
    assert proposed("PIP-G08", NIGHT).due_at == datetime(2026, 11, 2, 16, tzinfo=UTC)


def test_a_serious_general_is_capped_as_the_workflow_would_refuse_it():
    """The catalogue thinks of ninety days for an encroached distance, an A has seven."""
    assert (proposed("STN-G06").capped_from_days, proposed("STN-G06").due_at) == (
        90,
        datetime(2026, 11, 9, 16, tzinfo=UTC),
    )


def test_the_four_conditional_majors_begin_as_general():
    """They become the operator's major only where the prescribed measures are not taken in time (art. 9)."""
    conditional = [code for code in rows.load() if proposed(code).is_conditional]

    assert conditional == ["RES-M01", "RES-M02", "RES-M03", "RES-M04"]
    assert {proposed(code).level for code in conditional} == {"general"}
