"""Scores accounts with a scorecard."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sweetspot._columns import read_cells
from sweetspot._tables import Accounts, read_accounts
from sweetspot.errors import RowError, UnknownAttributeError, UsageError
from sweetspot.results import reasons_text
from sweetspot.scorecard._format import Card, read_card
from sweetspot.scorecard._reasons import largest_reasons
from sweetspot.scorecard._scored import Scored, probabilities_of


class Scorecard:
    """A model that scores here, without a server. Its log-odds are those of the server, to the last bit.

    It follows the conventions of scikit-learn: `predict_proba`, `decision_function`, `classes_`.
    """

    classes_ = np.array([False, True])
    """The order of the columns of `predict_proba`: not ideal, and ideal."""

    def __init__(
        self,
        card: Card,
        *,
        unknown: Literal["raise", "ignore"] = "raise",
        id_column: str | None = None,
        version: str = "",
    ):
        if unknown not in ("raise", "ignore"):
            raise UsageError(f"unknown={unknown!r}: use 'raise' or 'ignore'")
        self._card = card
        self._unknown = unknown
        self._id_column = id_column
        self._version = version

    def __repr__(self) -> str:
        """Return the version, or the digest of the stored model if the version is not known."""
        name = self._version or f"artifact {self._card.artifact_sha256[:12]}"
        return f"Scorecard({name!r}, {len(self._card.attributes)} attributes)"

    @classmethod
    def load(
        cls,
        source: str | os.PathLike[str],
        *,
        unknown: Literal["raise", "ignore"] = "raise",
        id_column: str | None = None,
    ) -> Scorecard:
        """Read a scorecard: the path of a file, or its text, as `sweetspot model export` writes it."""
        return cls(read_card(source), unknown=unknown, id_column=id_column)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the scorecard to a file, which `load` reads. It has the bytes of `sweetspot model export`."""
        Path(path).write_bytes(self._card.content)

    @property
    def attributes(self) -> list[str]:
        """The attributes of the model."""
        return [attribute.name for attribute in self._card.attributes]

    def decision_function(self, accounts: Any) -> npt.NDArray[np.float64]:
        """Return the log-odds of each account."""
        return Scored(self._card, self._read(accounts)).log_odds

    def predict_proba(self, accounts: Any) -> npt.NDArray[np.float64]:
        """Return the probabilities of each account: of not being ideal, and of being ideal."""
        probabilities = probabilities_of(self.decision_function(accounts))
        return np.column_stack([1.0 - probabilities, probabilities])

    def predict(self, accounts: Any) -> npt.NDArray[np.bool_]:
        """Return whether each account is more likely ideal than not."""
        return self.decision_function(accounts) >= 0.0

    def score(self, accounts: Any, *, reasons: int = 3) -> Any:
        """Score accounts, as the client does: a table for a table, a list of dicts for a list, and a dict for a dict.

        The columns are those of the client, without `model_version`. `reasons` is a text in a table, and a tuple of
        `Reason` in a dict.
        """
        read = self._read(accounts)
        scored = Scored(self._card, read)
        columns, found = scored.columns(), largest_reasons(scored, reasons)
        if read.build is not None:
            return read.table({**columns, "reasons": [reasons_text(of_one) for of_one in found]})
        columns["reasons"] = list(found)
        if read.id_name is not None:
            columns = {"account_id": read.ids, **columns}
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
