from fastapi import Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.offboarding import schemas, service
from app.http.answers import model, write
from app.http.resource import Ref, as_ref, operation, router
from app.http.routing import requires

offboarding = router("people")

show_offboarding = model(TypeAdapter(schemas.OffboardingRead))


@offboarding.post("/{id}/offboarding", response_model=schemas.OffboardingRead, **operation("offboard_person"))
@requires(Right.WRITE)
async def offboard_person(request: Request, id: Ref, data: schemas.OffboardingCreate) -> Response:
    """What somebody holds after the day on which they leave, with a hand-over drafted for each client."""
    return await write(request, show_offboarding, service.offboard_person, as_ref(id), data)
