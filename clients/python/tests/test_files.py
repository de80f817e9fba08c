"""Scores files of any length."""

from __future__ import annotations

import math
import tracemalloc
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from sweetspot import FileSummary, RowErrors, UnknownAttributeError, UsageError, _files


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "_BATCH_ROWS", 400)
    monkeypatch.setattr(_files, "_CSV_BLOCK_BYTES", 64 * 1024)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("output", ["csv", "parquet"])
def test_a_file_scores_as_its_table(
    client: Any, accounts: pd.DataFrame, tmp_path: Path, kind: str, output: str
) -> None:
    source, target = tmp_path / f"in.{kind}", tmp_path / f"out.{output}"
    if kind == "csv":
        accounts.to_csv(source, index=False)
    else:
        accounts.to_parquet(source, index=False)
    summary = client.score_file(source, target, keep=["industry", "company_id"])
    assert summary == FileSummary(1_200, 0, client.version().name, 0, 1_200)
    expected = client.score(accounts)
    read = pd.read_csv(target) if output == "csv" else pd.read_parquet(target)
    assert list(read.columns) == [*expected.columns, "industry", "input_company_id"]
    for name in ("company_id", "score", "probability", "log_odds", "tier", "reasons", "model_version"):
        assert read[name].tolist() == expected[name].tolist()
    assert read["industry"].fillna("").tolist() == accounts["industry"].fillna("").tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == [source.name, target.name]


def test_cells_of_csv_are_texts(client: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    source.write_text('id,employees,revenue_eur\n007,"1,234",EUR 41.3M\n008,,\n')
    client.score_file(source, target)
    table = pa.parquet.read_table(target)
    assert table["id"].to_pylist() == ["007", "008"]
    expected = client.score([{"employees": 1_234, "revenue_eur": 41.3e6}, {}])
    assert table["log_odds"].to_pylist() == [score.log_odds for score in expected]


def test_rows_that_cannot_be_scored_are_errors_or_missing(client: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.csv"
    pd.DataFrame({"id": ["a", "b"], "employees": [math.inf, 3.0]}).to_parquet(source)
    target.write_text("as it was")
    with pytest.raises(RowErrors):
        client.score_file(source, target)
    assert target.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.csv"]
    summary = client.score_file(source, target, errors="coerce")
    assert (summary.scored, summary.failed) == (1, 1)
    read = pd.read_csv(target)
    assert read["score"].isna().tolist() == [True, False]
    assert read["error"].iloc[0].startswith("NON_FINITE_NUMBER")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("unknown", ["raise", "ignore"])
def test_the_best_rows_of_a_file_without_customers(
    client: Any, accounts: pd.DataFrame, tmp_path: Path, kind: str, unknown: str
) -> None:
    """Equal rows keep their order, and columns that are not attributes can be kept."""
    source, target = tmp_path / f"in.{kind}", tmp_path / f"out.{kind}"
    many = pd.concat([accounts, accounts.assign(company_id=accounts["company_id"] + "-2")], ignore_index=True)
    many["email"] = "sales@" + many["company_id"] + ".example"
    many.to_csv(source, index=False) if kind == "csv" else many.to_parquet(source, index=False)
    customers = [f" {one} " for one in many["company_id"].iloc[::3]] + ["unknown"]
    summary = client.score_file(source, target, exclude=customers, keep=["email"], top=700, unknown=unknown)
    assert summary == FileSummary(1_600, 0, client.version().name, 800, 700)

    others = many[many.index % 3 != 0]
    scored = client.score(others.drop(columns="email")).assign(email=others["email"])
    expected = scored.sort_values("probability", ascending=False, kind="stable").head(700)
    read = pd.read_csv(target) if kind == "csv" else pd.read_parquet(target)
    for name in ("company_id", "probability", "log_odds", "tier", "reasons", "email"):
        assert read[name].tolist() == expected[name].tolist()
    assert client.score_file(source, target, keep=["email"], top=10**9).written == 2_400


def test_errors_have_the_rows_of_the_file(client: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.csv"
    employees = [3.0] * 900 + [math.inf, 3.0]
    pd.DataFrame({"id": map(str, range(902)), "employees": employees}).to_parquet(source)
    with pytest.raises(RowErrors) as error:
        client.score_file(source, target, exclude=["1", "899"])
    assert [(one.row, one.account_id) for one in error.value.errors] == [(900, "900")]
    summary = client.score_file(source, target, errors="coerce", top=5)
    assert (summary.scored, summary.failed, summary.written) == (901, 1, 5)
    target.unlink()
    pd.DataFrame({"id": ["a"], "employees": [math.inf]}).to_parquet(source)
    with pytest.raises(UsageError, match=r"no row of .* can be scored"):
        client.score_file(source, target, errors="coerce", top=5)
    assert not target.exists()


def test_columns_that_the_model_does_not_have_are_not_sent(client: Any, tmp_path: Path) -> None:
    """Also if there are more of them than an account may have attributes."""
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    wide = {f"note_{number}": ["x" * 1_000] for number in range(1_500)}
    pd.DataFrame({"id": ["a"], "employees": [300], **wide}).to_parquet(source)
    assert client.score_file(source, target, unknown="ignore", keep=["note_7"]).scored == 1
    assert pa.parquet.read_table(target)["log_odds"].to_pylist() == [client.score({"employees": 300}).log_odds]


def test_texts_that_a_spreadsheet_would_evaluate_are_protected(client: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    ids = ["=1+1", "@x", "+49 5", "-7", "-x", "+1.5", "plain"]
    pd.DataFrame({"id": ids, "employees": 3}).to_csv(source, index=False)
    client.score_file(source, target)
    read = pa.csv.read_csv(target, convert_options=pa.csv.ConvertOptions(column_types={"id": pa.string()}))
    assert read["id"].to_pylist() == ["'=1+1", "'@x", "'+49 5", "-7", "'-x", "+1.5", "plain"]


def test_memory_does_not_grow_with_the_file(client: Any, accounts: pd.DataFrame, tmp_path: Path) -> None:
    def peak(copies: int) -> int:
        source = tmp_path / "in.parquet"
        pd.concat([accounts] * copies).to_parquet(source, index=False)
        tracemalloc.start()
        try:
            client.score_file(source, tmp_path / "out.parquet", reasons=0)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(8) < 1.5 * peak(2)


def test_what_cannot_be_read_or_written_is_an_error(client: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,emploees\n1,2\n")
    with pytest.raises(UnknownAttributeError, match='did you mean "employees"'):
        client.score_file(source, target)
    with pytest.raises(UsageError, match=r"neither a \.csv nor a \.parquet"):
        client.score_file(tmp_path / "in.xlsx", target)
    with pytest.raises(UsageError, match="keep: there is no column 'x'"):
        client.score_file(source, target, keep=["x"])
    with pytest.raises(UsageError, match="top=0"):
        client.score_file(source, target, top=0)
    with pytest.raises(UsageError, match="has no rows that are not excluded"):
        client.score_file(source, target, exclude=["1"])
    (tmp_path / "in.csv").write_text("name,employees\nx,2\n")
    with pytest.raises(UsageError, match=r"no column of .* is named like an id"):
        client.score_file(source, target, exclude=["1"])
    with pytest.raises(UsageError, match="use 'raise' or 'coerce'"):
        client.score_file(source, target, errors="skip")
    with pytest.raises(FileNotFoundError):
        client.score_file(tmp_path / "none.csv", target)
    source.write_text("id,employees\n")
    with pytest.raises(UsageError, match="has no rows"):
        client.score_file(source, target)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
