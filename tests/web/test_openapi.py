"""The description follows the code and is valid OpenAPI 3.1."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.office import Office


def test_the_description_is_valid_and_public(desk: Office):
    answer = desk.browser().get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert list(OpenAPIV31SpecValidator(answer.json).iter_errors()) == []
    assert answer.json["openapi"] == "3.1.0"


def test_an_operation_says_what_its_view_declares(desk: Office):
    paths = desk.browser().get("/api/v1/openapi.json").json["paths"]

    note = paths["/api/v1/notes"]["post"]
    assert note["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Note"
    }
    assert note["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Kept"
    }
    assert {one["name"] for one in note["parameters"]} == {"Idempotency-Key", "If-Match"}
    assert set(note["responses"]) >= {"400", "401", "403", "404", "409", "413", "415", "422", "500"}
    person = paths["/api/v1/people/{person_id}"]["get"]
    assert person["parameters"][0] == {
        "name": "person_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
