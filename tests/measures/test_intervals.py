"""Bounds of shares, against published figures and against what any bound must keep to."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.measures.intervals import wilson_lower


def test_agrees_with_published_figures() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    published = {(81, 263): "0.2553", (15, 148): "0.0624", (0, 20): "0.0000", (1, 29): "0.0061"}
    for (kept, of), lower in published.items():
        bound = wilson_lower(kept, of)
        assert bound is not None
        assert bound.quantize(Decimal("0.0001")) == Decimal(lower)


def test_of_none_there_is_no_bound() -> None:
    assert wilson_lower(0, 0) is None


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_lies_below_the_share_and_rises_with_what_is_known(counts: tuple[int, int]) -> None:
    kept, of = counts
    bound, surer = wilson_lower(kept, of), wilson_lower(10 * kept, 10 * of)
    assert bound is not None
    assert surer is not None
    assert 0 <= bound <= Decimal(kept) / of
    assert surer >= bound - Decimal("1e-20")
