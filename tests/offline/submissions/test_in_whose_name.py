"""A tablet that several people share sends in the name of whoever captured, or not at all."""

from tests.harness.site import Site
from tests.harness.tablet import Tablet, report, sha256

LI, ZHENG = "李巡检", "郑巡检"


def tablet(site: Site, name: str, *, owner: str) -> Tablet:
    """Signed in as one person, sending in the name of another."""
    return Tablet(site.client(name, **{"X-HF-Owner": str(site.city.person(owner))}))


def test_somebody_else_s_sign_in_sends_nothing(site: Site):
    one = report()

    refused = tablet(site, ZHENG, owner=LI).put(one)

    assert (refused.status, refused.json["code"]) == (403, "signed_in_as_another")
    assert tablet(site, LI, owner=LI).get(one).status == 404
    assert tablet(site, LI, owner=LI).put(one).status == 201


def test_nor_a_part_of_a_file(site: Site):
    one = report()
    mine = tablet(site, LI, owner=LI)
    mine.put(one)

    refused = tablet(site, ZHENG, owner=LI).patch(one, sha256(one.files[0]), 0, one.files[0])

    assert (refused.status, refused.json["code"]) == (403, "signed_in_as_another")
    assert mine.put(one).json["missing"][sha256(one.files[0])] == 0
