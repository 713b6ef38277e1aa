"""Alembic's entry: one tree for both databases, run on a connection that the caller has opened (see `app/db/migrate.py`)."""

from alembic import context

import app.models  # noqa: F401  registers every table
from app.db.record import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
