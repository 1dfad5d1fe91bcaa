"""The position of a re-check says where the verifier stood; the hazard stays where it was found."""

from tests.harness.city import City


def test_a_recheck_from_elsewhere_does_not_move_the_hazard(city: City):
    hazard = city.report(lon="119.4", lat="32.4", crs="WGS84")
    city.bring_to(hazard, "submitted")
    city.verify(hazard, lon="119.4", lat="32.41", crs="WGS84")

    stands = city.look(hazard)

    assert (stands.lon, stands.lat) == (119.4, 32.4)
    assert city.events(hazard)[-1].data["fields"]["lat"] == "32.4100000"
