"""Which move of a change request is legal, what an option may hold, and who must decide."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from app.core.caller import AccessRole
from app.core.errors import FieldError, invalid
from app.core.money import format_plain
from app.core.states import StateMachine
from app.features.change_requests.errors import AllowanceExceeded, ImpactIncomplete, TooFewOptions
from app.models.change_request import ChangeStatus, Charge, OptionKind
from app.models.client import ContactRole

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
# Not presented yet: these may go out of the allowance.
SMALL = frozenset({DRAFT, SUBMITTED, ASSESSING})
DECIDED = frozenset({APPROVED, REJECTED, POSTPONED, IMPLEMENTED})


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


def check_presentable(options: Sequence[Any]) -> None:
    """409 where there is not enough to choose from: two options, one of which does something."""
    if len(options) < 2:
        raise TooFewOptions(
            f"It has {len(options)} of two options at least: add what is asked for, and another way to answer it."
        )
    if all(option.kind == OptionKind.DECLINED for option in options):
        raise TooFewOptions("All its options decline: add one that does what is asked for, or part of it.")


def check_priced(charge: str, option: Any) -> None:
    """409 where the client would agree to an option that has no price yet: the fee would silently stay as it is."""
    if charge == Charge.BILLABLE and option.price is None:
        said = "0 where it is free"
        raise ImpactIncomplete(
            f"Option {option.number} has no price: send it by PATCH /v1/change-options/{option.id} ({said}).",
            extra={"missing": [{"option": option.number, "what": "price", "detail": f"send its price, {said}"}]},
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Who must decide changes of a kind and charge (null: any) above an amount.

    `threshold` is `above` in the project's currency; null where no exchange rate is known, which everything exceeds.
    """

    id: UUID
    kind: str | None
    charge: str | None
    above: Fraction
    threshold: Fraction | None
    contact_role: str | None
    access_role: str | None

    def holds(self, kind: str, charge: str, amount: Fraction | None) -> bool:
        """Whether it speaks of such a change; an unknown amount is above everything."""
        if self.kind not in (None, kind) or self.charge not in (None, charge):
            return False
        return not self.above or self.threshold is None or amount is None or amount > self.threshold

    @property
    def rank(self) -> tuple[Fraction, int, UUID]:
        """Of two that hold, the greater one decides."""
        height = self.above if self.threshold is None else self.threshold
        return height, (self.kind is not None) + (self.charge is not None), self.id


def deciding(rules: Iterable[Rule], kind: str, charge: str, amount: Fraction | None) -> Rule | None:
    """The rule that says who decides; null: everybody may who can write."""
    return max((rule for rule in rules if rule.holds(kind, charge, amount)), key=lambda rule: rule.rank, default=None)


# Whoever may decide more may decide less.
STAND_FOR: Mapping[str, tuple[str, ...]] = {
    ContactRole.APPROVER: (ContactRole.APPROVER, ContactRole.SPONSOR),
    AccessRole.MANAGER: (AccessRole.MANAGER, AccessRole.PMO_LEAD),
}


def who_may(role: str) -> tuple[str, ...]:
    """The roles that may decide what `role` must decide."""
    return STAND_FOR.get(role, (role,))


def may_decide(rule: Rule | None, contact_role: str | None, access_role: str) -> bool:
    """Whether a contact of this role, or the caller of this access role, decides what `rule` speaks of."""
    if rule is None:
        return True
    if rule.contact_role is not None:
        return contact_role in who_may(rule.contact_role)
    return access_role in who_may(str(rule.access_role))


def hours_by_role(lines: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The hours of an option, of which each role comes once."""
    return {line["role"]: Decimal(line["hours"]) for line in lines}


def total_hours(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(line["hours"]) for line in lines), Decimal(0))


def hours_left(allowance: Decimal | None, used: Decimal) -> Decimal | None:
    """What is left of an allowance, never less than nothing; null: none was agreed."""
    return None if allowance is None else max(allowance - used, Decimal(0))


def check_allowance(left: Decimal | None, hours: Decimal) -> None:
    """409 where the allowance does not cover these hours."""
    if left is None:
        raise AllowanceExceeded(
            "No allowance was agreed for this project: submit it, add options, and let it be decided.",
            extra={"left_hours": None},
        )
    if hours > left:
        raise AllowanceExceeded(
            f"{format_plain(left)} hours are left and it takes {format_plain(hours)}: submit it, add options, "
            "and let it be decided.",
            extra={"left_hours": format_plain(left)},
        )


def amount_of(charge: str, option: Any, cost: Decimal | None) -> Decimal | None:
    """What an option is worth to whoever decides: its price where they pay it, else what it takes of ours. What is
    refused or put off (no option) takes nothing; null: unknown.
    """
    if option is None or option.kind == OptionKind.DECLINED:
        return Decimal(0)
    if charge == Charge.BILLABLE:
        price: Decimal | None = option.price
        return None if price is None else abs(price)
    return cost


def outcome_of(asked: ChangeStatus, option: Any, postponed_until: date | None, today: date) -> ChangeStatus:
    """What is decided: choosing to decline is a rejection. 422 where the fields do not fit to it."""
    if asked == APPROVED and option is None:
        raise invalid("/option_id", "is required: say which option is approved", "required")
    if asked == POSTPONED:
        if option is not None:
            raise invalid("/option_id", "must be left out: postponing chooses none")
        if postponed_until is None:
            raise invalid("/postponed_until", "is required: say until when", "required")
        if postponed_until <= today:
            raise invalid("/postponed_until", f"must lie after today, {today}")
    elif postponed_until is not None:
        raise invalid("/postponed_until", "must be left out, unless the outcome is `postponed`")
    declined = option is not None and option.kind == OptionKind.DECLINED
    if asked == REJECTED and option is not None and not declined:
        raise invalid("/option_id", "must be left out, or be the option that declines")
    return REJECTED if declined else asked
