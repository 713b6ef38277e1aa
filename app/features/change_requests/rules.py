"""Which move of a change request is legal, what an option may hold, and who must decide."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.core.errors import FieldError, invalid
from app.core.states import StateMachine
from app.models.change_request import ChangeStatus, Charge, OptionKind

DRAFT, SUBMITTED, ASSESSING, AWAITING, APPROVED, REJECTED, POSTPONED, WITHDRAWN, IMPLEMENTED, MERGED = ChangeStatus

_DECIDE, _WITHDRAW, _MERGE = "POST …/decide", "POST …/withdraw", "POST …/merge"
_SMALL = "POST …/approve-within-allowance"
STATES = StateMachine(
    "change request",
    begins=(DRAFT,),
    moves={
        DRAFT: {SUBMITTED: "POST …/submit", APPROVED: _SMALL, WITHDRAWN: _WITHDRAW},
        SUBMITTED: {ASSESSING: "POST …/assess", APPROVED: _SMALL, WITHDRAWN: _WITHDRAW, MERGED: _MERGE},
        ASSESSING: {AWAITING: "POST …/present", APPROVED: _SMALL, WITHDRAWN: _WITHDRAW, MERGED: _MERGE},
        AWAITING: {
            APPROVED: _DECIDE,
            REJECTED: _DECIDE,
            POSTPONED: _DECIDE,
            ASSESSING: "POST …/assess",
            WITHDRAWN: _WITHDRAW,
            MERGED: _MERGE,
        },
        POSTPONED: {ASSESSING: "POST …/assess", WITHDRAWN: _WITHDRAW, MERGED: _MERGE},
        APPROVED: {IMPLEMENTED: "POST …/implement"},
        REJECTED: {},
        WITHDRAWN: {},
        IMPLEMENTED: {},
        MERGED: {},
    },
)

# Decided, taken back or gone into another one: neither it nor its options change any more.
CLOSED = STATES.final | {APPROVED}


def check_charge(charge: str, options: Sequence[Any]) -> None:
    """422 where options have a price that a change of this charge can't have."""
    priced = [str(option.number) for option in options if option.price]
    if charge != Charge.BILLABLE and priced:
        numbers = ", ".join(priced)
        raise invalid(
            "/charge", f"must stay `billable` while options have a price: take it from option {numbers} first"
        )


def option_errors(
    values: Mapping[str, Any], charge: str, roles: Collection[str], open_risks: Collection[str]
) -> list[FieldError]:
    """What is wrong with an option of a change of this charge, where `roles` and `open_risks` are known."""
    errors: list[FieldError] = []
    if values["price"] and charge != Charge.BILLABLE:
        errors.append(FieldError("/price", f"must be left out or 0: the change is `{charge}`, only `billable` has one"))
    if values["kind"] == OptionKind.DECLINED:
        held = [name for name in ("hours", "purchases", "price") if values[name]]
        errors += [FieldError(f"/{name}", "must be left out: declining takes nothing") for name in held]
    seen: set[str] = set()
    for index, line in enumerate(values["hours"]):
        if line["role"] not in roles:
            errors.append(FieldError(f"/hours/{index}/role", "there is no such role", "unknown-reference"))
        elif line["role"] in seen:
            errors.append(FieldError(f"/hours/{index}/role", "must not come twice: add its hours up"))
        seen.add(line["role"])
    for index, line in enumerate(values["risk_changes"]):
        at, risk_id = f"/risk_changes/{index}", line["risk_id"]
        if risk_id is None:
            missing = [name for name in ("cause", "event", "effect") if not line[name]]
            errors += [FieldError(f"{at}/{name}", "is required of a new risk", "required") for name in missing]
        elif risk_id not in open_risks:
            errors.append(FieldError(f"{at}/risk_id", "must be an open risk of the project", "unknown-reference"))
        elif risk_id in seen:
            errors.append(FieldError(f"{at}/risk_id", "must not come twice"))
        else:
            seen.add(risk_id)
    return errors
