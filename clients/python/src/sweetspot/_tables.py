"""The kinds of input: data frames of pandas and polars, tables of pyarrow, lists of dicts, and one dict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sweetspot._arrow import arrow_columns
from sweetspot._columns import CodedTexts, ColumnSource
from sweetspot._values import read_value, text_of
from sweetspot.errors import UsageError

# The names of the column with the account id, as on the command line.
ID_NAMES = ("id", "accountid", "account", "customerid", "companyid", "prospectid", "leadid", "uuid")

# The columns of results that are not texts.
_WHOLE_NUMBERS = ("rank", "score")
_NUMBERS = ("probability", "log_odds", "low", "high", "expected_value", "coverage")


@dataclass(frozen=True)
class Accounts:
    """Accounts of an input."""

    count: int
    columns: list[ColumnSource]
    id_name: str | None
    """The name of the column with the ids, if there is one."""
    ids: list[str]
    build: Callable[[dict[str, list[Any]], Sequence[int]], Any] | None
    """Makes a table of the same kind from columns, with the index of these rows. `None` for dicts."""

    def table(self, columns: dict[str, list[Any]], rows: Sequence[int] | None = None) -> Any:
        """Return a table of the same kind, with the ids and one row for each account, or for each of these."""
        assert self.build is not None, "dicts are not a table"
        rows = range(self.count) if rows is None else rows
        ids = {self.id_name: [self.ids[row] for row in rows]} if self.id_name is not None else {}
        return self.build({**ids, **columns}, rows)


def read_accounts(source: Any, id_column: str | None = None) -> Accounts:
    """Read an input. Without `id_column`, the ids are in the first column whose name is that of an id, if any."""
    library = type(source).__module__.partition(".")[0]
    kind = f"{library}.{type(source).__name__}"
    if kind == "pandas.DataFrame":
        names, count, columns, build = _pandas(source)
    elif kind == "polars.DataFrame":
        names, count, columns, build = _polars(source)
    elif kind in ("pyarrow.Table", "pyarrow.RecordBatch"):
        names, count, columns, build = arrow_columns(source, result_type)
    elif isinstance(source, Mapping):
        names, count, columns, build = _dicts([source])
    elif isinstance(source, Sequence) and all(isinstance(row, Mapping) for row in source):
        names, count, columns, build = _dicts(source)
    else:
        hint = ": call collect() first" if kind == "polars.LazyFrame" else ""
        raise UsageError(
            f"cannot read accounts from {kind}{hint}: use a DataFrame of pandas or polars, a pyarrow Table, "
            "a dict, or a list of dicts"
        )
    _check_names(names)
    id_name = _id_name(names, id_column)
    ids = _ids(columns[names.index(id_name)], count) if id_name is not None else [""] * count
    return Accounts(count, [column for column in columns if column.name != id_name], id_name, ids, build)


def _check_names(names: Sequence[Any]) -> None:
    for name in names:
        if not isinstance(name, str):
            raise UsageError(f"the column {name!r} is not named by a text: rename it")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise UsageError(f"there are several columns {repeated!r}: rename or drop all but one")


def _id_name(names: Sequence[str], wanted: str | None) -> str | None:
    if wanted is not None:
        if wanted not in names:
            raise UsageError(f"there is no column {wanted!r} for the ids of the accounts: there are {', '.join(names)}")
        return wanted
    plain = (name for name in names if name.lower().translate(str.maketrans("", "", " -_")) in ID_NAMES)
    return next(plain, None)


def _ids(column: ColumnSource, count: int) -> list[str]:
    def text(value: object) -> str:
        if type(value) is str:
            return value
        read = read_value(value, column.name)
        return "" if read is None else text_of(read)

    values = column.slice(0, count)
    if isinstance(values, CodedTexts):
        return ["" if value is None else value.value for value in values.read()]
    return [text(value) for value in values]


def _dicts(rows: Sequence[Mapping[Any, Any]]) -> Any:
    names = list(dict.fromkeys(name for row in rows for name in row))

    def column(name: str) -> ColumnSource:
        return ColumnSource(name, lambda start, stop: [row.get(name) for row in rows[start:stop]])

    return names, len(rows), [column(name) for name in names], None


def _pandas(frame: Any) -> Any:
    import pandas as pd

    def column(place: int, name: str) -> ColumnSource:
        series = frame.iloc[:, place]
        if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iufbM":
            values = series.to_numpy()
            return ColumnSource(name, lambda start, stop: values[start:stop])
        return ColumnSource(name, lambda start, stop: series.iloc[start:stop].tolist())

    def build(columns: dict[str, list[Any]], rows: Sequence[int]) -> Any:
        index = frame.index.take(rows)
        cells = {name: _numbers(values) if name in _NUMBERS else values for name, values in columns.items()}
        return pd.DataFrame(cells, index=index)

    names = list(frame.columns)
    return names, len(frame), [column(place, name) for place, name in enumerate(names)], build


def _numbers(values: list[Any]) -> npt.NDArray[np.float64]:
    """Return numbers as an array, where missing ones are NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _polars(frame: Any) -> Any:
    import polars as pl

    def column(name: str) -> ColumnSource:
        series = frame.get_column(name)
        plain = series.dtype.is_float() or (series.null_count() == 0 and series.dtype.is_integer())

        def part(start: int, stop: int) -> Any:
            values = series.slice(start, stop - start)
            return values.to_numpy() if plain else values.to_list()

        return ColumnSource(name, part)

    def build(columns: dict[str, list[Any]], rows: Sequence[int]) -> Any:
        return pl.DataFrame(
            columns, schema={name: result_type(name, pl.Int64, pl.Float64, pl.String) for name in columns}
        )

    return frame.columns, frame.height, [column(name) for name in frame.columns], build


def result_type(name: str, whole_number: Any, number: Any, text: Any) -> Any:
    """Return the type of a column of results."""
    return whole_number if name in _WHOLE_NUMBERS else number if name in _NUMBERS else text
