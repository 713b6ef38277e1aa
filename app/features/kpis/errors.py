"""Problems of the KPIs."""

from app.core.errors import NotFound


class UnknownKpi(NotFound):
    """Choose one of the names that `GET /v1/kpis` lists; `docs/kpis.md` explains each."""

    """Choose one of the names that `GET /v1/kpis` lists."""

    code, title = "unknown-kpi", "The catalogue has no such KPI"
