"""What can be wrong with finance, beyond its fields."""

from app.core.errors import Duplicate


class RateCardTaken(Duplicate):
    """Change the rate that there is, or choose another `valid_from`."""

    code, title = "rate-card-taken", "There is a rate for this role from this day on already"
