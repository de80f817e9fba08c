"""A scorecard reads texts as the server does where a version knows how those of its customers are written."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import customers
import hostile
import pandas as pd
import pytest
from server import sweetspot
from test_scorecard import FIELDS, written

from sweetspot import Client

MAPPING = """
id = "account_id"
decimal = "{decimal}"
date_order = "{order}"
attributes = ["sector", "price", "founded"]
date = ["founded"]
[outcome]
status = {{ column = "outcome", won = ["won"], lost = ["lost"] }}
[label]
policy = "won"
"""
DAYS = {"dmy": "%d/%m/%y", "mdy": "%m/%d/%y", "ymd": "%Y%m%d"}


def serial(day: datetime.date) -> str:
    return str((day - datetime.date(1899, 12, 30)).days)


@pytest.mark.parametrize(("decimal", "order"), [(",", "dmy"), (".", "mdy"), (",", "ymd"), (".", "serial")])
def test_ambiguous_texts_score_as_on_the_server(url: str, tmp_path: Path, decimal: str, order: str) -> None:
    frame = customers.frame(500)[["account_id", "sector", "price", "founded", "outcome"]]
    frame["price"] = frame["price"].map(lambda price: f"{price:.2f}".replace(".", decimal), na_action="ignore")
    write = serial if order == "serial" else lambda day: day.strftime(DAYS[order])
    frame["founded"] = frame["founded"].map(write, na_action="ignore")
    frame.to_csv(tmp_path / "customers.csv", index=False, sep=";")
    (tmp_path / "mapping.toml").write_text(MAPPING.format(decimal=decimal, order=order))
    model = f"f{order}"
    files = (tmp_path / "customers.csv", "--mapping", tmp_path / "mapping.toml")
    sweetspot("train", *files, "--server", url, "--model", model, "--dataset", model)

    with Client(url, model=model) as client:
        version = client.version("candidate")
        forms = {one.attribute: (one.decimal, one.date_order) for one in version.attributes}
        assert forms["price"][0] == decimal
        assert forms["founded"][1] == order
        card = client.scorecard("candidate")
        texts = hostile.NUMBERS + hostile.DAYS
        accounts: list[dict[str, Any]] = [{"price": text, "founded": text} for text in texts] + written(2_000)
        accounts += frame[["sector", "price", "founded"]].astype(object).where(pd.notna, None).to_dict("records")
        served = client.score(accounts, version="candidate")
    for account, mine, score in zip(accounts, card.score(accounts), served, strict=True):
        assert mine == {field: getattr(score, field) for field in FIELDS}, account
