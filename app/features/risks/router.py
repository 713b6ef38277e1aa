from fastapi import Request, Response

from app.core.caller import Right
from app.features.risks import issues as issue_service
from app.features.risks import queries, schemas, service
from app.http.answers import Renderer, one, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

risk_renderer = Renderer(schemas.RiskRead, state="timeliness")
issue_renderer = Renderer(schemas.IssueRead, state="timeliness")

risks = router("risks")
issues = router("issues")

show_risk = one(risk_renderer)
show_issue = one(issue_renderer)
show_new_issue = one(issue_renderer, 201, location="/v1/issues")
PLAINLY = schemas.RiskClose()
TODAY = schemas.RiskOccur()

add_resource(
    risks,
    Resource(
        "risk",
        "risks",
        risk_renderer,
        lists=Lists(queries.RISKS, risk_renderer),
        list=service.list_risks,
        get=service.get_risk,
        create=service.create_risk,
        create_schema=schemas.RiskCreate,
        update=service.update_risk,
        update_schema=schemas.RiskUpdate,
        about="What may go wrong, the greatest exposure first. A risk is never deleted: it is closed, or occurs.",
    ),
)
add_resource(
    issues,
    Resource(
        "issue",
        "issues",
        issue_renderer,
        lists=Lists(queries.ISSUES, issue_renderer),
        list=issue_service.list_issues,
        get=issue_service.get_issue,
        create=issue_service.create_issue,
        create_schema=schemas.IssueCreate,
        update=issue_service.update_issue,
        update_schema=schemas.IssueUpdate,
        about="What has gone wrong, the greatest exposure first. Never deleted: it is resolved or withdrawn.",
    ),
)


@risks.post("/{id}/close", response_model=schemas.RiskRead, **operation("close_risk"))
@requires(Right.WRITE)
async def close_risk(request: Request, id: Id, data: schemas.RiskClose = PLAINLY) -> Response:
    """The risk needs no watching any more."""
    expected = expected_version(request, required=False)
    return await write(request, show_risk, service.close, id, data.reason, expected)


@risks.post("/{id}/reopen", response_model=schemas.RiskRead, **operation("reopen_risk"))
@requires(Right.WRITE)
async def reopen_risk(request: Request, id: Id, data: schemas.Reopen) -> Response:
    """A closed risk is back; it is in the decision log."""
    expected = expected_version(request, required=False)
    return await write(request, show_risk, service.reopen, id, data.reason, expected)


@risks.post("/{id}/occur", status_code=201, response_model=schemas.IssueRead, **operation("occur_risk"))
@requires(Right.WRITE)
async def occur_risk(request: Request, id: Id, data: schemas.RiskOccur = TODAY) -> Response:
    """The risk has happened: answers the issue that it becomes, with the risk's words."""
    expected = expected_version(request, required=False)
    return await write(request, show_new_issue, service.occur, id, data.model_dump(), expected)


@issues.post("/{id}/start", response_model=schemas.IssueRead, **operation("start_issue"))
@requires(Right.WRITE)
async def start_issue(request: Request, id: Id) -> Response:
    """Somebody works at it."""
    return await write(request, show_issue, issue_service.start, id, expected_version(request, required=False))


@issues.post("/{id}/resolve", response_model=schemas.IssueRead, **operation("resolve_issue"))
@requires(Right.WRITE)
async def resolve_issue(request: Request, id: Id, data: schemas.IssueResolve) -> Response:
    """Say how it was resolved."""
    expected = expected_version(request, required=False)
    return await write(request, show_issue, issue_service.resolve, id, data.resolution, data.on, expected)


@issues.post("/{id}/withdraw", response_model=schemas.IssueRead, **operation("withdraw_issue"))
@requires(Right.WRITE)
async def withdraw_issue(request: Request, id: Id, data: schemas.IssueWithdraw) -> Response:
    """It was no issue, for a reason that stays."""
    expected = expected_version(request, required=False)
    return await write(request, show_issue, issue_service.withdraw, id, data.reason, expected)


@issues.post("/{id}/reopen", response_model=schemas.IssueRead, **operation("reopen_issue"))
@requires(Right.WRITE)
async def reopen_issue(request: Request, id: Id, data: schemas.Reopen) -> Response:
    """A resolved issue is back; it is in the decision log."""
    expected = expected_version(request, required=False)
    return await write(request, show_issue, issue_service.reopen, id, data.reason, expected)
