"""Files of scores: all rows of them, or the best ones."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Protocol

from sweetspot.errors import UsageError

_KINDS = (".csv", ".parquet")


def arrow() -> Any:
    """Return pyarrow."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.csv
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("score_file needs pyarrow: pip install 'sweetspot[arrow]'") from error
    return pyarrow


def kind_of(path: Path) -> str:
    """Return the kind of a file: .csv or .parquet."""
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise UsageError(f"{path} is neither a .csv nor a .parquet file")
    return kind


class Output(Protocol):
    """Takes the parts of a table in their order."""

    def write(self, table: Any) -> None:
        """Add a part."""

    def finish(self) -> None:
        """Complete the file."""

    def discard(self) -> None:
        """Leave no file."""


class BestRows:
    """Writes the rows with the highest probabilities, best first; equal rows keep their order."""

    def __init__(self, writer: Writer, count: int):
        self._writer = writer
        self._count = count
        self._best: Any = None

    @property
    def least_probability(self) -> float:
        """The probability that a row needs to be one of the best so far."""
        if self._best is None or self._best.num_rows < self._count:
            return 0.0
        return float(self._best.column("probability")[-1].as_py())

    def write(self, table: Any) -> None:
        pa = arrow()
        joined = table if self._best is None else pa.concat_tables([self._best, table])
        # A stable sort.
        order = pa.compute.sort_indices(joined, sort_keys=[("probability", "descending")])
        self._best = joined.take(order[: self._count]).combine_chunks()

    def finish(self) -> None:
        if self._best is not None:
            self._writer.write(self._best)
        self._writer.finish()

    def discard(self) -> None:
        self._writer.discard()


class Writer:
    """Writes parts of a table to a file, which appears when it is complete."""

    def __init__(self, path: Path):
        self._path = path
        self.written = 0
        self._is_csv = kind_of(path) == ".csv"
        self._writer: Any = None
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        self._part = Path(name)

    def write(self, table: Any) -> None:
        pa = arrow()
        if self._is_csv:
            table = _without_formulas(pa, table)
        if self._writer is None:
            make = pa.csv.CSVWriter if self._is_csv else pa.parquet.ParquetWriter
            self._writer = make(self._part, table.schema)
        self._writer.write_table(table)
        self.written += table.num_rows

    def finish(self) -> None:
        if self._writer is not None:
            self._writer.close()
        # As any new file: the temporary one was private.
        mask = os.umask(0)
        os.umask(mask)
        self._part.chmod(0o666 & ~mask)
        self._part.replace(self._path)

    def discard(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._part.unlink(missing_ok=True)


def _without_formulas(pa: Any, table: Any) -> Any:
    """Put an apostrophe before texts that a spreadsheet would evaluate, as the command line does."""

    def is_formula(text: str) -> bool:
        if text[:1] in ("=", "@", "\t", "\r", "\n"):
            return True
        return text[:1] in ("+", "-") and not text[1:].replace(".", "", 1).isdigit()

    for place, name in enumerate(table.schema.names):
        if table.schema.types[place] == pa.string():
            cells = [f"'{text}" if text and is_formula(text) else text for text in table.column(place).to_pylist()]
            table = table.set_column(place, name, pa.array(cells, pa.string()))
    return table
