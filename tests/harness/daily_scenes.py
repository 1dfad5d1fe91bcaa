"""Scenes of daily work for whoever looks at its pages: a street in which something has happened, works beside a pipe."""

from datetime import timedelta

from tests.harness import calling, digging
from tests.harness.calling import household
from tests.harness.city import City


def a_street(city: City) -> dict[str, str]:
    """Users checked, absent, refusing, doubtful and still due; the addresses of the pages that show them."""
    flats = [f"QW12-{n}" for n in range(101, 109)]
    calling.settle_in(city, *flats)
    calling.settle_in(city, "QW14-101", "QW14-102", building="青梧路 14 号楼")
    calling.settle_in(city, "DF-3", building="东风路 3 号", user_type="commercial")
    batch = calling.plan(city)
    at = city.now - timedelta(hours=8)
    checked = calling.call(city, flats[0], at=at)
    found = calling.call(
        city,
        flats[1],
        at=at + timedelta(minutes=25),
        answers={"hose_length": "2.6", "flame_failure": "no", "leak_hose": "8"},
        instrument="JC-07",
    )
    for n in range(3):
        absent = calling.call(city, flats[2], "absent", at=at + timedelta(minutes=50 + 60 * n))
    calling.call(city, flats[3], "vacant", at=at + timedelta(minutes=80))
    far = calling.call(
        city, flats[4], "absent", at=at + timedelta(minutes=100), where=(calling.LON + 0.01, calling.LAT)
    )
    return {
        "user": f"/households/{household(city, flats[2]).asset_id}",
        "user-visit": f"/households/{household(city, flats[5]).asset_id}/visit",
        "batch": f"/households/batches/{batch.id}",
        "visit-checked": f"/households/visits/{checked.id}",
        "visit-found": f"/households/visits/{found.id}",
        "visit-absent": f"/households/visits/{absent.id}",
        "visit-doubtful": f"/households/visits/{far.id}",
    }


def works_at_a_pipe(city: City) -> dict[str, str]:
    """A site that is guarded and was hit, one without an agreement, one that was come upon."""
    digging.lay_pipe(city, "P-77")
    digging.register_site(
        city,
        "SG-77",
        metres=0.3,
        starts_on=calling.today(city) - timedelta(days=5),
        project="青梧路雨水管改造",
    )
    digging.sign(city, "agreement", "SG-77")
    digging.sign(city, "briefing", "SG-77")
    digging.guard(city, "SG-77")
    digging.hit(city, "SG-77")
    digging.register_site(city, "SG-78", metres=20, project="听潮路通信管沟")
    digging.come_upon(city, "SG-79", project="东风路路口开挖")
    return {
        name: f"/construction/{digging.site(city, code).asset_id}"
        for name, code in (("guarded", "SG-77"), ("registered", "SG-78"), ("found", "SG-79"))
    }
