"""Contacts who are asked to decide: what they are shown, the link that opens it, and their one answer."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import Conflict, MoneyHidden, invalid
from app.core.ids import new_id
from app.core.links import AlreadyAnswered, LinkGone, LinkKind, Signer, version_of
from app.db.listing import Listing, ListQuery, Page, columns_of, page
from app.db.record import table_of
from app.features.change_requests import authorities, decide, events, impact, queries, rules
from app.features.change_requests.ask_schemas import AskAnswer
from app.features.change_requests.client_view import ClientView, client_view, plain_day, price_of
from app.features.change_requests.errors import (
    AlreadyDecided,
    CannotAnswerNow,
    ContactMayNotDecide,
    ImpactIncomplete,
    NotAwaitingDecision,
    NotTheirs,
    ProjectNotRunning,
)
from app.features.change_requests.impact_rules import OptionImpact
from app.features.projects import service as projects_service
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.change_request import ChangeAsk, ChangeStatus, OptionKind

asks = table_of(ChangeAsk)

ASK_ANSWERS = tuple(str(answer) for answer in AskAnswer)
OUTCOMES = {
    AskAnswer.CHOSEN: ChangeStatus.APPROVED,
    AskAnswer.DECLINED: ChangeStatus.REJECTED,
    AskAnswer.POSTPONED: ChangeStatus.POSTPONED,
}
# What to do where no day of finishing is known.
FINISH_HELP = {
    "no_capacity": "assign somebody with free hours",
    "team_ends": "assign somebody for longer",
    "beyond_horizon": "assign more people",
    "on_hold": "plan the project's return by POST /v1/projects/{id}/transitions",
    "project_ends": "plan the project's end for later",
    "remaining_unknown": "give the project an hours budget",
}
# When we come back to what a client puts off without saying until when.
POSTPONED_DAYS = 30

ASKS = Listing(
    name="change-asks",
    columns=columns_of(asks, "shown", "content_version"),
    source=asks,
    filters=("change_request_id", "contact_id", "answer"),
    sorts=("asked_at", "answered_at", "created_at", "updated_at"),
    default_sort=(("asked_at", True),),
)
BY_ID = sa.select(asks).where(asks.c.id == sa.bindparam("which"))
LOCK = BY_ID.with_for_update(key_share=True)


def list_change_asks(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, ASKS, query)


def get_change_ask(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, asks, id)


def get_client_view(conn: sa.Connection, caller: Caller, id: UUID) -> ClientView:
    """What a contact would be shown now."""
    change = queries.read(conn, id)
    _check_money(caller, change)
    project = projects_service.get_project(conn, caller, change.project_id)
    options = queries.options_of(conn, id)
    return _view(project, change, options, impact.assess(conn, change, options).options)


def ask(
    conn: sa.Connection, caller: Caller, id: UUID, contact_id: UUID, expected: int | None, signer: Signer
) -> dict[str, Any]:
    """Freeze what the contact is shown, and answer a link to send. Each call makes one more ask."""
    change = queries.lock(conn, id)
    records.check_version(change, expected)
    _check_money(caller, change)
    if change.status != ChangeStatus.AWAITING_DECISION:
        raise NotAwaitingDecision(
            f"It is `{change.status}`: a client is asked once it is presented, until it is decided."
        )
    project = projects_service.get_project(conn, caller, change.project_id)
    _check_answerable(conn, project)
    options = queries.options_of(conn, id)
    figures = impact.assess(conn, change, options).options
    _check_complete(change, options, figures)
    _check_authority(conn, caller, change, project, options, figures, contact_id)
    ask_id, version = new_id(), content_version(project, change, options)
    link, expires_at = signer.sign(LinkKind.CHANGE_DECISION, ask_id, version)
    values = {
        "id": ask_id,
        "change_request_id": id,
        "contact_id": contact_id,
        "content_version": version,
        "shown": _view(project, change, options, figures).model_dump(mode="json"),
        "asked_at": clock.now(),
        "expires_at": expires_at,
    }
    records.add(conn, caller, asks, values)
    emit(conn, caller, events.ask_sent(ask_id, project.id, id, contact_id))
    return {"ask_id": ask_id, "link": link, "link_expires_at": expires_at}


def content_version(project: Row, change: Row, options: Sequence[Row]) -> str:
    """What binds a link to the request and its options as they were shown: prices are in the project's currency, and
    are those of its client."""
    return version_of(
        f"{project.client_id} {project.currency}",
        f"{change.id} {change.version}",
        *sorted(f"{option.id} {option.version}" for option in options),
    )


def ask_for_client(conn: sa.Connection, ask_id: UUID, version: str) -> Row:
    """What the contact was shown, as its link was made for; 410 once it is of no use. Reading it uses nothing up."""
    ask = _found(conn.execute(BY_ID, {"which": ask_id}).one_or_none(), version)
    if ask.answer is None:
        change = queries.read(conn, ask.change_request_id)
        if change.status in rules.DECIDED:
            raise LinkGone(_decided(conn, change))
        _check_unchanged(conn, change, ask)
    return ask


def answer_ask(
    conn: sa.Connection,
    caller: Caller,
    ask_id: UUID,
    version: str,
    answer: str,
    option_number: int | None,
    text: str,
    until: date | None = None,
) -> Row:
    """The contact's one answer, which decides the change in the same transaction. Sent twice, it counts once."""
    former = _found(conn.execute(BY_ID, {"which": ask_id}).one_or_none(), version)
    # All who decide meet at the project's row.
    projects_service.lock(conn, queries.read(conn, former.change_request_id).project_id)
    change = queries.lock(conn, former.change_request_id)
    ask = conn.execute(LOCK, {"which": ask_id}).one()
    if ask.answer is not None:
        if (ask.answer, ask.answer_option, ask.answer_text) == (answer, option_number, text):
            return ask
        raise AlreadyAnswered("Your answer has reached us. Call your contact at the agency to tell us more.")
    if change.status in rules.DECIDED:
        raise AlreadyDecided(_decided(conn, change))
    _check_unchanged(conn, change, ask)
    _decide(conn, caller, change, ask, AskAnswer(answer), option_number, text, until)
    values = {"answer": answer, "answer_option": option_number, "answer_text": text, "answered_at": clock.now()}
    row = records.change(conn, caller, asks, ask, values, None, "answered")
    emit(conn, caller, events.ask_answered(ask_id, change.project_id, change.id, ask.contact_id, answer))
    return row


def _decide(
    conn: sa.Connection,
    caller: Caller,
    change: Row,
    ask: Row,
    answer: AskAnswer,
    option_number: int | None,
    text: str,
    until: date | None,
) -> None:
    today = clock.today()
    if until is not None and until <= today:
        raise invalid("/until", "must be a day that lies ahead")
    postponed_until = until or today + timedelta(POSTPONED_DAYS) if answer is AskAnswer.POSTPONED else None
    option_id, promised = None, None
    if answer is AskAnswer.CHOSEN:
        shown = {option.number: option for option in ClientView.model_validate(ask.shown).options}
        if option_number not in shown:
            raise invalid("/option", f"must be one of {', '.join(map(str, shown))}")
        option_id = next(o.id for o in queries.options_of(conn, change.id) if o.number == option_number)
        # Declining keeps the day that was promised before.
        promised = None if shown[option_number].kind == OptionKind.DECLINED else shown[option_number].ready_on
    try:
        decide.decide(
            conn,
            caller,
            change.id,
            outcome=OUTCOMES[answer],
            option_id=option_id,
            why=text,
            contact_id=ask.contact_id,
            postponed_until=postponed_until,
            promised_due_on=promised,
        )
    except NotTheirs:
        # Who that is, and from which amount on, stays inside.
        raise NotTheirs("Somebody else in your company decides this: call your contact at the agency.") from None
    except Conflict as problem:
        raise CannotAnswerNow("Your answer is not lost on us: call your contact at the agency, please.") from problem


def _view(project: Row, change: Row, options: Sequence[Row], figures: Mapping[UUID, OptionImpact]) -> ClientView:
    ready_on = {option.id: figures[option.id].due_on for option in options}
    return client_view(project.name, project.currency, change, options, ready_on)


def _check_money(caller: Caller, change: Row) -> None:
    if not caller.sees_money_of(change.project_id):
        raise MoneyHidden("Prices are money: let somebody who sees the money of this project do it.")


def _check_answerable(conn: sa.Connection, project: Row) -> None:
    """409 where the client would be asked what nobody could approve."""
    decide.check_running(project)
    if not projects_service.has_baseline(conn, project.id):
        raise ProjectNotRunning("The project has no baseline yet: activate it first, then ask the client.")


def _check_complete(change: Row, options: Sequence[Row], figures: Mapping[UUID, OptionImpact]) -> None:
    """409 that names the prices and days that are not known."""
    missing = []
    for option in options:
        found, at = figures[option.id], {"option": option.number}
        if price_of(option, change.charge) is None:
            missing.append({**at, "what": "price", "detail": "send its price"})
        if option.kind != OptionKind.DECLINED and found.finish_on is None:
            missing.append({**at, "what": "finish", "detail": FINISH_HELP[found.finish_reason or "no_capacity"]})
    if missing:
        said = "; ".join(f"option {item['option']} has no {item['what']} ({item['detail']})" for item in missing)
        raise ImpactIncomplete(f"Before a client is asked: {said}.", extra={"missing": missing})


def _check_authority(
    conn: sa.Connection,
    caller: Caller,
    change: Row,
    project: Row,
    options: Sequence[Row],
    figures: Mapping[UUID, OptionImpact],
    contact_id: UUID,
) -> None:
    """409 that names who may, where the contact may decide none of the options; 422 for a contact of somebody else."""
    records.check_references(conn, {"contact_id": contact_id}, authorities.CONTACT)
    contact = conn.execute(queries.CONTACT, {"which": contact_id}).one()
    if contact.client_id != project.client_id:
        raise invalid("/contact_id", "must be a contact of the project's client")
    known = authorities.known_rules(conn, project.currency)
    amounts = [rules.amount_of(change.charge, option, figures[option.id].cost) for option in options]
    deciding = [
        rules.deciding(known, change.kind, change.charge, authorities.fraction_of(amount)) for amount in amounts
    ]
    if any(rules.may_decide(rule, contact.role, "") for rule in deciding):
        return
    roles = {role for rule in deciding if rule and rule.contact_role for role in rules.who_may(rule.contact_role)}
    people = conn.execute(queries.CONTACTS_OF, {"client": project.client_id, "roles": sorted(roles)}).all()
    names = ", ".join(person.name for person in people)
    who = f"ask {names}" if names else "somebody of ours decides it, or add a contact who may"
    may = [{"id": str(person.id), "name": person.name, "role": person.role} for person in people]
    raise ContactMayNotDecide(f"{contact.name} may decide none of its options: {who}.", extra={"contacts": may})


def _found(ask: Row | None, version: str) -> Row:
    if ask is None or ask.content_version != version:
        raise LinkGone("We have changed our proposal since; we send you a new link.")
    return ask


def _check_unchanged(conn: sa.Connection, change: Row, ask: Row) -> None:
    """410 where what the link shows is not what there is to decide on."""
    if change.status == ChangeStatus.WITHDRAWN:
        raise LinkGone("The request has been withdrawn: there is nothing to decide any more.")
    if change.status == ChangeStatus.MERGED:
        raise LinkGone("The request has become part of another one, about which we write to you.")
    project = conn.execute(queries.PROJECT_SHOWN, {"which": change.project_id}).one()
    current = content_version(project, change, queries.options_of(conn, change.id))
    if change.status != ChangeStatus.AWAITING_DECISION or current != ask.content_version:
        raise LinkGone("We have changed our proposal since; we send you a new link.")


def _decided(conn: sa.Connection, change: Row) -> str:
    """What has been decided in the meantime, in words for the client."""
    on = plain_day(clock.day_of(change.decided_at))
    if change.status == ChangeStatus.POSTPONED:
        return f"It was put off on {on}; we come back to you."
    what = "that everything stays as it is"
    if change.status != ChangeStatus.REJECTED and change.option_id is not None:
        option = records.get(conn, queries.options, change.option_id)
        what = f"option {option.number}, “{option.title}”"
    return f"It has been decided on {on}: {what}."
