"""The columns of pyarrow tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sweetspot._columns import CodedTexts, ColumnSource


def arrow_columns(table: Any, result_type: Callable[[str, Any, Any, Any], Any]) -> Any:
    """Return the names of the columns, the number of rows, the columns, and what makes a table of results."""
    import pyarrow as pa

    def build(columns: dict[str, list[Any]], rows: Sequence[int]) -> Any:
        types = {name: result_type(name, pa.int64(), pa.float64(), pa.string()) for name in columns}
        return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})

    names = table.schema.names
    sources = [ColumnSource(name, _slices(pa, table.column(place))) for place, name in enumerate(names)]
    return names, table.num_rows, sources, build


def _slices(pa: Any, values: Any) -> Callable[[int, int], Any]:
    kind = values.type
    plain = pa.types.is_floating(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind)
    plain = plain or (values.null_count == 0 and pa.types.is_integer(kind))

    def part(start: int, stop: int) -> Any:
        rows = values.slice(start, stop - start)
        if plain:
            return np.asarray(rows.to_numpy(zero_copy_only=False))
        if isinstance(rows, pa.ChunkedArray):
            rows = rows.combine_chunks()
        coded = _coded_texts(pa, rows)
        return rows.to_pylist() if coded is None else coded

    return part


def _coded_texts(pa: Any, rows: Any) -> CodedTexts | None:
    """Return texts or lists of texts as codes; `None` for other values."""
    present = np.asarray(rows.is_valid())
    if _is_text(pa, rows.type):
        return CodedTexts(*_codes(rows), present)
    is_list = pa.types.is_list(rows.type) or pa.types.is_large_list(rows.type)
    if not is_list or not _is_text(pa, rows.type.value_type):
        return None
    items = rows.flatten()
    if items.null_count:
        return None
    lengths = np.asarray(rows.value_lengths().fill_null(0))
    return CodedTexts(*_codes(items), present, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _is_text(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _codes(texts: Any) -> tuple[list[str], Any]:
    encoded = texts.dictionary_encode()
    return encoded.dictionary.to_pylist(), np.asarray(encoded.indices.fill_null(0)).astype(np.int64)
