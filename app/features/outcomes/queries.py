"""What outcomes ask of the database."""

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.models.client import Client
from app.models.finance import RateCard
from app.models.outcome import Outcome
from app.models.person import Person
from app.models.project import Engagement, Project, ProjectStatus, ProjectStatusSpan

outcomes = table_of(Outcome)
projects = table_of(Project)
clients = table_of(Client)
spans = table_of(ProjectStatusSpan)
rate_cards = table_of(RateCard)

REFERENCES = {"project_id": (projects, "id"), "owner_id": (table_of(Person), "id")}

TODAY = sa.bindparam("today", type_=sa.Date)
# A comparison with null is null: not reviewed, neither achieved nor missed.
ACHIEVED = sa.case(
    (outcomes.c.lower_is_better, outcomes.c.actual <= outcomes.c.target),
    else_=outcomes.c.actual >= outcomes.c.target,
)
DUE = sa.and_(outcomes.c.reviewed_on.is_(None), outcomes.c.review_on <= TODAY)

OUTCOMES = Listing(
    name="outcomes",
    columns={
        **{column.name: column for column in outcomes.c},
        "achieved": ACHIEVED,
        "due": DUE,
        # For the ETag: it looks otherwise once its day has come.
        "state": sa.case((DUE, "due"), else_=None),
    },
    source=outcomes,
    filters=("project_id", "owner_id", "measure", "review_on", "reviewed_on", "achieved", "due"),
    sorts=("review_on", "reviewed_on", "measure", "created_at", "updated_at"),
    default_sort=(("review_on", False),),
)
BY_ID = OUTCOMES.select().where(outcomes.c.id == sa.bindparam("which"))
LOCK = sa.select(outcomes).where(outcomes.c.id == sa.bindparam("which")).with_for_update(key_share=True)

_START, _END = sa.bindparam("start", type_=sa.Date), sa.bindparam("end", type_=sa.Date)
_IS_PRO_BONO = projects.c.engagement == Engagement.PRO_BONO
PRO_BONO_PROJECTS = (
    sa.select(
        projects.c.id,
        projects.c.code,
        projects.c.name,
        projects.c.cause,
        projects.c.declared_impact,
        projects.c.client_id,
        clients.c.code.label("client_code"),
        clients.c.name.label("client_name"),
        sa.exists()
        .where(
            spans.c.project_id == projects.c.id,
            spans.c.status.in_([ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.ON_HOLD]),
            spans.c.superseded_at.is_(None),
            spans.c.valid_from < _END,
            sa.or_(spans.c.valid_to.is_(None), spans.c.valid_to > _START),
        )
        .label("is_live"),
    )
    .select_from(projects.join(clients, clients.c.id == projects.c.client_id))
    .where(_IS_PRO_BONO)
    .order_by(projects.c.code)
)
PRO_BONO_OUTCOMES = (
    sa.select(
        outcomes.c.project_id,
        sa.func.count().label("reviewed"),
        sa.func.sum(sa.case((ACHIEVED, 1), else_=0)).label("achieved"),
    )
    .select_from(outcomes.join(projects, projects.c.id == outcomes.c.project_id))
    .where(_IS_PRO_BONO, outcomes.c.reviewed_on >= _START, outcomes.c.reviewed_on < _END)
    .group_by(outcomes.c.project_id)
)
# What an hour in a role is charged at where neither client nor project has a price of its own.
STANDARD_RATES = (
    sa.select(rate_cards.c.role, rate_cards.c.rate, rate_cards.c.currency, rate_cards.c.valid_from)
    .where(
        rate_cards.c.client_id.is_(None),
        rate_cards.c.project_id.is_(None),
        rate_cards.c.superseded_at.is_(None),
    )
    .order_by(rate_cards.c.role, rate_cards.c.valid_from)
)
