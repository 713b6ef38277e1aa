from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.core.calendar import Grain, period_of
from app.db.record import table_of
from app.measures.periods import index_of, period_at, period_index
from app.models.calendar_day import CalendarDay
from tests.databases import RolledBack

calendar = table_of(CalendarDay)


@pytest.mark.parametrize("grain", list(Grain))
@pytest.mark.parametrize("fiscal_start_month", [1, 4, 12])
async def test_every_day_falls_into_the_period_of_the_calendar(
    grain: Grain, fiscal_start_month: int, database: RolledBack
) -> None:
    def check(conn: sa.Connection) -> None:
        index = period_index(calendar.c.day, grain, fiscal_start_month)
        window = calendar.c.day.between(date(2014, 12, 20), date(2017, 1, 10))
        rows = conn.execute(sa.select(calendar.c.day, index.label("number")).where(window)).all()
        assert len(rows) == (date(2017, 1, 10) - date(2014, 12, 20)) // timedelta(1) + 1
        for row in rows:
            assert index_of(row.day, grain, fiscal_start_month) == row.number
            assert period_at(row.number, grain, fiscal_start_month) == period_of(row.day, grain, fiscal_start_month)

    await database.read(check)
