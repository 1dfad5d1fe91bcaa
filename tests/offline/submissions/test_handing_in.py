"""A report and an act handed in by a tablet: one hazard, whatever the network did, and every file bit-exact in the store."""

from datetime import UTC, datetime, timedelta

from tests.harness.scenes import jpeg, scene
from tests.harness.site import Site
from tests.harness.tablet import Shot, Tablet, act, report, sha256, shot


def tablet(site: Site, name: str = "李巡检") -> Tablet:
    return Tablet(site.client(name))


def evidence(site: Site, number: str) -> list[dict]:
    return site.client("李巡检").get(f"/api/v1/hazards/{number}/evidence").json["items"]


def events(site: Site, number: str) -> list[dict]:
    return site.client("李巡检").get(f"/api/v1/hazards/{number}/events").json["items"]


def test_a_report_is_a_hazard_before_its_photos_come(site: Site):
    one = report(shot(), shot())

    answer = tablet(site).put(one)

    assert answer.status == 201, answer.body.decode()
    assert (answer.json["state"], answer.json["outcome"]) == ("arriving", "entered")
    assert answer.json["missing"] == {sha256(data): 0 for data in one.files}
    [first] = events(site, answer.json["hazard"])
    assert [piece["declared"] for piece in first["data"]["evidence"]] == [True, True]
    assert first["data"]["offline"]["submission"] == str(one.id)
    pieces = evidence(site, answer.json["hazard"])
    assert [(p["has_copy"], p["has_original"], p["display_url"]) for p in pieces] == [
        (False, False, None)
    ] * 2


def test_the_photos_follow_in_parts_and_are_kept_bit_exact(site: Site):
    original, display = jpeg(scene("gate"), quality=97), jpeg(scene("gate"), quality=60)
    one = report(Shot(original, display))
    mine = tablet(site)
    number = mine.put(one).json["hazard"]

    first = mine.send_file(one, display, chunk_bytes=20_000)
    last = mine.send_file(one, original, chunk_bytes=70_001)

    assert (first.json["state"], list(first.json["missing"])) == ("usable", [sha256(original)])
    assert (last.json["state"], last.json["missing"]) == ("complete", {})
    assert site.application.store.get(sha256(original)) == original
    assert site.application.store.get(sha256(display), area="display") == display
    [piece] = evidence(site, number)
    assert (piece["has_copy"], piece["has_original"]) == (True, True)
    assert site.client("李巡检").get(piece["url"]).body == original
    assert site.client("李巡检").get(piece["display_url"]).body == display
    assert not list((site.folder / "store" / "part").rglob(f"*{sha256(original)}*"))


def test_an_act_waits_for_something_to_look_at(site: Site):
    hazard = site.city.bring_to(site.city.report(), "rectifying")
    [before] = [p for p in evidence(site, hazard.number) if p["kind"] == "PHOTO_BEFORE"]
    after = shot("PHOTO_AFTER", pair_of=before["sha256"])
    papers = [shot(code) for code in sorted({p.kind for p in site.city.papers(hazard)})]
    done_at = site.city.now
    one = act(
        hazard.number, "submit", after, *papers, version=hazard.seq, at=done_at,
        completed_at=done_at.isoformat(), measures_done="已更换井盖并加固井圈，复测合格", funds_used="1",
    )  # fmt: skip
    mine = tablet(site, "王班长")

    put = mine.put(one)
    before_last = [mine.send_file(one, s.display) for s in one.shots[:-1] if s.display]
    usable = mine.send_file(one, one.shots[-1].display)
    complete = [mine.send_file(one, s.original) for s in one.shots][-1]

    assert (put.status, put.json["outcome"], put.json["event_seq"]) == (201, "waiting", None)
    assert {a.json["outcome"] for a in before_last} <= {"waiting"}
    assert (usable.json["state"], usable.json["outcome"]) == ("usable", "entered"), usable.body.decode()
    assert usable.json["hazard"] == hazard.number
    assert (complete.json["state"], complete.json["missing"]) == ("complete", {})
    assert site.city.look(hazard).state == "submitted"


def test_an_act_without_files_enters_at_once(site: Site):
    hazard = site.city.bring_to(site.city.report(), "rectifying")
    one = act(hazard.number, "progress", version=hazard.seq, percent="40", note="管段已开挖")

    answer = tablet(site, "王班长").put(one)

    assert (answer.status, answer.json["state"], answer.json["outcome"]) == (201, "complete", "entered"), (
        answer.body
    )
    assert events(site, hazard.number)[-1]["action"] == "progress"


def test_the_same_bytes_again_change_nothing(site: Site):
    one, mine = report(), tablet(site)
    first = mine.put(one)

    again = mine.put(one)

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert len(events(site, first.json["hazard"])) == 1


def test_its_time_is_the_tablet_s_less_what_its_clock_was_ahead(site: Site):
    now = site.city.now
    done_at = now - timedelta(hours=2)
    ahead = timedelta(minutes=30)
    one = report(at=done_at + ahead)

    number = tablet(site).put(one, **{"X-HF-Device-At": (now + ahead).isoformat()}).json["hazard"]

    hazard = site.client("李巡检").get(f"/api/v1/hazards/{number}").json
    found_at = datetime.fromisoformat(hazard["found_at"])
    assert abs(found_at - done_at) < timedelta(seconds=30)
    assert datetime.fromisoformat(hazard["reported_at"]) >= now
    first = events(site, number)[0]  # its clocks ran while nobody knew: they speak at once
    assert abs(datetime.fromisoformat(first["data"]["offline"]["at"]) - done_at) < timedelta(seconds=30)
    assert 1770 <= first["data"]["offline"]["clock_skew_s"] <= 1800
    assert datetime.fromisoformat(first["at"]).astimezone(UTC) >= now


def test_what_has_no_copy_for_the_eye_counts_by_its_original(site: Site):
    paper = Shot(
        b"%PDF-1.7\n" + b"0" * 400, None, kind="SITE_RECORD", filename="记录.pdf", mime="application/pdf"
    )
    picture = Shot(jpeg(scene("no copy")), None, filename="IMG_0002.HEIC")
    one, mine = report(picture, paper), tablet(site)
    number = mine.put(one).json["hazard"]

    first = mine.send_file(one, picture.original)
    last = mine.send_file(one, paper.original)

    assert (first.json["state"], last.json["state"]) == ("arriving", "complete")
    pieces = {p["kind"]: p for p in evidence(site, number)}
    assert pieces["SITE_RECORD"]["display_url"] is None
    shown = site.client("李巡检").get(pieces["PHOTO_BEFORE"]["display_url"])
    assert (shown.status, shown.body[:2]) == (200, b"\xff\xd8")


def test_what_was_drawn_over_a_photo_is_a_layer_of_its_own(site: Site):
    arrow = {"shape": "arrow", "x1": 100, "y1": 200, "x2": 500, "y2": 600}
    circle = {"shape": "circle", "x1": 500, "y1": 500, "x2": 600, "y2": 500}
    original = jpeg(scene("marked"))
    one, mine = (
        report(Shot(original, jpeg(scene("marked"), quality=60), meta={"marks": [arrow, circle]})),
        tablet(site),
    )
    number = mine.send(one).json["hazard"]

    [piece] = events(site, number)[0]["data"]["evidence"]
    page = site.client("李巡检").get(f"/hazards/{number}").body.decode()

    assert piece["marks"] == [arrow, circle]
    assert site.application.store.get(sha256(original)) == original
    assert page.count('<svg class="marks"') == 1
    assert 'viewBox="0 0 800 600"' in page


def test_it_belongs_where_it_says(site: Site):
    at_asset = report(asset="VW-9")
    at_unit = report(organisation=str(site.city.founded.units["运行二班"]))
    relapse = report(reopen_of="YH-990102-20200101-0001")
    mine = tablet(site)

    numbers = [mine.put(one).json["hazard"] for one in (at_asset, at_unit)]
    refused = mine.put(relapse)

    found = {h.number: h for h in site.city.hazards() if h.number in numbers}
    assert found[numbers[0]].asset_id == site.city.founded.assets["VW-9"]
    assert {h.organisation_id for h in found.values()} == {site.city.founded.units["运行二班"]}
    assert refused.json["outcome"] == "contested"
    assert {p["field"] for p in refused.json["problems"]} == {"reopen_of"}


def test_where_the_camera_stood_is_kept_and_a_tap_on_the_map_is_not_that(site: Site):
    stood = shot(lon="119.4000001", lat="32.4", accuracy_m="6.5", source="device")
    tapped = shot(lon="119.5", lat="32.5", source="map")
    number = tablet(site).put(report(stood, tapped)).json["hazard"]

    places = [(p["lon"], p["lat"]) for p in events(site, number)[0]["data"]["evidence"]]

    assert places == [("119.4000001", "32.4"), (None, None)]
