"""Scores accounts with a scorecard."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sweetspot._columns import Cells, read_cells
from sweetspot._tables import Accounts, read_accounts
from sweetspot._values import Value
from sweetspot.errors import RowError, UnknownAttributeError, UsageError
from sweetspot.scorecard._conditions import Condition
from sweetspot.scorecard._format import STEPS, Card, read_card
from sweetspot.scorecard._kinds import TextFormat
from sweetspot.scorecard._segments import segment_places
from sweetspot.scorecard._slots import Filled, fill

_MIN_PROBABILITY = 1e-15
_TIERS = np.array(["A", "B", "C", "D"])


class Scorecard:
    """A model that scores here, without a server. Its log-odds are those of the server, to the last bit.

    It follows the conventions of scikit-learn: `predict_proba`, `decision_function`, `classes_`.
    """

    classes_ = np.array([False, True])
    """The order of the columns of `predict_proba`: not ideal, and ideal."""

    def __init__(self, card: Card, *, unknown: Literal["raise", "ignore"] = "raise", id_column: str | None = None):
        if unknown not in ("raise", "ignore"):
            raise UsageError(f"unknown={unknown!r}: use 'raise' or 'ignore'")
        self._card = card
        self._unknown = unknown
        self._id_column = id_column

    @classmethod
    def load(
        cls,
        source: str | os.PathLike[str],
        *,
        unknown: Literal["raise", "ignore"] = "raise",
        id_column: str | None = None,
    ) -> Scorecard:
        """Read a scorecard: the path of a file, or its text, as `sweetspot model show --json` prints it."""
        return cls(read_card(source), unknown=unknown, id_column=id_column)

    def with_text_formats(self, formats: Mapping[str, tuple[str, str]]) -> Scorecard:
        """Return a scorecard that reads ambiguous texts of these attributes by their decimal mark and their date order.

        The JSON does not have them: they are `decimal` and `date_order` of the attributes of `GetModelVersion`.
        """
        forms = {name: TextFormat(*form) for name, form in formats.items()}

        def formatted(condition: Condition) -> Condition:
            return replace(condition, form=forms.get(condition.attribute, condition.form))

        card = self._card
        attributes = [replace(one, form=forms.get(one.name, one.form)) for one in card.attributes]
        hypotheses = [replace(one, condition=formatted(one.condition)) for one in card.hypotheses]
        rules = [replace(one, condition=formatted(one.condition)) for one in card.exclusion_rules]
        card = replace(card, attributes=attributes, hypotheses=hypotheses, exclusion_rules=rules)
        return Scorecard(card, unknown=self._unknown, id_column=self._id_column)

    @property
    def attributes(self) -> list[str]:
        """The attributes of the model."""
        return [attribute.name for attribute in self._card.attributes]

    def decision_function(self, accounts: Any) -> npt.NDArray[np.float64]:
        """Return the log-odds of each account."""
        return _Scored(self._card, self._read(accounts)).log_odds

    def predict_proba(self, accounts: Any) -> npt.NDArray[np.float64]:
        """Return the probabilities of each account: of not being ideal, and of being ideal."""
        probabilities = _probabilities(self.decision_function(accounts))
        return np.column_stack([1.0 - probabilities, probabilities])

    def predict(self, accounts: Any) -> npt.NDArray[np.bool_]:
        """Return whether each account is more likely ideal than not."""
        return self.decision_function(accounts) >= 0.0

    def score(self, accounts: Any) -> Any:
        """Score accounts, as the client does: a table for a table, a list of dicts for a list, and a dict for a dict.

        The columns are those of the client, except for those that a scorecard cannot compute: the interval (`low`,
        `high`), `data_support`, and the reasons.
        """
        read = self._read(accounts)
        columns = _Scored(self._card, read).columns()
        if read.build is not None:
            return read.table(columns)
        rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        return rows[0] if isinstance(accounts, Mapping) else rows

    def _read(self, accounts: Any) -> Accounts:
        read = read_accounts(accounts, self._id_column)
        if self._unknown == "raise":
            _check_known(self._card, read)
        return read


def _check_known(card: Card, accounts: Accounts) -> None:
    """Raise an error if an account has an attribute that the model does not have."""
    known = [
        *(attribute.name for attribute in card.attributes),
        *(condition.attribute for condition in card.conditions()),
    ]
    errors = []
    for column in accounts.columns:
        if column.name in known:
            continue
        values = read_cells(column, 0, accounts.count).read()
        row = next((row for row, value in enumerate(values) if value is not None), None)
        if row is not None:
            near = difflib.get_close_matches(column.name, known, n=1)
            hint = f": did you mean {near[0]!r}?" if near else ""
            text = f"the model does not have the attribute {column.name!r}{hint}"
            errors.append(RowError(row, accounts.ids[row], "UNKNOWN_ATTRIBUTE", column.name, text))
    if errors:
        raise UnknownAttributeError(errors)


class _Scored:
    """Accounts with the slots that they fill, and their log-odds."""

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
        self.log_odds = self._sum() / STEPS

    def _sum(self) -> npt.NDArray[np.int64]:
        """Return the log-odds in steps: whole numbers, so the sum is exact."""
        total = np.full(self._count, self._card.base_steps, dtype=np.int64)
        for filled in self._filled.values():
            total += filled.steps
        for hypothesis in self._card.hypotheses:
            total += hypothesis.steps * self._holds(hypothesis.condition)
        for pair in self._card.pairs:
            first = pair.first_groups[self._filled[pair.first].slots]
            second = pair.second_groups[self._filled[pair.second].slots]
            total += pair.steps[first * (int(pair.second_groups.max()) + 1) + second]
        return total

    def _holds(self, condition: Condition) -> npt.NDArray[np.int64]:
        """Return 1 for each account for which a condition holds, and 0 for the others."""
        values = self._values_of(condition.attribute)
        known = {value: condition.holds(value) for value in set(values)}
        return np.array([known[value] for value in values], dtype=np.int64)

    def _values_of(self, attribute: str) -> list[Value | None]:
        if attribute not in self._values:
            cells = self._cells.get(attribute)
            self._values[attribute] = [None] * self._count if cells is None else cells.read()
        return self._values[attribute]

    def columns(self) -> dict[str, list[Any]]:
        """Return everything that the scorecard says about the accounts."""
        probabilities = _probabilities(self.log_odds)
        cuts = self._card.tier_cuts
        tiers = np.select([probabilities >= cut for cut in cuts], [0, 1, 2], 3)
        out = np.zeros(self._count, dtype=bool)
        for rule in self._card.exclusion_rules:
            if rule.puts_out:
                out |= self._holds(rule.condition).astype(bool)
        if cuts[2] < 1.0:
            out |= tiers == 3
        places = segment_places(self._card, self._filled, self._count)
        segments = self._card.segments
        return {
            "score": np.clip(np.floor(probabilities * 100.0 + 0.5), 1, 99).astype(np.int64).tolist(),
            "probability": probabilities.tolist(),
            "log_odds": self.log_odds.tolist(),
            "tier": _TIERS[tiers].tolist(),
            "pond_side": np.where(out, "OUT", "IN").tolist(),
            "segment": [None if place is None else segments[place].id for place in places],
            "expected_value": self._expected_values(probabilities, places),
            "coverage": self._coverage().tolist(),
        }

    def _expected_values(self, probabilities: npt.NDArray[np.float64], places: list[int | None]) -> list[float | None]:
        if self._card.values is None:
            return [None] * self._count
        of_all, if_not = self._card.values
        own = [None if place is None else self._card.segments[place].value_if_ideal for place in places]
        if_ideal = np.array([of_all if value is None else value for value in own], dtype=np.float64)
        return [float(value) for value in probabilities * if_ideal + (1.0 - probabilities) * if_not]

    def _coverage(self) -> npt.NDArray[np.float64]:
        """Return the share of attributes that are known, with those that only hypotheses read."""
        known = sum(
            (filled.present.astype(np.int64) for filled in self._filled.values()), np.zeros(self._count, np.int64)
        )
        conditions = [hypothesis.condition for hypothesis in self._card.hypotheses]
        more = {condition.attribute: condition for condition in conditions if condition.attribute not in self._filled}
        for name, condition in more.items():
            values = self._values_of(name)
            known += np.array([condition.read_value(value)[1] is not None for value in values], dtype=np.int64)
        return known / max(1, len(self._filled) + len(more))


def _probabilities(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return probabilities, which are strictly between 0 and 1. `math.exp` and not `numpy.exp`: see the README."""
    return np.array([_probability(value) for value in log_odds.tolist()], dtype=np.float64)


def _probability(log_odds: float) -> float:
    if log_odds >= 0.0:
        sigmoid = 1.0 / (1.0 + math.exp(-log_odds))
    else:
        exponential = math.exp(log_odds)
        sigmoid = exponential / (1.0 + exponential)
    return min(max(sigmoid, _MIN_PROBABILITY), 1.0 - _MIN_PROBABILITY)
