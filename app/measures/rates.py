"""Exchange rates: the latest of a pair on or before a day, stated in either direction."""

import bisect
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa

from app.db.record import table_of
from app.models.finance import ExchangeRate

exchange_rates = table_of(ExchangeRate)

RATES_OF_CURRENCY = sa.select(
    exchange_rates.c.base, exchange_rates.c.quote, exchange_rates.c.rate, exchange_rates.c.valid_from
).where(
    exchange_rates.c.superseded_at.is_(None),
    sa.or_(exchange_rates.c.base == sa.bindparam("currency"), exchange_rates.c.quote == sa.bindparam("currency")),
)

RATES_OF_CURRENCIES = sa.select(
    exchange_rates.c.base, exchange_rates.c.quote, exchange_rates.c.rate, exchange_rates.c.valid_from
).where(
    exchange_rates.c.superseded_at.is_(None),
    sa.or_(
        exchange_rates.c.base.in_(sa.bindparam("currencies", expanding=True)),
        exchange_rates.c.quote.in_(sa.bindparam("currencies", expanding=True)),
    ),
)


class Rates:
    """What one unit of a currency is worth in `target`. Rates are (base, quote, rate, valid_from)."""

    def __init__(self, target: str, rates: Iterable[tuple[str, str, Decimal, date]]) -> None:
        # Of two on the same day the direct one counts: it sorts last.
        self._by_currency: dict[str, list[tuple[date, bool, Fraction]]] = defaultdict(list)
        for base, quote, rate, valid_from in rates:
            if quote == target:
                self._by_currency[base].append((valid_from, True, Fraction(rate)))
            elif rate:
                self._by_currency[quote].append((valid_from, False, 1 / Fraction(rate)))
        for found in self._by_currency.values():
            found.sort()

    def on(self, currency: str, day: date) -> Fraction | None:
        """The factor on a day; `None` when no rate was valid yet."""
        found = self._by_currency.get(currency, [])
        after = bisect.bisect_right(found, day, key=lambda rate: rate[0])
        return found[after - 1][2] if after else None


NO_RATES = Rates("", ())


def rates_to(conn: sa.Connection, currency: str) -> Rates:
    """All rates between `currency` and others, by one statement."""
    rows = conn.execute(RATES_OF_CURRENCY, {"currency": currency})
    return Rates(currency, ((row.base, row.quote, row.rate, row.valid_from) for row in rows))


def rates_to_each(conn: sa.Connection, currencies: Iterable[str]) -> dict[str, Rates]:
    """As `rates_to`, of several currencies, by one statement for all of them."""
    wanted = sorted(set(currencies))
    rows = [tuple(row) for row in conn.execute(RATES_OF_CURRENCIES, {"currencies": wanted})] if wanted else []
    return {currency: Rates(currency, (row for row in rows if currency in row[:2])) for currency in wanted}
