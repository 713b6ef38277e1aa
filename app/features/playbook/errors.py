"""What the playbook forbids."""

from app.core.errors import Conflict


class DefaultChecklist(Conflict):
    """Make another checklist of the occasion its default by PATCH `is_default`, then change or delete this one."""

    code, title = "default-checklist", "The occasion's default checklist stays until another takes its place"
