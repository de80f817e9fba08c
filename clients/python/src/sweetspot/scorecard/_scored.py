"""Accounts with the effects that apply to them, and what follows: log-odds, tiers, intervals and expected values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sweetspot._columns import Cells, read_cells
from sweetspot._tables import Accounts
from sweetspot._values import Value
from sweetspot.scorecard._conditions import Condition
from sweetspot.scorecard._format import UNITS_PER_LOG_ODDS, Card, Effects
from sweetspot.scorecard._segments import segment_places
from sweetspot.scorecard._slots import Filled, fill

_MIN_PROBABILITY = 1e-15
_TIERS = np.array(["A", "B", "C", "D"])


@dataclass(frozen=True)
class Applied:
    """One effect of each account: a slot of an attribute, a hypothesis, or a cell of an interaction."""

    name: str
    """The attribute, or `first * second`."""
    kind: Literal["attribute", "hypothesis", "pair"]
    effects: Effects
    places: npt.NDArray[np.int64]
    """Which effect it is for each account; -1 for none."""
    pooled: int | None = None
    """The slot of all texts of a category that the model does not know."""


class Scored:
    """Accounts with the slots that they fill."""

    def __init__(self, card: Card, accounts: Accounts):
        self._card = card
        self._count = count = accounts.count
        columns = {column.name: column for column in accounts.columns}
        needed = {
            *(attribute.name for attribute in card.attributes),
            *(condition.attribute for condition in card.conditions()),
        }
        self._cells: dict[str, Cells] = {
            name: read_cells(column, 0, count) for name, column in columns.items() if name in needed
        }
        self._filled: dict[str, Filled] = {
            attribute.name: fill(attribute, self._cells.get(attribute.name), count) for attribute in card.attributes
        }
        self._values: dict[str, list[Value | None]] = {}
        self.applied = list(self._apply())

    def _apply(self) -> Iterator[Applied]:
        """Yield what the server adds up, in its order."""
        for attribute in self._card.attributes:
            pooled = len(attribute.slot_of_key) if attribute.kind == "category" else None
            for places in self._filled[attribute.name].places():
                yield Applied(attribute.name, "attribute", attribute.slots, places, pooled)
        for number, condition in enumerate(self._card.hypotheses):
            places = np.where(self._holds(condition), number, -1)
            yield Applied(condition.attribute, "hypothesis", self._card.hypothesis_effects, places)
        for pair in self._card.pairs:
            first = pair.first_groups[self._filled[pair.first].slots]
            second = pair.second_groups[self._filled[pair.second].slots]
            places = first * (int(pair.second_groups.max()) + 1) + second
            yield Applied(f"{pair.first} * {pair.second}", "pair", pair.cells, places)

    @cached_property
    def units(self) -> npt.NDArray[np.int64]:
        """The log-odds in units: whole numbers, so the sum is exact."""
        total = np.full(self._count, self._card.base_units, dtype=np.int64)
        for one in self.applied:
            total += one.effects.units[one.places]
        return total

    @property
    def log_odds(self) -> npt.NDArray[np.float64]:
        """The log-odds of each account."""
        return self.units / UNITS_PER_LOG_ODDS

    def _holds(self, condition: Condition) -> npt.NDArray[np.bool_]:
        """Return for each account whether a condition holds."""
        values = self.values_of(condition.attribute)
        known = {value: condition.holds(value) for value in set(values)}
        return np.array([known[value] for value in values], dtype=bool)

    def values_of(self, attribute: str) -> list[Value | None]:
        """Return the values of an attribute one by one."""
        if attribute not in self._values:
            cells = self._cells.get(attribute)
            self._values[attribute] = [None] * self._count if cells is None else cells.read()
        return self._values[attribute]

    def columns(self) -> dict[str, list[Any]]:
        """Return everything but the reasons, named as in the scores of the client."""
        log_odds = self.log_odds
        probabilities = probabilities_of(log_odds)
        margins = self._card.interval_standard_errors * self._standard_errors()
        lows, highs = probabilities_of(log_odds - margins), probabilities_of(log_odds + margins)
        tiers = self._tiers()
        places = segment_places(self._card, self._filled, self._count)
        segments = self._card.segments
        present = self._present()
        return {
            "score": np.clip(np.floor(probabilities * 100.0 + 0.5), 1, 99).astype(np.int64).tolist(),
            "probability": probabilities.tolist(),
            "log_odds": log_odds.tolist(),
            "low": lows.tolist(),
            "high": highs.tolist(),
            "data_support": self._data_support(tiers, lows, highs, present),
            "tier": _TIERS[tiers].tolist(),
            "pond_side": np.where(self._is_out(tiers), "OUT", "IN").tolist(),
            "segment": [None if place is None else segments[place].id for place in places],
            "expected_value": self._expected_values(probabilities, places),
            "coverage": (present / max(1, len(self._attributes()))).tolist(),
        }

    def _standard_errors(self) -> npt.NDArray[np.float64]:
        """Return the standard errors of the log-odds.

        The server adds in 32 bits and in this order, so the sums are the same to the last bit.
        """
        card = self._card
        variances = np.full(self._count, card.base_variance, dtype=np.float32)
        factors = np.tile(card.base_factors, (self._count, 1))
        for one in self.applied:
            variances += one.effects.variances[one.places]
            factors += one.effects.factors[one.places]
        shared = np.zeros(self._count, dtype=np.float64)
        for factor in factors.astype(np.float64).T:
            shared += factor * factor
        return np.asarray(np.sqrt(variances.astype(np.float64) + shared))

    def _tiers(self) -> npt.NDArray[np.int64]:
        """Return 0 to 3 for the tiers A to D."""
        none = np.zeros(self._count, dtype=bool)
        reached = [none if least is None else self.units >= least for least in self._card.tier_units]
        return np.select(reached, [0, 1, 2], 3)

    def _data_support(
        self,
        tiers: npt.NDArray[np.int64],
        lows: npt.NDArray[np.float64],
        highs: npt.NDArray[np.float64],
        present: npt.NDArray[np.int64],
    ) -> list[str]:
        """Return `sufficient` if the whole interval is in one tier, else `thin`; `none` if no attribute is known."""
        in_one_tier = (self._tiers_of(lows) == tiers) & (self._tiers_of(highs) == tiers)
        support: list[str] = np.select([present == 0, in_one_tier], ["none", "sufficient"], "thin").tolist()
        return support

    def _tiers_of(self, probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        return np.select([probabilities >= cut for cut in self._card.tier_cuts], [0, 1, 2], 3)

    def _is_out(self, tiers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return whether a rule or the tier puts an account out of the pond."""
        has_tiers = self._card.tier_cuts[2] < 1.0
        out: npt.NDArray[np.bool_] = (tiers == 3) if has_tiers else np.zeros(self._count, dtype=bool)
        for rule in self._card.exclusion_rules:
            if rule.puts_out:
                out |= self._holds(rule.condition)
        return out

    def _expected_values(self, probabilities: npt.NDArray[np.float64], places: list[int | None]) -> list[float | None]:
        if self._card.values is None:
            return [None] * self._count
        of_all, if_not = self._card.values
        own = [None if place is None else self._card.segments[place].value_if_ideal for place in places]
        if_ideal = np.array([of_all if value is None else value for value in own], dtype=np.float64)
        return [float(value) for value in probabilities * if_ideal + (1.0 - probabilities) * if_not]

    def _attributes(self) -> set[str]:
        """Return the attributes of the model, with those that only hypotheses read."""
        return {*self._filled, *(condition.attribute for condition in self._card.hypotheses)}

    def _present(self) -> npt.NDArray[np.int64]:
        """Return how many of the attributes each account has."""
        present = np.zeros(self._count, dtype=np.int64)
        for filled in self._filled.values():
            present += filled.present
        for name in self._attributes() - self._filled.keys():
            conditions = [condition for condition in self._card.conditions() if condition.attribute == name]
            present += np.array(
                [any(one.read_value(value)[1] is not None for one in conditions) for value in self.values_of(name)],
                dtype=np.int64,
            )
        return present


def probabilities_of(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return probabilities, which are strictly between 0 and 1. `math.exp` and not `numpy.exp`: see the README."""
    return np.array([_probability(value) for value in log_odds.tolist()], dtype=np.float64)


def _probability(log_odds: float) -> float:
    if log_odds >= 0.0:
        sigmoid = 1.0 / (1.0 + math.exp(-log_odds))
    else:
        exponential = math.exp(log_odds)
        sigmoid = exponential / (1.0 + exponential)
    return min(max(sigmoid, _MIN_PROBABILITY), 1.0 - _MIN_PROBABILITY)
