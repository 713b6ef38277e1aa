"""What a client sees of a change request: this and nothing else, ever. Whatever is not named here stays inside."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.core.money import format_decimal
from app.core.schema import Schema
from app.messaging.records import Row
from app.models.change_request import Charge, OptionKind


class ClientOption(Schema):
    """A way to answer the request, as the client sees it. `ready_on` is the day that would be promised."""

    number: int
    title: str
    kind: OptionKind
    scope: str | None
    value: str | None
    price: str | None
    ready_on: date | None
    sentence: str


class ClientView(Schema):
    """A change request as the client sees it: what it brings, and for each option its price and its day."""

    project: str
    title: str
    value_statement: str
    decide_by: date | None
    options: list[ClientOption]


def client_view(
    project: str, currency: str, change: Row, options: Sequence[Row], ready_on: Mapping[UUID, date | None]
) -> ClientView:
    """`ready_on` are the days that the options would promise. A price or day that is not known yet is null."""
    return ClientView(
        project=project,
        title=change.title,
        value_statement=change.value_statement,
        decide_by=change.decide_by,
        options=[_option(option, price_of(option, change.charge), currency, ready_on[option.id]) for option in options],
    )


def price_of(option: Row, charge: str) -> Decimal | None:
    """What an option costs the client; nothing unless the change is billable. None: it has no price yet."""
    free = charge != Charge.BILLABLE or option.kind == OptionKind.DECLINED
    price: Decimal | None = Decimal(0) if free else option.price
    return price


def money(amount: Decimal, currency: str) -> str:
    """`4,800.00 EUR`"""
    whole, _, fraction = format_decimal(abs(amount)).partition(".")
    return f"{'-' if amount < 0 else ''}{int(whole):,}.{fraction} {currency}"


def plain_day(day: date) -> str:
    """`12 March 2027`"""
    return f"{day.day} {day:%B %Y}"


def _option(option: Row, price: Decimal | None, currency: str, ready_on: date | None) -> ClientOption:
    return ClientOption(
        number=option.number,
        title=option.title,
        kind=option.kind,
        scope=option.scope,
        value=option.value,
        price=None if price is None else money(price, currency),
        ready_on=ready_on,
        sentence=_sentence(option, price, currency, ready_on),
    )


def _sentence(option: Row, price: Decimal | None, currency: str, ready_on: date | None) -> str:
    if option.kind == OptionKind.DECLINED:
        until = "" if ready_on is None else f": ready by {plain_day(ready_on)}"
        return f"Yes, and everything stays as it is agreed today{until}."
    parts = [*_begins(option), _cost(price, currency)]
    if ready_on is None:
        parts.append("we tell you soon when it is ready")
    elif price is not None and price > 0:
        parts[-1] += f" and is ready by {plain_day(ready_on)}"
    else:
        parts.append(f"it is ready by {plain_day(ready_on)}")
    return f"Yes, and {'; '.join(parts)}."


def _begins(option: Row) -> list[str]:
    if option.kind != OptionKind.LATER_PHASE:
        return []
    return [
        "it begins in a later phase"
        if option.starts_on is None
        else f"it begins on {plain_day(option.starts_on)} or later"
    ]


def _cost(price: Decimal | None, currency: str) -> str:
    if price is None:
        return "we tell you soon what it costs"
    if price < 0:
        return f"your price falls by {money(-price, currency)}"
    return f"it costs {money(price, currency)}" if price else "it costs you nothing"
