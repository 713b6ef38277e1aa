"""${message}"""

import sqlalchemy as sa
from alembic import op

from app.db.triggers import create_triggers

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    create_triggers(op.get_bind())


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
    create_triggers(op.get_bind())
