"""The table of all settings in `docs/operations.md`; `python -m app.cli.document` prints it."""

import json
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from app.settings import Group, Settings


def variables() -> Iterator[tuple[str, FieldInfo]]:
    """Every environment variable that is a setting."""
    prefix = Settings.model_config["env_prefix"]
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, Group):
            for inner, one in group.model_fields.items():
                yield f"{prefix}{name}_{inner}".upper(), one
        else:
            yield f"{prefix}{name}".upper(), field


def settings_table() -> str:
    """All settings as a table in Markdown, in the order of `app/settings.py`."""
    rows = [f"| `{name}` | {_default(field.default)} | {_meaning(field)} |" for name, field in variables()]
    return "\n".join(["| Variable | Default | What it does |", "|---|---|---|", *rows])


def _default(value: Any) -> str:
    if value is None:
        return "–"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _meaning(field: FieldInfo) -> str:
    text = field.description or ""
    if get_origin(field.annotation) is Literal:
        text += f" One of {', '.join(f'`{choice}`' for choice in get_args(field.annotation))}."
    return text


if __name__ == "__main__":
    typer.echo(settings_table())
