"""Untouched files pass at every level; what could not be judged is said, what was asked for is demanded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hazard_flow.ledger.keys import SigningKey
from hazard_flow.reports.seal.sealer import Level
from hazard_flow.reports.verifying.findings import Report, Unreadable
from hazard_flow.reports.verifying.whole import verify
from tests.harness.tsa import Authority
from tests.reports.verifying.conftest import Files


def _codes(report: Report) -> list[str]:
    return [one.code for one in report.wrongs]


@pytest.mark.parametrize("level", list(Level))
def test_an_untouched_file_is_intact(files: Files, level: Level) -> None:
    pdf = {Level.B: files.plain, Level.T: files.stamped, Level.LTA: files.archived}[level]
    report = verify(pdf, trust=files.trust, stampers=files.tsa, require=level)
    assert _codes(report) == []
    assert (report.level, report.trusted, report.fingerprint) == (level, True, files.key.key_id)
    assert {one.check for one in report.findings if one.ok} >= {
        "seal",
        "trust",
        "record",
        "chain",
        "proof",
        "manifest",
        "pages",
    }
    for one in report.findings:
        assert one.said.zh
        assert "verifying." not in one.said.en


def test_without_trust_the_signer_is_not_judged(files: Files) -> None:
    report = verify(files.stamped)
    assert report.is_intact
    assert report.trusted is None
    assert [one.code for one in report.findings if one.ok is None] == ["stamp_whole", "signer_not_judged"]
    assert report.as_dict()["trusted"] is None


def test_the_seals_own_certificate_can_be_trusted_too(files: Files) -> None:
    assert verify(files.plain, trust=[files.key.certificate]).trusted is True


def test_another_authority_is_not_trusted(files: Files, other_key: SigningKey) -> None:
    report = verify(files.plain, trust=other_key.chain)
    assert _codes(report) == ["signer_not_trusted"]
    assert _codes(verify(files.stamped, stampers=other_key.chain)) == ["stamp_not_trusted"]


@pytest.mark.parametrize(("level", "below"), [(Level.T, Level.B), (Level.LTA, Level.T)])
def test_a_lower_level_than_required_is_refused(files: Files, level: Level, below: Level) -> None:
    pdf = files.plain if below is Level.B else files.stamped
    assert _codes(verify(pdf, require=level)) == ["level_too_low"]


def test_an_unsealed_file_says_so_and_nothing_else_is_wrong(files: Files) -> None:
    report = verify(files.unsealed)
    assert _codes(report) == ["unsealed"]
    assert report.level is None


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7\n%%EOF\n", b"hello" * 1000])
def test_what_is_no_closure_file_is_unreadable(junk: bytes) -> None:
    with pytest.raises(Unreadable):
        verify(junk)


def test_a_time_stamp_of_another_day_than_the_seal_is_refused(
    files: Files, make: Callable[..., bytes], tsa: Authority, seal_key: SigningKey
) -> None:
    tsa.at = datetime.now(UTC) - timedelta(days=30)
    try:
        report = verify(make(files.case, seal_key, tsa.url), trust=files.trust)
    finally:
        tsa.at = None
    assert _codes(report) == ["clocks_apart"]


def test_evidence_files_are_found_by_what_they_hold(files: Files, tmp_path: Path) -> None:
    report = verify(files.plain, evidence=tmp_path)
    assert _codes(report) == ["file_missing"] * len(files.case.evidence)
    assert {one.params["sha256"] for one in report.wrongs} == {one.sha256 for one in files.case.evidence}
