"""Scores of every kind of input, by both clients."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from server import sweetspot

from sweetspot import Client, RowError, RowErrors, Score, UnknownAttributeError, UsageError

COLUMNS = (
    "company_id score probability log_odds low high data_support tier pond_side segment expected_value coverage "
    "reasons model_version"
).split()


def test_a_data_frame_keeps_its_index(client: Any, prospects: pd.DataFrame) -> None:
    scores = client.score(prospects)
    assert list(scores.columns) == COLUMNS
    pd.testing.assert_index_equal(scores.index, prospects.index)
    assert scores["company_id"].tolist() == prospects["company_id"].tolist()
    assert scores.dtypes[["score", "probability", "expected_value"]].tolist() == ["int64", "float64", "float64"]


def test_scores_are_those_of_the_command_line(client: Any, prospects: pd.DataFrame, url: str, demo_files: Path) -> None:
    files = (demo_files / "prospects.csv", "--mapping", demo_files / "mapping.toml")
    rows = list(csv.DictReader(io.StringIO(sweetspot("score", *files, "--server", url, "--quiet"))))
    scores = client.score(prospects)
    assert len(rows) == len(scores) == 10
    for (_, score), row in zip(scores.iterrows(), rows, strict=True):
        for name in ("company_id", "score", "data_support", "tier", "pond_side", "reasons", "model_version"):
            assert str(score[name]) == row[name]
        assert score["probability"] == float(row["probability"])
        assert row["segment"] == (score["segment"] or "")
        for name, digits in {"low": 4, "high": 4, "coverage": 4, "expected_value": 2}.items():
            assert f"{score[name]:.{digits}f}" == row[name]


def test_every_kind_of_input_has_the_same_scores(client: Any, prospects: pd.DataFrame) -> None:
    expected = client.score(prospects)
    polars = client.score(pl.from_pandas(prospects))
    arrow = client.score(pa.Table.from_pandas(prospects, preserve_index=False))
    rows = client.score(prospects.to_dict("records"))
    assert isinstance(polars, pl.DataFrame)
    assert isinstance(arrow, pa.Table)
    assert polars.columns == arrow.column_names == COLUMNS
    # Also of columns without any value.
    assert polars.schema["segment"] == pl.String
    assert arrow.schema.field("segment").type == pa.string()
    for name in ("company_id", "score", "log_odds", "tier", "reasons", "expected_value"):
        assert polars[name].to_list() == arrow[name].to_pylist() == expected[name].tolist()
    assert [row.log_odds for row in rows] == expected["log_odds"].tolist()
    assert [row.account_id for row in rows] == expected["company_id"].tolist()
    one = client.score(prospects.iloc[3].to_dict())
    assert isinstance(one, Score)
    assert one == rows[3]


def test_a_score_has_everything_that_the_server_returns(client: Any) -> None:
    account = {"account_id": "acme", "employees": 320, "industry": "LOGISTICS ", "technologies": {"SAP", "Excel only"}}
    score = client.score(account, reasons=100)
    assert score.account_id == "acme"
    assert score.currency == "EUR"
    assert score.exclusion_rules == ("excel-only",)
    assert score.pond_side == "OUT"
    assert 0 < score.low < score.probability < score.high < 1
    assert math.fsum([score.base_log_odds, *(reason.log_odds for reason in score.reasons)]) == score.log_odds
    assert {reason.kind for reason in score.reasons} == {"attribute", "pair"}
    assert {issue.status for issue in score.issues} == {"missing"}
    assert client.score(account, reasons=0).reasons == ()


def test_columns_of_every_type_are_read_as_rows_are(client: Any) -> None:
    """A data frame is sent in columns, and rows with values of several types in a column as rows."""
    frame = pd.DataFrame(
        {
            "employees": pd.array([320, None, 7], dtype="Int64"),
            "revenue_eur": np.array([1e6, np.nan, 3e5], dtype=np.float32),
            "industry": pd.Categorical(["Logistics", None, "Retail"]),
            "technologies": [["SAP", "Slack"], None, []],
            "decision_makers": [3, "4", True],
            "country": ["France", "", "Spain"],
            "growth_percent": pd.array([1.5, None, 2.5], dtype="Float64"),
        },
        index=["a", "b", "c"],
    )
    rows = [
        {
            "employees": 320,
            "revenue_eur": 1e6,
            "industry": "Logistics",
            "technologies": ["SAP", "Slack"],
            "decision_makers": 3,
            "country": "France",
            "growth_percent": 1.5,
        },
        {"decision_makers": "4"},
        {
            "employees": 7,
            "revenue_eur": 3e5,
            "industry": "Retail",
            "technologies": [],
            "decision_makers": True,
            "country": "Spain",
            "growth_percent": 2.5,
        },
    ]
    expected = [client.score(row).log_odds for row in rows]
    assert client.score(frame)["log_odds"].tolist() == expected
    assert client.score(frame.drop(columns="decision_makers"))["log_odds"].tolist() == [
        client.score({name: cell for name, cell in row.items() if name != "decision_makers"}).log_odds for row in rows
    ]
    table = pa.Table.from_pandas(frame.drop(columns="decision_makers"))
    assert client.score(table.drop(["__index_level_0__"])) == client.score(
        pa.Table.from_pylist([{name: cell for name, cell in row.items() if name != "decision_makers"} for row in rows])
    )


def test_unknown_attributes_are_errors_with_a_suggestion(client: Any) -> None:
    frame = pd.DataFrame({"emploees": [None, 5], "industry": "Retail"}, index=["x", "y"])
    with pytest.raises(UnknownAttributeError, match=r'row 1 .*"emploees" \(did you mean "employees"\?\)') as caught:
        client.score(frame)
    assert [(error.row, error.reason) for error in caught.value.errors] == [(1, "UNKNOWN_ATTRIBUTE")]
    with pytest.raises(UnknownAttributeError):
        client.score(frame, errors="coerce")
    assert len(client.score(frame, unknown="ignore")) == 2
    issues = client.score({"emploees": 5}, unknown="ignore").issues
    assert [issue.did_you_mean for issue in issues if issue.status == "unknown_attribute"] == ["employees"]


def test_accounts_that_cannot_be_scored_are_errors_or_missing(client: Any) -> None:
    frame = pd.DataFrame({"id": ["a", "b", "c"], "employees": [1.0, np.inf, 3.0]}, index=[7, 8, 9])
    with pytest.raises(RowErrors, match=r"row 1 \('b'\): NON_FINITE_NUMBER") as caught:
        client.score(frame)
    assert [error.row for error in caught.value.errors] == [1]
    scores = client.score(frame, errors="coerce")
    assert scores["error"].notna().tolist() == [False, True, False]
    assert scores.loc[8, "error"].startswith("NON_FINITE_NUMBER: ")
    assert scores["score"].isna().tolist() == scores["tier"].isna().tolist() == [False, True, False]
    assert scores["probability"][[7, 9]].tolist() == client.score(frame.drop(8))["probability"].tolist()
    rows = client.score(frame.to_dict("records"), errors="coerce")
    assert [type(row) for row in rows] == [Score, RowError, Score]
    with pytest.raises(RowErrors):
        client.score({"employees": math.inf}, errors="coerce")


def test_ids_may_repeat_be_missing_or_be_long(client: Any) -> None:
    ids = ["same", "same", None, "x" * 500, "ü"]
    scores = client.score(pd.DataFrame({"Account ID": ids, "employees": range(5)}))
    assert scores["Account ID"].tolist() == ["same", "same", "", "x" * 500, "ü"]
    chosen = client.score(pd.DataFrame({"key": [5, 6], "employees": 3}), id_column="key")
    assert chosen["key"].tolist() == ["5", "6"]
    without = client.score(pd.DataFrame({"employees": [3]}))
    assert "account_id" not in without.columns


def test_an_empty_input_has_no_scores(client: Any) -> None:
    frame = pd.DataFrame({"employees": []})
    assert list(client.score(frame).columns) == COLUMNS[1:]
    assert len(client.score(frame)) == 0
    assert client.score([]) == []


def test_a_long_list_is_scored_in_chunks(client: Any, accounts: pd.DataFrame) -> None:
    some = client.score(accounts)
    many = pd.concat([accounts] * 5, ignore_index=True)
    scores = client.score(many, reasons=0)
    assert scores["log_odds"].tolist() == some["log_odds"].tolist() * 5
    assert scores["model_version"].nunique() == 1


def test_progress_is_shown(client: Any, prospects: pd.DataFrame, capfd: pytest.CaptureFixture[str]) -> None:
    client.score(prospects, progress=True)
    assert "10/10" in capfd.readouterr().err


def test_a_text_that_cannot_be_encoded_is_an_error(client: Any) -> None:
    for accounts in ({"industry": "\ud800"}, [{"industry": "a"}, {"industry": "\ud800"}]):
        with pytest.raises(UnicodeEncodeError):
            client.score(accounts)


def test_a_version_is_chosen_by_number_alias_or_name(client: Any) -> None:
    account = {"employees": 300}
    name = client.score(account, version="candidate").model_version
    assert client.score(account, version=int(name.rpartition("/")[2])).model_version == name
    assert client.score(account, version=name).model_version == name
    assert client.score(account).model_version == client.version().name != name


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (5, {}, "cannot read accounts from builtins.int"),
        ([1, 2], {}, "cannot read accounts"),
        (pl.LazyFrame({"employees": [1]}), {}, r"call collect\(\) first"),
        (pd.DataFrame({3: [1]}), {}, "the column 3 is not named by a text"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "several columns 'a'"),
        ({"employees": object()}, {}, "column 'employees' has a value of type object"),
        ({"employees": np.timedelta64(5, "D")}, {}, "type timedelta64"),
        ({"technologies": [["a"]]}, {}, "list of lists"),
        ({"employees": 1}, {"id_column": "key"}, "there is no column 'key'"),
        ({"employees": 1}, {"unknown": "maybe"}, "use 'raise' or 'ignore'"),
        ({"employees": 1}, {"errors": "ignore"}, "use 'raise' or 'coerce'"),
        ({"employees": 1}, {"version": "a/b"}, "is not a version"),
    ],
)
def test_what_cannot_be_sent_is_an_error(client: Any, source: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        client.score(source, **options)


def test_texts_and_lists_of_arrow_score_as_those_of_dicts(url: str, every_kind: Any) -> None:
    with Client(url, model="kinds") as client:
        rows = [
            {"sector": "Fintech", "tools": ["SAP", "sap"], "price": "1.200", "founded": "3. März 1999", "remote": "ja"},
            {"sector": None, "tools": [], "price": "", "founded": None, "remote": " "},
            {"sector": " MÉXÏCO ", "tools": None, "price": "7,4 Mio", "founded": "Q3 2022", "remote": None},
            {"sector": "Mining", "tools": ["Café", "?"], "price": None, "founded": "x", "remote": "NO"},
        ] * 700
        expected = client.score(rows, reasons=9)
        table = pa.Table.from_pylist(rows)
        large = {"tools": pa.large_list(pa.large_string()), "sector": pa.large_string(), "price": pa.string_view()}
        schema = pa.schema([(one.name, large.get(one.name, one.type)) for one in table.schema])
        for form in (table, table.to_batches(max_chunksize=300), table.cast(schema), table.slice(1, 2)):
            columns = pa.Table.from_batches(form) if isinstance(form, list) else form
            skipped = 1 if columns.num_rows == 2 else 0
            scores = client.score(columns, reasons=9)
            wanted = expected[skipped : skipped + columns.num_rows]
            assert scores["log_odds"].to_pylist() == [one.log_odds for one in wanted]
            assert scores["reasons"].to_pylist() == ["; ".join(map(str, one.reasons)) for one in wanted]
        empty = client.score(pa.table({"sector": pa.array([None, None], pa.string())}))
        assert empty["log_odds"].to_pylist() == [client.score({}).log_odds] * 2
        inner_null = pa.table({"tools": pa.array([["SAP", None], [None]], pa.list_(pa.string()))})
        wanted = client.score([{"tools": ["SAP"]}, {"tools": []}])
        assert client.score(inner_null)["log_odds"].to_pylist() == [one.log_odds for one in wanted]
