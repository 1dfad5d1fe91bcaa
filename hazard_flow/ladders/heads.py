"""Who answers for a whole organisation by name: whose limit it is where nobody else was named."""

import uuid

from sqlalchemy.orm import Session

from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.roles import OFFICERS, division_prefix

#: digits of a division's own prefix → who heads its regulator
_OFFICER = {2: "provincial_officer", 4: "city_officer", 6: "county_officer"}


def head_of(session: Session, organisation: Organisation) -> uuid.UUID | None:
    """The principal of an enterprise, an officer of a regulator; None where nobody holds the seat. Asks beyond the scope's people."""
    directory = Directory.load(session, paths={organisation.path})
    parts = Parts(organisation.path, organisation.division)
    if organisation.kind != "regulator":
        return next(iter(directory.holders("enterprise_principal", parts)), None)
    usual = _OFFICER[min(6, len(division_prefix(organisation.division[:6])))]
    for role in (usual, *OFFICERS):
        for person in directory.holders(role, parts):
            if directory.has_role(person, role, organisation.path):
                return person
    return None
