"""Scores files of any length: CSV and Parquet, one part after the other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweetspot._output_files import BestRows, Output, Writer, arrow, kind_of
from sweetspot._scoring import OnErrors, answers, check_on_errors, progress_bar, unknown_columns
from sweetspot._tables import Accounts, read_accounts
from sweetspot._transport import Transport
from sweetspot._values import read_value, text_of
from sweetspot.errors import RowError, RowErrors, UsageError
from sweetspot.results import ScoreColumns
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import types_pb2 as types

_BATCH_ROWS = 65_536
_CSV_BLOCK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class FileSummary:
    """What became of the rows of a file."""

    scored: int
    failed: int
    model_version: str
    excluded: int = 0
    """Rows that were left out because of their ids."""
    written: int = 0


@dataclass(frozen=True)
class FileOptions:
    """What to do with the rows of a file."""

    errors: OnErrors
    id_column: str | None
    keep: Sequence[str]
    exclude: Iterable[Any]
    top: int | None
    progress: bool


@contextmanager
def _batches(path: Path) -> Iterator[tuple[Iterator[Any], int | None]]:
    """Open a file: its parts, and the number of its rows if that is known. Cells of CSV are texts."""
    pa = arrow()
    if kind_of(path) == ".parquet":
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


class _FileScores:
    """Scores one part of a file after the other."""

    def __init__(self, transport: Transport, config: scoring.ScoreConfig, options: FileOptions, source: Path):
        self._transport = transport
        self._config = config
        self._options = options
        self._source = source
        self._excluded_ids = {_id_text(one) for one in options.exclude}
        self._unknown: set[str] | None = None
        self._rows = 0
        self.scored = self.failed = self.excluded = 0

    def score(self, batch: Any, best: BestRows | None, advance: Any) -> Any:
        """Return the rows of the output, with the columns to keep; `None` if there are none."""
        self._check_kept(batch)
        first, self._rows = self._rows, self._rows + batch.num_rows
        wanted = self._wanted(read_accounts(batch, self._options.id_column))
        kept = batch if wanted is None else batch.take(arrow().array(wanted, arrow().int64()))
        accounts = read_accounts(kept, self._options.id_column)
        advance(batch.num_rows - accounts.count)
        if accounts.count == 0:
            return None
        accounts = self._without_unknown(accounts)
        if best is not None:
            # The server leaves out what cannot be one of the best, and what does not pass has no reasons to send.
            self._config.filter.min_probability = best.least_probability
        fits: list[tuple[int, types.FitScore]] = []
        failed: list[RowError] = []
        try:
            for answer, row_errors in answers(self._transport, accounts, self._config, self._options.errors):
                fits += answer.rows()
                failed += row_errors
                advance(answer.stop - answer.start)
        except RowErrors as error:
            # Their rows in the file.
            rows_of = range(accounts.count) if wanted is None else wanted
            raise type(error)(replace(one, row=first + rows_of[one.row]) for one in error.errors) from None
        self.scored += accounts.count - len(failed)
        self.failed += len(failed)
        rows = range(accounts.count) if best is None else [row for row, _ in fits]
        return self._table(accounts, kept, rows, fits, failed) if rows else None

    def _wanted(self, accounts: Accounts) -> list[int] | None:
        """Return the rows that are not excluded; `None` if that is all of them."""
        if not self._excluded_ids:
            return None
        if accounts.id_name is None:
            raise UsageError(f"exclude: no column of {self._source} is named like an id: set id_column")
        wanted = [row for row, one in enumerate(accounts.ids) if one.strip() not in self._excluded_ids]
        self.excluded += accounts.count - len(wanted)
        return None if len(wanted) == accounts.count else wanted

    def _check_kept(self, batch: Any) -> None:
        unknown = [name for name in self._options.keep if name not in batch.schema.names]
        if unknown:
            raise UsageError(f"keep: there is no column {unknown[0]!r} in {self._source}")

    def _without_unknown(self, accounts: Accounts) -> Accounts:
        """Leave out columns that the model does not have, if they are only to be kept or to be ignored."""
        if self._unknown is None:
            ignores = self._config.unknown_attributes == scoring.UNKNOWN_ATTRIBUTES_IGNORE
            asked = [column.name for column in accounts.columns if ignores or column.name in self._options.keep]
            self._unknown = unknown_columns(self._transport, self._config, asked)
        unknown = self._unknown
        return replace(accounts, columns=[column for column in accounts.columns if column.name not in unknown])

    def _table(
        self,
        accounts: Accounts,
        batch: Any,
        rows: Sequence[int],
        fits: Sequence[tuple[int, types.FitScore]],
        failed: Sequence[RowError],
    ) -> Any:
        """Return some rows of the output. All parts have the same types."""
        places = {row: place for place, row in enumerate(rows)}
        scores = ScoreColumns(len(rows), with_errors=self._options.errors == "coerce")
        for row, fit in fits:
            scores.set_score(places[row], fit, self._config.version)
        for error in failed:
            if error.row in places:
                scores.set_error(places[error.row], error)
        table = accounts.table(scores.columns, rows)
        for name in self._options.keep:
            column = batch.column(name).take(arrow().array(rows))
            table = table.append_column(f"input_{name}" if name in table.column_names else name, column)
        return table


def _id_text(value: object) -> str:
    read = read_value(value, "exclude")
    return "" if read is None else text_of(read).strip()


def score_file(
    transport: Transport,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    config: scoring.ScoreConfig,
    options: FileOptions,
) -> FileSummary:
    """Score a file into another one. The version that answers first scores all of it."""
    check_on_errors(options.errors)
    if options.top is not None and options.top < 1:
        raise UsageError(f"top={options.top}: use a number of rows from 1 on, or None for all rows")
    scores = _FileScores(transport, config, options, Path(source))
    writer = Writer(Path(target))
    best = BestRows(writer, options.top) if options.top is not None else None
    output: Output = best or writer
    try:
        opened: AbstractContextManager[Any] = _batches(Path(source))
        with opened as (batches, total), progress_bar(options.progress, total) as advance:
            while (batch := next(batches, None)) is not None:
                table = scores.score(batch, best, advance)
                if table is not None:
                    output.write(table)
        if not scores.scored + scores.failed:
            raise UsageError(f"{source} has no rows" + (" that are not excluded" if scores.excluded else ""))
        if best is not None and not scores.scored:
            raise UsageError(f"no row of {source} can be scored")
        output.finish()
    except BaseException:
        output.discard()
        raise
    return FileSummary(scores.scored, scores.failed, config.version, scores.excluded, writer.written)
