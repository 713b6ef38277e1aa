from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.calendar import Grain
from app.features.kpis.schemas import GroupBy
from app.measures.catalogue import CATALOGUE, KPIS
from app.measures.definition import Conventions, Definition, KpiType
from app.measures.document import catalogue_page
from app.measures.engine import Question, evaluate
from app.measures.sources import SOURCES, VARIANTS
from app.measures.sources.base import DIMENSIONS
from tests.databases import RolledBack

PAGE = Path(__file__).parents[2] / "docs" / "kpis.md"

each_kpi = pytest.mark.parametrize("kpi", CATALOGUE, ids=lambda kpi: kpi.name)


def test_the_page_says_what_the_catalogue_says() -> None:
    assert PAGE.read_text() == catalogue_page(), "run: python -m app.measures.document > docs/kpis.md"


def test_no_name_is_taken_twice() -> None:
    assert len(KPIS) == len(CATALOGUE)


def test_the_api_knows_every_dimension() -> None:
    assert {dimension.value for dimension in GroupBy} == set(DIMENSIONS)


@each_kpi
def test_a_kpi_is_documented(kpi: Definition) -> None:
    assert kpi.label
    assert kpi.description.endswith(".")
    assert kpi.source.endswith(".")
    assert kpi.owner
    assert f"\n## {kpi.name}\n" in PAGE.read_text()


@each_kpi
def test_a_kpi_names_only_what_its_sources_have(kpi: Definition) -> None:
    assert (kpi.type is KpiType.RATIO) == bool(kpi.denominator)
    assert set(kpi.drill_members) == {source.name for source in kpi.sources}
    for source in [*kpi.sources, *(found for (name, _), found in VARIANTS.items() if SOURCES[name] in kpi.sources)]:
        assert set(kpi.dimensions) <= set(source.dimensions)
        assert set(kpi.drill_members[source.name]) <= set(source.columns)
        for measure in (measure for measure in kpi.measures if measure.source == source.name):
            named = {measure.value, measure.times, measure.filter, measure.currency, *measure.needs.values()}
            assert named - {None} <= set(source.columns)


@each_kpi
async def test_a_kpi_runs_by_every_grain_and_dimension(kpi: Definition, database: RolledBack) -> None:
    def ask(conn: sa.Connection, **options: Any) -> None:
        for rule in ("first_day", "spread"):
            evaluate(conn, Question(kpi, **options), Conventions(week_line_rule=rule))

    for grain in Grain:
        await database.read(ask, grain=grain)
    await database.read(ask, group_by=kpi.dimensions)
    await database.read(ask, currency="EUR" if kpi.in_currency else None)
    for dimension in kpi.dimensions:
        await database.read(ask, filters=((dimension, ("01890000-0000-7000-8000-000000000001",)),))
