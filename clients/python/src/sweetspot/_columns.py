"""Columns of accounts as messages: columns if each has values of one kind, else rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sweetspot._values import MAX_EXACT, Kind, Value, day_text, read_value
from sweetspot.errors import UsageError
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import types_pb2 as types

# Reads the values of some rows: an array of numbers, flags or days, coded texts, or any sequence of values.
Slice: TypeAlias = Callable[[int, int], Any]


@dataclass(frozen=True)
class ColumnSource:
    """A column of the input."""

    name: str
    slice: Slice


@dataclass(frozen=True)
class CodedTexts:
    """Texts, or lists of texts, as positions in a dictionary that has no others."""

    dictionary: list[str]
    codes: npt.NDArray[np.int64]
    """Of each row, or with `offsets` of each item; any number where a row has no value."""
    present: npt.NDArray[np.bool_]
    """Which rows have a value."""
    offsets: npt.NDArray[np.int64] | None = None
    """Of lists: where the items of each row begin, and the end of the last ones."""

    def read(self) -> list[Value | None]:
        """Return the values one by one."""
        texts = self.dictionary
        if self.offsets is None:
            values = [Value("text", text) for text in texts]
            return [values[code] if present else None for code, present in zip(self.codes, self.present, strict=True)]
        items = [texts[code] for code in self.codes]
        bounds = zip(self.offsets.tolist(), self.offsets.tolist()[1:], self.present, strict=False)
        return [Value("texts", tuple(items[start:end])) if present else None for start, end, present in bounds]


@dataclass(frozen=True)
class Cells:
    """Some rows of a column: an array of numbers, flags or days, coded texts, or values one by one."""

    name: str
    array: npt.NDArray[Any] | None
    values: list[Value | None]
    coded: CodedTexts | None = None

    def read(self) -> list[Value | None]:
        """Return the values one by one."""
        if self.coded is not None:
            return self.coded.read()
        if self.array is None:
            return self.values
        return [read_value(value, self.name) for value in self.array]

    def is_missing(self) -> bool:
        """Whether no row has a value."""
        if self.coded is not None:
            return not self.coded.present.any()
        return self.array is None and all(value is None for value in self.values)

    def kinds(self) -> set[Kind]:
        if self.coded is not None:
            return {"text" if self.coded.offsets is None else "texts"}
        return {value.kind for value in self.values if value is not None}


def account_message(columns: Iterable[ColumnSource], ids: Sequence[str], start: int, stop: int) -> dict[str, Any]:
    """Return the field of a request with these accounts: `table`, or `rows` if a column has values of several kinds."""
    chunks = [chunk for chunk in (read_cells(column, start, stop) for column in columns) if not chunk.is_missing()]
    if any(len(chunk.kinds()) > 1 for chunk in chunks):
        return {"rows": scoring.AccountRows(rows=_rows(chunks, ids))}
    return {"table": types.AccountTable(account_ids=ids, columns=[_column(chunk, *chunk.kinds()) for chunk in chunks])}


@dataclass(frozen=True)
class TypedColumn:
    """A column in memory whose values all have one kind, for imports, where every message has the same columns."""

    name: str
    _kind: Kind
    _cells: Cells

    def message(self, start: int, stop: int) -> types.Column:
        """Return some rows."""
        array = None if self._cells.array is None else self._cells.array[start:stop]
        return _column(Cells(self.name, array, self._cells.values[start:stop]), self._kind)


def typed_column(column: ColumnSource, count: int) -> TypedColumn | None:
    """Read a column; `None` if it has no values."""
    chunk = read_cells(column, 0, count)
    if chunk.coded is not None:
        chunk = Cells(column.name, None, chunk.read())
    if chunk.is_missing():
        return None
    kinds = sorted(chunk.kinds())
    if len(kinds) > 1:
        raise UsageError(f"column {column.name!r} has values of several kinds ({', '.join(kinds)}): convert it to one")
    return TypedColumn(column.name, kinds[0] if kinds else "number", chunk)


def account_rows(columns: Iterable[ColumnSource], ids: Sequence[str], start: int, stop: int) -> list[types.Account]:
    """Return accounts as rows."""
    return _rows([read_cells(column, start, stop) for column in columns], ids)


def read_cells(column: ColumnSource, start: int, stop: int) -> Cells:
    """Read some rows of a column."""
    values = column.slice(start, stop)
    if isinstance(values, CodedTexts):
        return Cells(column.name, None, [], values)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufbM" and not _has_long_number(values):
        return Cells(column.name, values, [])
    texts: dict[str, Value | None] = {}

    def read(value: object) -> Value | None:
        if type(value) is not str:
            return read_value(value, column.name)
        if value not in texts:
            texts[value] = read_value(value, column.name)
        return texts[value]

    return Cells(column.name, None, [read(value) for value in values])


def _has_long_number(values: npt.NDArray[Any]) -> bool:
    """Whether a whole number is not a float64."""
    if values.dtype.kind not in "iu" or values.size == 0:
        return False
    return bool(int(values.max()) > MAX_EXACT or int(values.min()) < -MAX_EXACT)


def _column(chunk: Cells, kind: Kind = "number") -> types.Column:
    """Return a column with values of this kind; an array has the kind of its numbers."""
    if chunk.array is not None:
        return _array_column(chunk.name, chunk.array)
    if chunk.coded is not None:
        return _coded_column(chunk.name, chunk.coded)
    column = types.Column(name=chunk.name)
    present = np.array([value is not None for value in chunk.values], dtype=bool)
    _set_validity(column, present)
    values = chunk.values
    if kind == "number":
        column.numbers.values.extend(0.0 if value is None else value.value for value in values)
    elif kind == "flag":
        column.flags.values.extend(value is not None and value.value for value in values)
    elif kind == "date":
        column.dates.days.extend(0 if value is None else value.value for value in values)
    elif kind == "text":
        # The code of a missing value is that of a text as well.
        dictionary: dict[str, int] = {}
        codes = [0 if value is None else dictionary.setdefault(value.value, len(dictionary)) for value in values]
        column.texts.dictionary.extend(dictionary or [""])
        column.texts.codes.extend(codes)
    else:
        _set_lists(column.text_lists, values)
    return column


def _set_lists(column: types.DictionaryListColumn, values: Iterable[Value | None]) -> None:
    dictionary: dict[str, int] = {}
    codes: list[int] = []
    offsets = [0]
    for value in values:
        codes += [dictionary.setdefault(item, len(dictionary)) for item in (value.value if value is not None else ())]
        offsets.append(len(codes))
    column.dictionary.extend(dictionary)
    column.codes.extend(codes)
    column.offsets.extend(offsets)


def _coded_column(name: str, coded: CodedTexts) -> types.Column:
    column = types.Column(name=name)
    _set_validity(column, coded.present)
    lists = coded.offsets is not None
    target: Any = column.text_lists if lists else column.texts
    # A text is needed for the code of a missing value.
    target.dictionary.extend(coded.dictionary or ([] if lists else [""]))
    target.codes.extend(coded.codes.tolist())
    if coded.offsets is not None:
        target.offsets.extend(coded.offsets.tolist())
    return column


def _array_column(name: str, array: npt.NDArray[Any]) -> types.Column:
    column = types.Column(name=name)
    if array.dtype.kind == "b":
        column.flags.values.extend(array.tolist())
    elif array.dtype.kind == "M":
        days = array.astype("datetime64[D]")
        present = ~np.isnat(days)
        _set_validity(column, present)
        column.dates.days.extend(np.where(present, days.astype(np.int64), 0).tolist())
    else:
        floats = array.astype(np.float64)
        present = ~np.isnan(floats)
        _set_validity(column, present)
        column.numbers.values.extend(np.where(present, floats, 0.0).tolist())
    return column


def _set_validity(column: types.Column, present: npt.NDArray[np.bool_]) -> None:
    if not present.all():
        column.validity = np.packbits(present, bitorder="little").tobytes()


def _rows(chunks: Sequence[Cells], ids: Sequence[str]) -> list[types.Account]:
    accounts = [types.Account(account_id=account_id) for account_id in ids]
    for chunk in chunks:
        for account, value in zip(accounts, chunk.read(), strict=True):
            if value is not None:
                _set_value(account.attributes[chunk.name], value)
    return accounts


def _set_value(target: types.AttributeValue, value: Value) -> None:
    if value.kind == "number":
        target.number = value.value
    elif value.kind == "text":
        target.text = value.value
    elif value.kind == "flag":
        target.flag = value.value
    elif value.kind == "date":
        # A row has no dates. The server reads this text as the same day, except where a hypothesis or a rule names the
        # day by a text of another form and the model does not have the attribute.
        target.text = day_text(value.value)
    else:
        target.texts.values.extend(value.value)
        target.texts.SetInParent()
