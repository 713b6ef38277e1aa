from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay, Name, RoleKey
from app.features.capacity import candidates, schemas, weeks
from app.http.answers import model, read
from app.http.resource import Ref, as_ref, operation, router
from app.http.routing import requires

capacity = router("capacity")
person_loads = router("people")
seat_candidates = router("projects")

From = Annotated[FactDay | None, Query(alias="from", description="The first day. Default: this week's Monday.")]
Until = Annotated[FactDay | None, Query(description="The day after the last. Default: 13 weeks on; 53 at most.")]
Team = Annotated[Name | None, Query(description="Only people of this team.")]
Person = Annotated[UUID | None, Query(description="Only this person.")]
On = Annotated[FactDay | None, Query(description="By default today.")]

Role = Annotated[RoleKey, Query(description="The exclusive role whose seat it is.")]
FromDay = Annotated[FactDay | None, Query(alias="from", description="The first day in the seat. By default today.")]

show_candidates = model(TypeAdapter(schemas.SeatCandidates))
show_capacity = model(TypeAdapter(schemas.CapacityRead))
show_load = model(TypeAdapter(schemas.PersonLoad))


@capacity.get("", response_model=schemas.CapacityRead, **operation("get_capacity"))
@requires(Right.READ)
async def get_capacity(
    request: Request, start: From = None, until: Until = None, team: Team = None, person_id: Person = None
) -> Response:
    """Who carries what and who is free, by person and ISO week; with vacant seats, unnamed demand and overloads."""
    return await read(request, show_capacity, weeks.get_capacity, start, until, team, person_id, long=True)


@person_loads.get("/{id}/load", response_model=schemas.PersonLoad, **operation("get_person_load"))
@requires(Right.READ)
async def get_person_load(request: Request, id: Ref, on: On = None) -> Response:
    """The seats that somebody holds for certain on a day, with their weights, the totals, the caps and what is free."""
    return await read(request, show_load, weeks.get_person_load, as_ref(id), on)


@seat_candidates.get(
    "/{id}/seat-candidates", response_model=schemas.SeatCandidates, **operation("list_seat_candidates")
)
@requires(Right.READ)
async def list_seat_candidates(request: Request, id: Ref, role: Role, start: FromDay = None) -> Response:
    """Who could take one seat of a project, the best first, each with the loads, the relationship and a reason."""
    return await read(request, show_candidates, candidates.list_seat_candidates, as_ref(id), role, start, long=True)
