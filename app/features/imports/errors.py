"""What can stop an import."""

from app.core.errors import Invalid


class ImportRefused(Invalid):
    """Correct the rows that `report` and `errors` name, then send all of them again."""

    code, title = "import-refused", "Some rows can't be accepted, so none was"
