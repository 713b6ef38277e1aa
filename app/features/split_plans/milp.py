"""A mixed-integer programme for HiGHS: columns, rows, and one silent, repeatable run."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np

# Scores are whole thousandths of a point (but for overload's fractions): half of one is below what anybody sees.
ABSOLUTE_GAP = 0.5
RELATIVE_GAP = 1e-7
# Columns that the first of two runs looks at: one or two people a seat at 500 projects.
COLUMNS_AT_FIRST = 1500


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` is None where nothing was found; `proven` says that it is the best, or that there is none."""

    values: Sequence[float] | None
    proven: bool
    gap: float
    seconds: float


@dataclass(frozen=True, slots=True)
class _Run:
    status: Any
    values: Sequence[float] | None
    objective: float
    proven: bool
    gap: float
    reduced_costs: "np.ndarray[Any, Any]"


class _Clock:
    """What is left of the time that the caller gave."""

    def __init__(self, limit: float) -> None:
        self._limit, self._began = limit, time.monotonic()

    def spent(self) -> float:
        return time.monotonic() - self._began

    def share(self, part: float) -> float:
        return max(0.1, (self._limit - self.spent()) * part)


@dataclass
class Programme:
    """Minimise the cost of the columns within the rows."""

    costs: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    index: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def choice(self, cost: float) -> int:
        """A column that is 0 or 1."""
        return self._column(cost, 1.0, True)

    def amount(self, cost: float, upper: float = highspy.kHighsInf) -> int:
        """A column that is 0 or more."""
        return self._column(cost, upper, False)

    def _column(self, cost: float, upper: float, whole: bool) -> int:
        self.costs.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.costs) - 1

    def row(
        self, terms: Mapping[int, float], lower: float = -highspy.kHighsInf, upper: float = highspy.kHighsInf
    ) -> None:
        """The sum of `terms` lies between `lower` and `upper`."""
        self.index.extend(terms)
        self.value.extend(terms.values())
        self.starts.append(len(self.index))
        self.row_lower.append(lower)
        self.row_upper.append(upper)

    def solve(self, time_limit: float, start: Mapping[int, float] | None = None) -> Answer:
        """The best choice of columns; the same programme has the same answer, unless time runs out.

        The relaxation to fractions gives a bound, and what each column would cost at least beyond it. A first run over
        the cheapest columns gives a plan; a column that would cost more than lies between that plan and the bound can
        be in no better one, so a second run over the others is over all of them.
        """
        clock = _Clock(time_limit)
        relaxed = self._run(clock.share(0.6), None, None)
        if relaxed.status == highspy.HighsModelStatus.kInfeasible:
            return Answer(None, True, 0.0, clock.spent())
        if relaxed.status != highspy.HighsModelStatus.kOptimal:
            return self._conclude(self._run(clock.share(1.0), self._everything(), start), clock, None)
        bound, beyond = relaxed.objective, relaxed.reduced_costs
        few = self._cheapest(beyond, start)
        first = self._run(clock.share(0.5), few, start)
        if first.values is None:
            return self._conclude(self._run(clock.share(1.0), self._everything(), start), clock, bound)
        possible = beyond < first.objective - bound + ABSOLUTE_GAP
        if first.proven and not np.any(possible & ~few):
            return self._conclude(first, clock, bound)
        found = {column: first.values[column] for column, whole in enumerate(self.whole) if whole}
        second = self._run(clock.share(1.0), possible | few, found)
        better = second if second.values is not None and second.objective <= first.objective else first
        proven = replace(better, proven=second.proven)
        return self._conclude(proven, clock, bound)

    def _everything(self) -> "np.ndarray[Any, Any]":
        return np.ones(len(self.costs), dtype=bool)

    def _cheapest(self, beyond: "np.ndarray[Any, Any]", start: Mapping[int, float] | None) -> "np.ndarray[Any, Any]":
        """A few columns a seat, those of the start included; amounts always stay."""
        kept = ~np.array(self.whole)
        kept[np.argsort(beyond, kind="stable")[: COLUMNS_AT_FIRST + int(kept.sum())]] = True
        kept[beyond <= 0] = True
        if start:
            kept[sorted(start)] = True
        return kept

    def _conclude(self, run: "_Run", clock: "_Clock", bound: float | None) -> Answer:
        gap = 0.0 if run.proven else run.gap
        if not run.proven and bound is not None and run.values is not None and run.objective > 0:
            gap = min(gap, (run.objective - bound) / run.objective)
        return Answer(run.values, run.proven, gap, clock.spent())

    def _run(self, seconds: float, allowed: "np.ndarray[Any, Any] | None", start: Mapping[int, float] | None) -> "_Run":
        """One run of HiGHS with one thread and a fixed seed: over the `allowed` columns, or (None) over fractions."""
        highs = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 1),
            ("time_limit", seconds),
            ("mip_rel_gap", RELATIVE_GAP),
            ("mip_abs_gap", ABSOLUTE_GAP),
        ):
            highs.setOptionValue(name, value)
        model = self._model()
        if allowed is None:
            model.integrality_ = []
        else:
            model.col_upper_ = np.where(allowed, model.col_upper_, 0.0)
        highs.passModel(model)
        if start:
            at = np.array(sorted(start), dtype=np.int32)
            highs.setSolution(len(at), at, np.array([start[column] for column in sorted(start)], dtype=np.double))
        highs.run()
        info, status, solution = highs.getInfo(), highs.getModelStatus(), highs.getSolution()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return _Run(
            status=status,
            values=list(solution.col_value) if found else None,
            objective=float(info.objective_function_value),
            proven=status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible),
            gap=float(info.mip_gap),
            reduced_costs=np.array(solution.col_dual),
        )

    def _model(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.costs), len(self.row_lower)
        lp.col_cost_ = np.array(self.costs, dtype=np.double)
        lp.col_lower_ = np.zeros(len(self.costs))
        lp.col_upper_ = np.array(self.upper, dtype=np.double)
        lp.row_lower_ = np.array(self.row_lower, dtype=np.double)
        lp.row_upper_ = np.array(self.row_upper, dtype=np.double)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self.starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self.index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self.value, dtype=np.double)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in self.whole]
        return lp
