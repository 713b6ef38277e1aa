"""The one list of routers under /v1."""

from fastapi import APIRouter

from app.features.access.router import api_keys, me
from app.features.assignments.router import assignments
from app.features.audit.router import audit
from app.features.calendar.router import calendar_days
from app.features.capacity.router import capacity, person_loads, seat_candidates
from app.features.change_requests.router import (
    change_allowance,
    change_asks,
    change_authorities,
    change_options,
    change_requests,
)
from app.features.client_links.router import client_links
from app.features.clients.router import clients, contacts
from app.features.commitments.router import commitment_renegotiations, commitments
from app.features.decisions.router import decision_outcomes, decisions
from app.features.duties.router import duty_profiles, duty_rules, person_duties
from app.features.feedback.router import feedback, feedback_requests
from app.features.finance.router import exchange_rates, expenses, invoices, rate_cards
from app.features.goals.router import goal_alignment, goal_links, goals
from app.features.handovers.router import handover_moves, handover_notices, handover_tasks, handovers
from app.features.imports.router import imports
from app.features.kpis.router import kpis
from app.features.offboarding.router import offboarding
from app.features.outcomes.router import outcomes, pro_bono
from app.features.people.router import people, rates, skills, time_off
from app.features.periods.router import period_history, periods
from app.features.playbook.router import checklist_items, checklists
from app.features.pmo.router import (
    charter_versions,
    charters,
    developments,
    office_worth,
    skill_needs,
    skills_gap,
)
from app.features.portfolio.router import portfolio
from app.features.projects.router import baselines, estimates, milestones, projects, seats
from app.features.quality.router import defects, deliverable_reviews
from app.features.relationships.router import relationships
from app.features.reminders.router import reminders
from app.features.rescues.router import rescue_actions, rescue_triage, rescues
from app.features.risks.router import issues, risks
from app.features.roles.router import responsibilities, roles
from app.features.split_plans.router import split_plan_moves, split_plans
from app.features.status_reports.router import project_health, status_reports
from app.features.templates.router import project_steps, project_tasks, project_templates
from app.features.time_entries.router import time_entries
from app.features.touchpoints.router import touchpoint_gaps, touchpoints

ROUTERS: tuple[APIRouter, ...] = (
    api_keys,
    me,
    audit,
    clients,
    contacts,
    people,
    relationships,
    skills,
    rates,
    time_off,
    roles,
    responsibilities,
    calendar_days,
    time_entries,
    expenses,
    invoices,
    rate_cards,
    exchange_rates,
    projects,
    seats,
    milestones,
    baselines,
    estimates,
    goals,
    goal_links,
    goal_alignment,
    status_reports,
    project_health,
    assignments,
    capacity,
    person_loads,
    offboarding,
    seat_candidates,
    checklists,
    checklist_items,
    handovers,
    handover_moves,
    handover_notices,
    handover_tasks,
    split_plans,
    split_plan_moves,
    change_requests,
    change_options,
    change_authorities,
    change_asks,
    change_allowance,
    client_links,
    feedback,
    feedback_requests,
    decisions,
    risks,
    issues,
    rescues,
    rescue_actions,
    rescue_triage,
    portfolio,
    reminders,
    decision_outcomes,
    duty_rules,
    duty_profiles,
    person_duties,
    kpis,
    periods,
    period_history,
    deliverable_reviews,
    defects,
    outcomes,
    pro_bono,
    touchpoints,
    touchpoint_gaps,
    commitments,
    commitment_renegotiations,
    skill_needs,
    developments,
    charters,
    charter_versions,
    skills_gap,
    office_worth,
    project_templates,
    project_tasks,
    project_steps,
    imports,
)
