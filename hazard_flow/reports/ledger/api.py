"""`/api/v1/ledger`: the newest checkpoint, consistency between two trees, and that an event stands in the ledger."""

from datetime import datetime

from flask import Blueprint, Response, request
from pydantic import BaseModel, Field

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.hazards import queries as hazards
from hazard_flow.ledger import queries
from hazard_flow.ledger.statements import Statement
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import reading
from hazard_flow.web.openapi import Parameter, operation

blueprint = Blueprint("ledger_api", __name__, url_prefix=api.PREFIX)

RIGHT = "status.read"
_SIZE = {"type": "integer", "minimum": 1}


class Checkpoint(BaseModel):
    """The root of the first `size` leaves. Signed is the RFC 8785 form of this object without `signature`."""

    size: int
    root: str
    at: str = Field(description="YYYY-MM-DDThh:mm:ss.ffffffZ")
    key_id: str | None = Field(description="Null, as alg and signature, where no key was set")
    alg: str | None
    signature: str | None = Field(description="Hex")


class Consistency(BaseModel):
    """RFC 9162, 2.1.4: that the tree of the first `from` leaves is the beginning of that of the first `to`."""

    from_: int = Field(alias="from")
    to: int
    from_root: str
    to_root: str
    path: list[str]


class Inclusion(BaseModel):
    """RFC 9162, 2.1.3: that the event stands in the tree the checkpoint signs."""

    leaf: str = Field(description="The event's hash")
    leaf_index: int
    tree_size: int
    path: list[str]
    checkpoint: Checkpoint
    event_at: datetime


@blueprint.get("/ledger/checkpoint")
@operation(summary="The newest checkpoint of the ledger", responses={200: Checkpoint}, tags=["ledger"])
def checkpoint() -> Response:
    with reading(require(RIGHT)) as session:
        row = queries.newest(session)
        if row is None:
            raise NotFound("a checkpoint")
        return api.answer(_checkpoint(queries.statement(row)))


@blueprint.get("/ledger/consistency")
@operation(
    summary="That the ledger of one size is the beginning of the one of another",
    responses={200: Consistency},
    parameters=(
        Parameter("from", "Leaves of the older tree", _SIZE, required=True),
        Parameter("to", "Leaves of the newer tree", _SIZE, required=True),
    ),
    tags=["ledger"],
)
def consistency() -> Response:
    actor = require(RIGHT)
    old, new = _size("from"), _size("to")
    with reading(actor) as session:
        path = queries.consistency(session, old, new)
        found = Consistency(
            **{"from": old},
            to=new,
            from_root=queries.root(session, old).hex(),
            to_root=queries.root(session, new).hex(),
            path=[step.hex() for step in path],
        )
    return api.answer(found)


@blueprint.get("/hazards/<number>/events/<int:seq>/proof")
@operation(
    summary="That an event stands in the ledger; 404 while no checkpoint covers it",
    responses={200: Inclusion},
    tags=["hazards"],
)
def inclusion(number: str, seq: int) -> Response:
    with reading(require("hazards.read")) as session:
        chain = hazards.events(session, hazards.by_number(session, number))
        if not 0 < seq <= len(chain):
            raise NotFound(f"event {seq} of {number}")
        event = chain[seq - 1]
        proof = queries.proof_for(session, event.hash)
        if proof is None:
            raise NotFound(f"a checkpoint over event {seq} of {number}")
        said = Inclusion(
            leaf=event.hash.hex(),
            **proof.as_dict(),
            checkpoint=_checkpoint(proof.checkpoint),
            event_at=event.at,
        )
    return api.answer(said)


def _checkpoint(statement: Statement) -> Checkpoint:
    return Checkpoint(**statement.as_dict())


def _size(name: str) -> int:
    given = request.args.get(name, "")
    if not (given.isascii() and given.isdigit() and 0 < len(given) <= 15 and int(given) > 0):
        raise BadRequest(f"{name}: a positive number", fields=[FieldError(name, "not_a_size")])
    return int(given)
