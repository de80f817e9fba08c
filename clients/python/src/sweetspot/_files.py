"""Scores files of any length: CSV and Parquet, one part after the other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweetspot._scoring import OnErrors, answers, check_on_errors, progress_bar
from sweetspot._tables import Accounts, read_accounts
from sweetspot._transport import Transport
from sweetspot.errors import UsageError
from sweetspot.results import ScoreColumns
from sweetspot.v1 import scoring_service_pb2 as scoring

_BATCH_ROWS = 65_536
_CSV_BLOCK_BYTES = 8 * 1024 * 1024
_KINDS = (".csv", ".parquet")


@dataclass(frozen=True)
class FileSummary:
    """What was written."""

    scored: int
    failed: int
    model_version: str


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.csv
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("score_file needs pyarrow: pip install 'sweetspot[arrow]'") from error
    return pyarrow


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise UsageError(f"{path} is neither a .csv nor a .parquet file")
    return kind


@contextmanager
def _batches(path: Path) -> Iterator[tuple[Iterator[Any], int | None]]:
    """Open a file: its parts, and the number of its rows if that is known. Cells of CSV are texts."""
    pa = _arrow()
    if _kind(path) == ".parquet":
        with pa.parquet.ParquetFile(path) as file:
            yield file.iter_batches(batch_size=_BATCH_ROWS), file.metadata.num_rows
        return
    options = pa.csv.ReadOptions(block_size=_CSV_BLOCK_BYTES)
    with pa.csv.open_csv(path, read_options=options) as reader:
        names = reader.schema.names
    as_text = pa.csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
    )
    with pa.csv.open_csv(path, read_options=options, convert_options=as_text) as reader:
        yield iter(reader), None


class _Writer:
    """Writes parts of a table to a file, which appears when it is complete."""

    def __init__(self, path: Path):
        self._path = path
        self._is_csv = _kind(path) == ".csv"
        self._writer: Any = None
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        self._part = Path(name)

    def write(self, table: Any) -> None:
        pa = _arrow()
        if self._is_csv:
            table = _without_formulas(pa, table)
        if self._writer is None:
            make = pa.csv.CSVWriter if self._is_csv else pa.parquet.ParquetWriter
            self._writer = make(self._part, table.schema)
        self._writer.write_table(table)

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


def _table(accounts: Accounts, batch: Any, scores: ScoreColumns, keep: Sequence[str]) -> Any:
    """Return a part of the output. All parts have the same types."""
    table = accounts.table(scores.columns)
    for name in keep:
        table = table.append_column(f"input_{name}" if name in table.column_names else name, batch.column(name))
    return table


def score_file(
    transport: Transport,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    config: scoring.ScoreConfig,
    *,
    errors: OnErrors,
    id_column: str | None,
    keep: Sequence[str],
    progress: bool,
) -> FileSummary:
    """Score a file into another one. The version that answers first scores all of it."""
    check_on_errors(errors)
    writer = _Writer(Path(target))
    scored = failed = 0
    try:
        opened: AbstractContextManager[Any] = _batches(Path(source))
        with opened as (batches, total), progress_bar(progress, total) as advance:
            while (batch := next(batches, None)) is not None:
                accounts = read_accounts(batch, id_column)
                unknown = [name for name in keep if name not in batch.schema.names]
                if unknown:
                    raise UsageError(f"keep: there is no column {unknown[0]!r} in {source}")
                scores = ScoreColumns(accounts.count, with_errors=errors == "coerce")
                for answer, row_errors in answers(transport, accounts, config, errors):
                    for row, fit in answer.rows():
                        scores.set_score(row, fit, answer.version)
                    for error in row_errors:
                        scores.set_error(error)
                    scored += len(answer.response.scores)
                    failed += len(row_errors)
                    advance(answer.stop - answer.start)
                writer.write(_table(accounts, batch, scores, keep))
    except BaseException:
        writer.discard()
        raise
    if not scored + failed:
        writer.discard()
        raise UsageError(f"{source} has no rows")
    writer.finish()
    return FileSummary(scored, failed, config.version)
