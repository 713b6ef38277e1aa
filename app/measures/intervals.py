"""How sure a share is: bounds of a confidence interval."""

from decimal import Decimal

Z_95 = Decimal("1.959963984540054")  # of the normal distribution, for 95 % on both sides


def wilson_lower(kept: int, of: int, z: Decimal = Z_95) -> Decimal | None:
    """The lower bound of Wilson's score interval for `kept` of `of`, from 0 to 1; `None` of none.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if of == 0:
        return None
    share, n, square = Decimal(kept) / of, Decimal(of), z * z
    centre = share + square / (2 * n)
    spread = z * ((share * (1 - share) + square / (4 * n)) / n).sqrt()
    return min(share, max(Decimal(0), (centre - spread) / (1 + square / n)))
