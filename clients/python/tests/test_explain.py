"""Explanations, target lists, documents, and other calls."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
import polars as pl
import pytest

from sweetspot import Explanation, RowErrors, UnknownAttributeError, UsageError
from sweetspot.errors import DatasetNotFound, InvalidArgument, ModelNotFound, SweetspotError
from sweetspot.v1 import dataset_service_pb2 as datasets
from sweetspot.v1 import model_pb2 as model
from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import targets_pb2 as targets


def test_an_explanation_adds_up_to_the_score(client: Any, prospects: pd.DataFrame) -> None:
    explanation = client.explain(prospects.iloc[1].to_dict())
    assert isinstance(explanation, Explanation)
    score = explanation.score
    assert math.fsum([score.base_log_odds, *(reason.log_odds for reason in score.reasons)]) == score.log_odds
    assert score.log_odds == client.score(prospects)["log_odds"].iloc[1]
    assert explanation.next_step is not None
    assert explanation.next_step.probability > score.probability
    assert explanation.worth_learning is not None
    assert client.explain(prospects.iloc[1].to_dict(), counterfactuals=False).next_step is None


def test_a_next_step_changes_only_what_may_change(client: Any, prospects: pd.DataFrame) -> None:
    steps = [one.next_step for one in client.explain(prospects, changeable=["decision"])]
    changed = {change.attribute for step in steps if step is not None for change in step.changes}
    assert changed <= {"decision"}


def test_more_accounts_than_a_call_permits_are_explained(client: Any, accounts: pd.DataFrame) -> None:
    part = accounts.head(230)
    explanations = client.explain(part, counterfactuals=False)
    assert [one.score.account_id for one in explanations] == part["company_id"].tolist()
    assert [one.score.log_odds for one in explanations] == client.score(part)["log_odds"].tolist()


def test_what_cannot_be_explained_is_an_error(client: Any) -> None:
    with pytest.raises(UnknownAttributeError, match="did you mean 'employees'"):
        client.explain({"emploees": 3})
    assert client.explain({"emploees": 3}, unknown="ignore").score.score > 0
    with pytest.raises(RowErrors, match="row 1"):
        client.explain([{"employees": 3}, {"employees": math.inf}])
    with pytest.raises(InvalidArgument, match="NON_FINITE_NUMBER"):
        client.explain({"employees": math.inf})


def test_targets_are_ranked_with_their_index(client: Any, prospects: pd.DataFrame) -> None:
    ranked = client.targets(prospects, top=4)
    assert ranked["rank"].tolist() == [1, 2, 3, 4]
    assert ranked["probability"].is_monotonic_decreasing
    assert ranked["company_id"].tolist() == prospects.loc[ranked.index, "company_id"].tolist()
    assert ranked["look_alikes"].str.contains(";").all()
    best = client.score(prospects)["probability"].nlargest(4)
    assert ranked["probability"].tolist() == best.tolist()
    assert list(ranked.index) == list(best.index)
    polars = client.targets(pl.from_pandas(prospects), top=4)
    assert polars["company_id"].to_list() == ranked["company_id"].tolist()
    messages = client.targets(prospects.to_dict("records"), top=2)
    assert [target.score.account_id for target in messages] == ranked["company_id"].tolist()[:2]


def test_a_long_target_list_is_read_in_parts(client: Any, accounts: pd.DataFrame) -> None:
    ranked = client.targets(accounts, top=1_100, reasons=1)
    assert ranked["rank"].tolist() == list(range(1, 1_101))
    assert ranked["probability"].is_monotonic_decreasing


def test_targets_are_ranked_as_asked(client: Any, prospects: pd.DataFrame) -> None:
    capacity = targets.TierCapacity(a=1, b=2, c=3)
    ranked = client.targets(prospects, tiering=capacity, order="expected_value", exclude=["P00001"])
    assert ranked["tier"].tolist() == ["A", "B", "B", "C", "C", "C", "D", "D", "D"]
    assert ranked["expected_value"].is_monotonic_decreasing
    with pytest.raises(UsageError, match="order"):
        client.targets(prospects, order="size")
    with pytest.raises(UsageError, match="tiering"):
        client.targets(prospects, tiering=5)
    with pytest.raises(RowErrors, match="NON_FINITE_NUMBER"):
        client.targets([{"employees": math.inf}, {"employees": 1}])


def test_a_report_is_read_in_parts(client: Any) -> None:
    page = client.report(title="Our report")
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    assert "Our report" in page
    markdown = client.report(format="md", documents=["proof"], champion="previous")
    assert "Proof" in markdown
    assert json.loads(client.report("candidate", format="json"))["version"].endswith("/versions/3")
    with pytest.raises(UsageError, match="there is no document 'prof': use some of summary, segments"):
        client.report(documents=["prof"])
    with pytest.raises(UsageError, match="format"):
        client.report(format="pdf")


def test_any_method_can_be_called(client: Any) -> None:
    listed = client.call(model.ListModelsRequest(parent="workspaces/default"))
    assert "workspaces/default/models/default" in [listed_model.name for listed_model in listed.models]
    with pytest.raises(UsageError, match="is a stream"):
        client.call(scoring.StreamScoresRequest())
    with pytest.raises(UsageError, match="is not a request"):
        client.call(models.TrainingRun())


def test_what_does_not_exist_has_its_own_error(client: Any) -> None:
    with pytest.raises(ModelNotFound, match=r"versions/99 does not exist.*\[VERSION_NOT_FOUND\]") as caught:
        client.score({"employees": 3}, version=99)
    assert caught.value.reason == "VERSION_NOT_FOUND"
    with pytest.raises(DatasetNotFound):
        client.call(datasets.GetDatasetRequest(name="workspaces/default/datasets/none"))
    assert issubclass(ModelNotFound, SweetspotError)
