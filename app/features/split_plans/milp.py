"""A mixed-integer programme for HiGHS: columns, rows, and one silent, repeatable run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

# Scores are whole thousandths of a point (but for overload's fractions): half of one is below what anybody sees.
ABSOLUTE_GAP = 0.5
RELATIVE_GAP = 1e-7


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` is None where nothing was found; `proven` says that it is the best, or that there is none."""

    values: Sequence[float] | None
    proven: bool
    gap: float
    seconds: float


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
        """Run HiGHS: one thread and a fixed seed, so that the same programme has the same answer."""
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 1),
            ("time_limit", time_limit),
            ("mip_rel_gap", RELATIVE_GAP),
            ("mip_abs_gap", ABSOLUTE_GAP),
        ):
            highs.setOptionValue(name, value)
        highs.passModel(self._model())
        if start:
            at = np.array(sorted(start), dtype=np.int32)
            highs.setSolution(len(at), at, np.array([start[column] for column in sorted(start)], dtype=np.double))
        highs.run()
        info, status = highs.getInfo(), highs.getModelStatus()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        proven = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        gap = 0.0 if proven else float(info.mip_gap)
        values = list(highs.getSolution().col_value) if found else None
        return Answer(values, proven, gap, float(highs.getRunTime()))

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
