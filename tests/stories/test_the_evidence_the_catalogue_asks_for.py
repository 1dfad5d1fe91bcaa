"""Nothing is handed in without what its row of the catalogue asks for; a reading may be a value instead of a file."""

import pytest

from hazard_flow.errors import Refused
from tests.harness.city import City
from tests.harness.refusals import said

LEAK = "VLV-G01"  # reading and photo before, reading and photo after


def missing(refusal) -> set[str]:
    return {e.params["evidence"] for e in refusal.value.fields if e.code == "evidence_missing"}


def test_all_that_is_missing_is_named(city: City):
    hazard = city.report()
    city.assign(hazard, basis=["PIP-G12"])
    city.accept(hazard)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard, evidence=city.after_photos(hazard))

    assert missing(refusal) == {"LEAK_READING_BEFORE", "GASTIGHT_TEST"}


def test_with_it_the_work_is_handed_in(city: City):
    hazard = city.report()
    city.assign(hazard, basis=["PIP-G12"])
    city.accept(hazard)

    city.submit(hazard)

    assert {"LEAK_READING_BEFORE", "GASTIGHT_TEST"} <= {e.kind for e in city.evidence(hazard)}


def test_readings_given_as_values_count(city: City):
    hazard = city.report("阀井内有燃气味", leak_reading="18", leak_unit="pct_lel", instrument_number="XJ-204")
    city.assign(hazard, basis=[LEAK])
    city.accept(hazard)

    city.submit(hazard, evidence=city.after_photos(hazard), leak_reading="0", leak_unit="pct_lel")

    assert city.look(hazard).state == "submitted"


@pytest.mark.parametrize("nothing", ["0", 0], ids=["text", "number"])
def test_no_gas_left_is_a_reading_too(city: City, nothing: object):
    hazard = city.report("阀井内有燃气味", leak_reading="18", leak_unit="pct_lel")
    city.assign(hazard, basis=[LEAK])
    city.accept(hazard)

    city.submit(hazard, evidence=city.after_photos(hazard), leak_reading=nothing, leak_unit="pct_lel")

    assert city.look(hazard).state == "submitted"


def test_the_reading_of_the_report_is_not_the_one_after_the_work(city: City):
    hazard = city.report("阀井内有燃气味", leak_reading="18", leak_unit="pct_lel")
    city.assign(hazard, basis=[LEAK])
    city.accept(hazard)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard, evidence=city.after_photos(hazard))

    assert missing(refusal) == {"LEAK_READING_AFTER"}


def test_nor_is_the_reading_after_the_work_the_one_before_it(city: City):
    hazard = city.report("阀井内有燃气味")
    city.assign(hazard, basis=[LEAK])
    city.accept(hazard)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard, evidence=city.after_photos(hazard), leak_reading="0", leak_unit="pct_lel")

    assert missing(refusal) == {"LEAK_READING_BEFORE"}


def test_handed_in_again_after_a_failed_recheck_it_is_measured_again(city: City):
    hazard = city.report("阀井内有燃气味", leak_reading="18", leak_unit="pct_lel")
    city.assign(hazard, basis=[LEAK])
    city.accept(hazard)
    city.submit(hazard, evidence=city.after_photos(hazard), leak_reading="0", leak_unit="pct_lel")
    city.fail(hazard)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard, evidence=city.after_photos(hazard))
    assert missing(refusal) == {"LEAK_READING_AFTER"}

    city.submit(hazard, evidence=city.after_photos(hazard), leak_reading="0", leak_unit="pct_lel")


def test_a_position_may_be_a_value_too(city: City):
    hazard = city.report(lon="119.41", lat="32.39", crs="WGS84")
    city.assign(hazard, basis=["PIP-G07"])  # photos and a position
    city.accept(hazard)

    city.submit(hazard, evidence=city.after_photos(hazard))

    assert city.look(hazard).state == "submitted"


def test_what_came_with_the_report_counts(city: City):
    hazard = city.report(evidence=[city.photo(), city.photo("LEAK_READING_BEFORE")])
    city.assign(hazard, basis=[LEAK])
    city.accept(hazard)

    pieces = [*city.after_photos(hazard), city.photo("LEAK_READING_AFTER", stage="rectify")]
    city.submit(hazard, evidence=pieces)

    assert city.look(hazard).state == "submitted"


def test_each_photo_before_needs_one_after(city: City):
    hazard = city.report(evidence=[city.photo(), city.photo()])
    city.assign(hazard)
    city.accept(hazard)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard, evidence=city.after_photos(hazard)[:1])

    assert said(refusal) == {("evidence", "evidence_pair_missing")}
