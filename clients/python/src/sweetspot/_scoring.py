"""Scores and explanations of an input, in its own form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Literal, TypeAlias

from sweetspot._columns import account_rows
from sweetspot._stream import Answer, ScoreStream
from sweetspot._tables import Accounts, read_accounts
from sweetspot._transport import Transport
from sweetspot.errors import InvalidArgument, RowError, RowErrors, TooLarge, UnknownAttributeError, UsageError
from sweetspot.results import Explanation, Score, ScoreColumns, explanations, row_error, score_of
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import types_pb2 as types

OnUnknown: TypeAlias = Literal["raise", "ignore"]
OnErrors: TypeAlias = Literal["raise", "coerce"]
MAX_EXPLAINED = 100
# Fewer than an account may have.
_PROBED_COLUMNS = 100
_UNKNOWN = "UNKNOWN_ATTRIBUTE"


def score_config(version: str, reasons: int, unknown: OnUnknown) -> scoring.ScoreConfig:
    """Return the configuration of a call."""
    if unknown not in ("raise", "ignore"):
        raise UsageError(f"unknown={unknown!r}: use 'raise' or 'ignore'")
    config = scoring.ScoreConfig(version=version, view=scoring.SCORE_VIEW_SCORE)
    if reasons:
        config.view, config.reason_count = scoring.SCORE_VIEW_TOP_REASONS, reasons
    config.unknown_attributes = (
        scoring.UNKNOWN_ATTRIBUTES_REJECT if unknown == "raise" else scoring.UNKNOWN_ATTRIBUTES_IGNORE
    )
    return config


def check_on_errors(errors: OnErrors) -> None:
    """Check what to do with accounts that cannot be scored."""
    if errors not in ("raise", "coerce"):
        raise UsageError(f"errors={errors!r}: use 'raise' or 'coerce'")


@contextmanager
def progress_bar(shown: bool, total: int | None) -> Any:
    """Yield a function that advances a progress bar, or one that does nothing."""
    if not shown:
        yield lambda count: None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise UsageError("progress=True needs tqdm: pip install 'sweetspot[progress]'") from error
    with tqdm(total=total, unit="account") as bar:
        yield bar.update


def answers(
    transport: Transport, accounts: Accounts, config: scoring.ScoreConfig, errors: OnErrors
) -> Iterator[tuple[Answer, list[RowError]]]:
    """Return the answers of a stream, each with the errors of its rows, which are raised unless they are wanted."""
    # An error ends the stream at once, and not when the error is forgotten.
    with closing(ScoreStream(transport, accounts, config).answers()) as stream:
        for answer in stream:
            failed = answer.errors(accounts.ids)
            raise_unknown([error for error in failed if error.reason == _UNKNOWN])
            if failed and errors == "raise":
                raise RowErrors(failed)
            yield answer, failed


def unknown_columns(transport: Transport, config: scoring.ScoreConfig, names: Sequence[str]) -> set[str]:
    """Return the columns that no attribute of the model, its hypotheses and rules has; they need not be sent.

    The version that answers is that of all later calls.
    """
    unknown: set[str] = set()
    for start in range(0, len(names), _PROBED_COLUMNS):
        account = types.Account(account_id="0")
        for name in names[start : start + _PROBED_COLUMNS]:
            account.attributes[name].flag = True
        probe = scoring.ScoreConfig(version=config.version)
        rows = scoring.AccountRows(rows=[account])
        response: scoring.ScoreAccountsResponse = transport.call(scoring.ScoreAccountsRequest(config=probe, rows=rows))
        config.version = response.summary.resolved_version
        issues = (issue for fit in response.scores for issue in fit.issues)
        unknown.update(one.attribute for one in issues if one.status == types.ATTRIBUTE_STATUS_UNKNOWN_ATTRIBUTE)
    return unknown


def raise_unknown(errors: list[RowError]) -> None:
    """Raise an error if there are unknown attributes."""
    if errors:
        raise UnknownAttributeError(errors)


def score(
    transport: Transport,
    source: Any,
    config: scoring.ScoreConfig,
    *,
    errors: OnErrors,
    id_column: str | None,
    progress: bool,
) -> Any:
    """Score an input. One dict gives one score, a list of dicts a list, and a table a table with the same index."""
    accounts = read_accounts(source, id_column)
    check_on_errors(errors)
    if isinstance(source, Mapping):
        return _score_one(transport, accounts, config)
    as_table = accounts.build is not None
    columns = ScoreColumns(accounts.count if as_table else 0, with_errors=errors == "coerce")
    results: list[Score | RowError] = []
    with progress_bar(progress, accounts.count) as advance:
        for answer, failed in answers(transport, accounts, config, errors):
            if as_table:
                _fill(columns, answer, failed)
            else:
                results += _results(accounts, answer, failed)
            advance(answer.stop - answer.start)
    return accounts.table(columns.columns) if as_table else results


def _score_one(transport: Transport, accounts: Accounts, config: scoring.ScoreConfig) -> Score:
    """Score one account in a call that is not a stream."""
    rows = scoring.AccountRows(rows=account_rows(accounts.columns, ["0"], 0, 1))
    try:
        response: scoring.ScoreAccountsResponse = transport.call(scoring.ScoreAccountsRequest(config=config, rows=rows))
    except InvalidArgument as error:
        # A call without any usable row fails.
        of_row = [item for item in error.violations if item.field.startswith("rows[0]")]
        failed = [RowError(0, accounts.ids[0], error.reason, item.field, item.description) for item in of_row]
        raise_unknown([one for one in failed if one.reason == _UNKNOWN])
        if failed:
            raise RowErrors(failed) from error
        raise
    return score_of(response.scores[0], accounts.ids[0], response.summary.resolved_version)


def _fill(columns: ScoreColumns, answer: Answer, failed: list[RowError]) -> None:
    for row, fit in answer.rows():
        columns.set_score(row, fit, answer.version)
    for error in failed:
        columns.set_error(error.row, error)


def _results(accounts: Accounts, answer: Answer, failed: list[RowError]) -> list[Score | RowError]:
    found: dict[int, Score | RowError] = {
        row: score_of(fit, accounts.ids[row], answer.version) for row, fit in answer.rows()
    }
    found.update((error.row, error) for error in failed)
    return [found[row] for row in range(answer.start, answer.stop)]


def explain(
    transport: Transport,
    source: Any,
    request: scoring.ExplainAccountsRequest,
    *,
    unknown: OnUnknown,
    id_column: str | None,
) -> Any:
    """Explain the scores of an input: one explanation for a dict, otherwise a list in the order of the input."""
    accounts = read_accounts(source, id_column)
    found: list[Explanation] = []
    size, start = MAX_EXPLAINED, 0
    while start < accounts.count:
        stop = min(start + size, accounts.count)
        part = scoring.ExplainAccountsRequest()
        part.CopyFrom(request)
        part.accounts.extend(account_rows(accounts.columns, [str(row) for row in range(stop - start)], start, stop))
        try:
            response: scoring.ExplainAccountsResponse = transport.call(part)
        except TooLarge:
            if size == 1:
                raise
            size //= 2
            continue
        # The same version explains the rest.
        request.version = response.resolved_version
        failed = [row_error(error, start, accounts.ids) for error in response.errors]
        if failed:
            raise RowErrors(failed)
        explained = explanations(response, accounts.ids[start:stop])
        if unknown == "raise":
            raise_unknown([error for row, one in explained for error in _unknown_attributes(start + row, one.score)])
        found += [explanation for _, explanation in explained]
        start = stop
    return found[0] if isinstance(source, Mapping) else found


def _unknown_attributes(row: int, score: Score) -> list[RowError]:
    """Return the unknown attributes of an account, as the server words them."""
    errors = []
    for issue in score.issues:
        if issue.status == "unknown_attribute":
            hint = f": did you mean {issue.did_you_mean!r}?" if issue.did_you_mean else ""
            text = f"the model does not have the attribute {issue.attribute!r}{hint}"
            errors.append(RowError(row, score.account_id, _UNKNOWN, issue.attribute, text))
    return errors
