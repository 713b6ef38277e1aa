"""What can stop an import."""

from app.core.errors import Invalid


class ImportRefused(Invalid):
    """Carries the report, with the rows that failed."""

    code, title = "import-refused", "Some rows can't be accepted, so none was"
