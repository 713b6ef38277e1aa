"""Keeps managers within their caps, and answers who carries what and who is free.

Whoever writes what could break a cap does it in these steps, all in one transaction: lock the people, lock the
project, `watch` the people, write, `check_capacity`. People are locked before projects, as everywhere; so two
projects that race for a manager's last free place meet at the person's row, and the second reads what the first wrote.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller, Right
from app.core.errors import Forbidden
from app.features.capacity import candidates, finish, finish_rules, queries, rules, weeks
from app.features.decisions import service as decisions
from app.models.decision import DecisionKind

Burden = rules.Burden
Burdens = rules.Burdens
Days = rules.Days
PersonWeeks = weeks.PersonWeeks

lock = queries.lock
read_field = candidates.read_field
holders = queries.holders
burdens = queries.burdens
person_weeks = weeks.person_weeks
window, get_capacity = weeks.window, weeks.get_capacity
steps, most = rules.steps, rules.most
Outlook = finish.Outlook
NoFinish = finish_rules.NoFinish
Plan = finish_rules.Plan
RemainingBasis = finish.RemainingBasis
outlook, plan, hours_by_day = finish.outlook, finish_rules.plan, finish_rules.hours_by_day


def watch(conn: sa.Connection, people: Iterable[UUID]) -> Burdens:
    """Lock people, and answer what they carry before the write."""
    ids = set(people)
    queries.lock(conn, ids)
    return queries.burdens(conn, ids)


def watch_holders(conn: sa.Connection, project_id: UUID) -> Burdens:
    """As `watch`, for those who hold seats of a project whose row is locked.

    They were locked before the project; somebody who has sat down in between is locked only now. That could be a
    deadlock, which is retried.
    """
    return watch(conn, queries.holders(conn, project_id))


def check_override(caller: Caller, override_reason: str | None) -> None:
    """403 where a reason is given by a caller who may not override."""
    if override_reason is not None and not caller.may(Right.OVERRIDE):
        raise Forbidden(f"Leave out `override_reason`: only those with the right `{Right.OVERRIDE}` may give one.")


def check_capacity(
    conn: sa.Connection,
    caller: Caller,
    before: Burdens,
    *,
    subject_type: str,
    subject_id: UUID,
    override_reason: str | None = None,
    project_id: UUID | None = None,
    client_id: UUID | None = None,
) -> None:
    """409 `over-capacity` where what has been written puts somebody above a cap, or further above it, on any day.

    With a reason, and the right to, it is written to the decision log instead, once for each overload.
    """
    check_override(caller, override_reason)
    found = rules.new_overloads(before, queries.burdens(conn, before))
    if not found:
        return
    if override_reason is None:
        raise rules.refusal(found)
    for overload in found:
        decisions.log(
            conn,
            caller,
            kind=DecisionKind.OVERRIDE,
            subject_type=subject_type,
            subject_id=subject_id,
            what=rules.what(overload),
            why=override_reason,
            project_id=project_id,
            client_id=client_id,
            person_id=overload.person_id,
            impact=rules.as_json(overload),
        )
