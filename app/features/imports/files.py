"""From the text of a CSV file to rows of named cells. Pure functions."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass


class Unreadable(Exception):
    """A file whose rows can't be told apart from this line on."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Cells:
    """A row: the line on which it begins, and its cells by column."""

    line: int
    by_column: dict[str, str]
    fault: str | None = None


def rows_of(content: str | bytes, columns: set[str]) -> Iterator[Cells]:
    """The rows of a CSV file that must have these columns; empty lines are skipped, blanks around cells dropped."""
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    header: list[str] | None = None
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Unreadable(begins, f"is no CSV: {error}") from error
        if cells is None:
            break
        line, begins = begins, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            _check_header(line, header, columns)
        elif len(cells) != len(header):
            yield Cells(line, {}, f"has {len(cells)} cells, where the header has {len(header)}")
        else:
            yield Cells(line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})
    if header is None:
        raise Unreadable(1, "is empty: it needs a header")


def _text(content: str | bytes) -> str:
    try:
        text = content.decode() if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "is not UTF-8: save it as such") from error
    if "\0" in text:
        raise Unreadable(text.count("\n", 0, text.index("\0")) + 1, "holds a NUL character: export it again as text")
    return text.removeprefix("\ufeff")


def _check_header(line: int, header: list[str], columns: set[str]) -> None:
    if missing := sorted(columns - set(header)):
        raise Unreadable(line, f"lacks the column {', '.join(missing)}; it has: {', '.join(header)[:200]}")
    if twice := sorted({name for name in columns if header.count(name) > 1}):
        raise Unreadable(line, f"has the column {', '.join(twice)} twice")
