"""The mapping files that ship with the product. One is a TOML file in `mappings/`; its name is the mapping's."""

import functools
import tomllib
from pathlib import Path

from app.core.errors import invalid
from app.features.imports.schemas import ImportMapping

FOLDER = Path(__file__).parent / "mappings"


@functools.cache
def known_mappings() -> dict[str, Path]:
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


@functools.cache
def mapping_named(name: str) -> ImportMapping:
    """The mapping of this name; 422 when there is none."""
    path = known_mappings().get(name)
    if path is None:
        raise invalid("/mapping", f"must be one of: {', '.join(known_mappings())}", "unknown-mapping")
    return ImportMapping.model_validate({"name": name, **tomllib.loads(path.read_text())})


def needed_files(mapping: ImportMapping) -> tuple[str, ...]:
    """The names of the files that a mapping reads, in the order in which it does."""
    return tuple(table.file for table in mapping.tables)
