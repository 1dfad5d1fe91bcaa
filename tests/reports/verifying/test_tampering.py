"""Every tampered file is found out, with the name of what is wrong; CI carries a few of each kind, the soak thousands."""

import collections
import hashlib
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hazard_flow.ledger.keys import SigningKey
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.seal.pades import PadesSealer
from hazard_flow.reports.verifying.findings import Report, Unreadable
from hazard_flow.reports.verifying.whole import verify
from hazard_flow.reports.worker import Press, Rendered
from tests.reports.cases import NUMBER, Case
from tests.reports.verifying.conftest import Files
from tests.reports.verifying.forging import PAGES, RECORDS, carrying, forged
from tests.reports.verifying.tampering import KINDS, Attack, flipped

CI_EACH, SOAK_EACH = 1, 45
CODES_EXPECTED = {
    "pad_digit": {"container_padding"},
    "capital_digit": {"container_digits"},
    "certificate_added": {"cms_certificates"},
    "certificate_twice": {"cms_certificates", "cms_unreadable"},
    "attribute_added": {"cms_unsigned", "cms_version"},
    "time_stamp_removed": {"stamp_missing"},
    "append": {"covers_not_all"},
    "update_overlay": {"covers_not_all"},
    "update_record_swapped": {"covers_not_all"},
    "cut_back_to_the_seal": {"level_too_low"},
    "cut_back_before_the_seal": {"unsealed"},
}


def found(files: Files, name: str, dice: random.Random) -> set[str]:
    """The codes of what verify says is wrong; `unreadable` where it cannot even begin."""
    made = KINDS[name](files, dice)
    attack = made if isinstance(made, Attack) else Attack(made)
    assert attack.require or attack.pdf not in (files.plain, files.stamped, files.archived)
    try:
        report = verify(attack.pdf, trust=files.trust if attack.trust else (), require=attack.require)
    except Unreadable:
        return {"unreadable"}
    for one in report.wrongs:
        assert one.said.zh
        assert "verifying." not in one.said.en
    return {one.code for one in report.wrongs}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_tampered_file_is_found_out(files: Files, name: str) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(CI_EACH):
        codes = found(files, name, dice)
        assert codes, f"{name}, seed {seed}: nothing was found"
        if name in CODES_EXPECTED:
            assert codes & CODES_EXPECTED[name], f"{name}, seed {seed}: {codes}"


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_thousands_of_tampered_files_are_all_found_out(files: Files) -> None:
    seed = random.randrange(2**32)
    counted: collections.Counter[str] = collections.Counter()
    named: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    missed: list[tuple[str, int]] = []
    began = time.monotonic()
    for name in sorted(KINDS):
        for turn in range(SOAK_EACH):
            dice = random.Random(f"{seed} {name} {turn}")
            codes = found(files, name, dice)
            counted[name] += 1
            named[name].update(codes)
            if not codes:
                missed.append((name, turn))
    print(
        f"tampering: seed {seed}, {counted.total()} mutations of {len(counted)} kinds in {time.monotonic() - began:.0f} s"
    )
    for name, codes in named.items():
        print(
            f"  {name:<28} {counted[name]:>4}  {', '.join(f'{code} {n}' for code, n in codes.most_common(4))}"
        )
    assert missed == []
    assert counted.total() >= 2000


@pytest.fixture(scope="session")
def forger(press: Press, other_key: SigningKey) -> tuple[Case, Rendered]:
    """Somebody else's closure file, all of one piece: what the forgeries start from."""
    case = Case(photos=2, key=other_key)
    return case, press.render("closure", template_data(case.data), **case.arguments())


@pytest.fixture(scope="session")
def sealed_by_forger(forger: tuple[Case, Rendered], other_key: SigningKey) -> Callable[[bytes], bytes]:
    def seal(pdf: bytes) -> bytes:
        assert forger[1].seal_place is not None
        return PadesSealer(other_key).seal(pdf, forger[1].seal_place, number=NUMBER, at=datetime.now(UTC)).pdf

    return seal


def _codes(report: Report) -> set[str]:
    return {one.code for one in report.wrongs}


def test_a_whole_forgery_under_another_key_is_whole_and_not_trusted(
    files: Files, forger: tuple[Case, Rendered], sealed_by_forger: Callable[[bytes], bytes]
) -> None:
    forgery = sealed_by_forger(forger[1].pdf)
    assert _codes(verify(forgery)) == set()
    report = verify(forgery, trust=files.trust)
    assert _codes(report) == {"signer_not_trusted"}
    assert report.trusted is False


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_another_record_under_a_fresh_seal_is_found_out(
    forger: tuple[Case, Rendered], sealed_by_forger: Callable[[bytes], bytes], name: str
) -> None:
    change, code = RECORDS[name]
    case, ready = forger
    pdf = sealed_by_forger(carrying(ready.pdf, forged(case.record, change)))
    assert code in _codes(verify(pdf))


def test_a_record_the_metadata_do_not_name_is_found_out(
    forger: tuple[Case, Rendered], sealed_by_forger: Callable[[bytes], bytes]
) -> None:
    data = forged(forger[0].record, lambda value: value["hazard"].update(title="别的"))
    assert "record_not_as_named" in _codes(
        verify(sealed_by_forger(carrying(forger[1].pdf, data, renamed=False)))
    )


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_that_say_something_else_than_the_record_are_found_out(
    press: Press, forger: tuple[Case, Rendered], other_key: SigningKey, name: str
) -> None:
    change, code = PAGES[name]
    case = forger[0]
    ready = press.render("closure", template_data(change(case.data)), **case.arguments())
    assert ready.seal_place is not None
    sealed = PadesSealer(other_key).seal(ready.pdf, ready.seal_place, number=NUMBER, at=datetime.now(UTC))
    assert code in _codes(verify(sealed.pdf))


@pytest.fixture(scope="session")
def originals() -> dict[str, bytes]:
    made = [b"original %d" % n * 500 for n in range(4)]
    return {hashlib.sha256(one).hexdigest(): one for one in made}


@pytest.fixture(scope="session")
def with_originals(files: Files, make: Callable[..., bytes], originals: dict[str, bytes]) -> bytes:
    return make(Case(photos=0, key=files.key, originals=list(originals.values())), files.key)


@pytest.mark.parametrize("turn", range(12))
def test_evidence_files_changed_lost_and_foreign_are_named(
    with_originals: bytes, originals: dict[str, bytes], tmp_path: Path, turn: int
) -> None:
    for sha256, data in originals.items():
        (tmp_path / sha256).write_bytes(data)
    assert verify(with_originals, evidence=tmp_path).is_intact
    dice = random.Random(turn)
    sha256 = dice.choice(list(originals))
    path, data = tmp_path / sha256, originals[sha256]
    manner = turn % 4
    if manner == 0:
        path.write_bytes(flipped(data, dice.randrange(len(data)), dice))
    elif manner == 1:
        path.write_bytes(data[: dice.randrange(len(data))])
    elif manner == 2:
        path.unlink()
    else:
        path.write_bytes(data + b"\0")
    report = verify(with_originals, evidence=tmp_path)
    assert _codes(report) == {"file_missing" if manner == 2 else "file_changed"}
    assert [one.params["sha256"] for one in report.wrongs] == [sha256]
    path.write_bytes(data)
    (tmp_path / "IMG_0001.jpg").write_bytes(b"who put this here")
    report = verify(with_originals, evidence=tmp_path)
    assert report.is_intact
    assert [one.params["files"] for one in report.findings if one.code == "file_unknown"] == ["IMG_0001.jpg"]
