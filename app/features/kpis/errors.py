"""Problems of the KPIs."""

from app.core.errors import NotFound


class UnknownKpi(NotFound):
    code, title = "unknown-kpi", "The catalogue has no such KPI"
