"""The client."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self, TypeVar, Unpack, overload

from google.protobuf.message import Message

from sweetspot import _documents, _files, _scoring, _training
from sweetspot._connection import Endpoint, Tls
from sweetspot._customers import CustomerImport, OutcomeColumns
from sweetspot._files import FileOptions, FileSummary
from sweetspot._names import ModelName, Version
from sweetspot._options import ExplainOptions, ScoreOptions
from sweetspot._scoring import OnErrors, OnUnknown
from sweetspot._transport import Transport
from sweetspot.errors import RowError
from sweetspot.results import Explanation, Score
from sweetspot.scorecard import Scorecard
from sweetspot.scorecard._format import read_card
from sweetspot.v1 import dataset_service_pb2 as datasets
from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import targets_pb2 as targets
from sweetspot.v1 import types_pb2

Table = TypeVar("Table")
Account = Mapping[str, Any]


class Client:
    """A client of a Sweetspot server, for one model. Threads may share it.

    Close it, or use it as `with Client(url) as client: …`.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:50051",
        *,
        api_key: str | None = None,
        tls: Tls | None = None,
        workspace: str = "default",
        model: str = "default",
        timeout: float | None = None,
        retries: int = 4,
    ):
        """Prepare a client; the first call connects.

        `api_key` is an API key or a token; without it, the one in `SWEETSPOT__API_KEY` is used, if there is one.
        `timeout` is the deadline of a call in seconds; without it, the server has one for each method. Streams of
        scores have none. A call that the server permits to repeat, or whose connection breaks, is repeated up to
        `retries` times.
        """
        self._transport = Transport(Endpoint.parse(url, api_key, tls), timeout=timeout, retries=retries)
        self._model = ModelName(workspace, model)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def call(self, request: Message) -> Any:
        """Call any method of the API that is not a stream: `client.call(ListModelsRequest())`."""
        return self._transport.call(request)

    @overload
    def score(self, accounts: Account, *, errors: OnErrors = "raise", **options: Unpack[ScoreOptions]) -> Score: ...
    @overload
    def score(
        self, accounts: Sequence[Account], *, errors: Literal["raise"] = "raise", **options: Unpack[ScoreOptions]
    ) -> list[Score]: ...
    @overload
    def score(
        self, accounts: Sequence[Account], *, errors: Literal["coerce"], **options: Unpack[ScoreOptions]
    ) -> list[Score | RowError]: ...
    @overload
    def score(self, accounts: Table, *, errors: OnErrors = "raise", **options: Unpack[ScoreOptions]) -> Table: ...
    def score(
        self,
        accounts: Any,
        *,
        version: Version = None,
        reasons: int = 3,
        unknown: OnUnknown = "raise",
        errors: OnErrors = "raise",
        id_column: str | None = None,
        progress: bool = False,
    ) -> Any:
        """Score accounts: a DataFrame of pandas or polars, a pyarrow Table, a list of dicts, or one dict.

        The result is of the same kind and in the same order, a DataFrame with the same index. Columns are attributes,
        except for the one with the id: `id_column`, or else the first one whose name is that of an id. None, NaN and
        NaT are missing values. `reasons=0` leaves reasons out, which need the scope `explain`.

        An attribute that the model does not have is an error, unless `unknown="ignore"`. An account that cannot be
        scored is one as well; with `errors="coerce"`, its scores are missing, and the column `error` has the reason.
        """
        config = _scoring.score_config(self._model.version(version), reasons, unknown)
        return _scoring.score(self._transport, accounts, config, errors=errors, id_column=id_column, progress=progress)

    def score_file(
        self,
        source: str | os.PathLike[str],
        target: str | os.PathLike[str],
        *,
        version: Version = None,
        reasons: int = 3,
        unknown: OnUnknown = "raise",
        errors: OnErrors = "raise",
        id_column: str | None = None,
        keep: Sequence[str] = (),
        exclude: Iterable[str] = (),
        top: int | None = None,
        progress: bool = False,
    ) -> FileSummary:
        """Score a .csv or .parquet file of any length into another one, in bounded memory.

        `keep` names columns to copy, which need not be attributes. `exclude` has ids of accounts to leave out, such as
        customers. `top` writes that number of rows: those with the highest probabilities, best first. Cells of CSV are
        texts, which the server reads as the kinds of the model. The other options are those of `score`.
        """
        config = _scoring.score_config(self._model.version(version), reasons, unknown)
        options = FileOptions(errors, id_column, keep, exclude, top, progress)
        return _files.score_file(self._transport, source, target, config, options)

    @overload
    def explain(self, accounts: Account, **options: Unpack[ExplainOptions]) -> Explanation: ...
    @overload
    def explain(self, accounts: Any, **options: Unpack[ExplainOptions]) -> list[Explanation]: ...
    def explain(
        self,
        accounts: Any,
        *,
        version: Version = None,
        counterfactuals: bool = True,
        changeable: Iterable[str] = (),
        unknown: OnUnknown = "raise",
        id_column: str | None = None,
    ) -> Any:
        """Explain scores in full: one explanation for a dict, otherwise a list in the order of the input.

        `changeable` names the attributes that a next step may change; without it, any attribute may change.
        """
        request = scoring.ExplainAccountsRequest(
            version=self._model.version(version),
            include_counterfactuals=counterfactuals,
            changeable_attributes=list(changeable),
        )
        return _scoring.explain(self._transport, accounts, request, unknown=unknown, id_column=id_column)

    def targets(
        self,
        accounts: Any,
        *,
        version: Version = None,
        top: int = 1_000,
        reasons: int = 3,
        order: Literal["probability", "expected_value"] = "probability",
        tiering: targets.TierProbabilities | targets.TierShares | targets.TierCapacity | None = None,
        exclude: Iterable[str] = (),
        changeable: Iterable[str] = (),
        id_column: str | None = None,
    ) -> Any:
        """Rank 1 to 10,000 accounts: a table of the best ones with their index, or for dicts a list of `Target`."""
        name = self._model.version(version)
        read, request = _documents.targets_request(accounts, name, id_column, reasons)
        _documents.set_ranking(request, order, tiering, exclude, changeable)
        return _documents.rank(self._transport, read, request, top)

    def import_accounts(
        self,
        accounts: Any,
        outcome: OutcomeColumns,
        *,
        dataset: str = "default",
        attributes: Iterable[str] | None = None,
        id_column: str | None = None,
        weight: str | None = None,
        binned: Iterable[str] = (),
        stage: bool = False,
        validate_only: bool = False,
    ) -> datasets.ImportAccountsResponse:
        """Import customers with their outcomes as a new version of a dataset.

        `attributes` names what is known before the sale; without it, every other column is an attribute, also one that
        is known only after the sale. A column of texts is a category, even if they are dates, numbers or lists:
        convert it first. For rows that a database has aggregated, `weight` is the column with their numbers of
        customers, and the values of `binned` columns are the lower ends of ranges.
        """
        customers = CustomerImport(accounts, outcome, attributes, id_column, weight, binned)
        first = customers.first_message(self._model.dataset(dataset), stage=stage, validate_only=validate_only)
        response: datasets.ImportAccountsResponse = self._transport.upload(
            datasets.ImportAccountsRequest, lambda: customers.messages(first)
        )
        return response

    def train(
        self,
        *,
        dataset: str = "default",
        dataset_version: int | None = None,
        label: Literal["ideal", "won", "retained", "high_value"] | None = None,
        top_share: float | None = None,
        exclude: Iterable[str] = (),
        allow: Iterable[str] = (),
        increasing: Iterable[str] = (),
        decreasing: Iterable[str] = (),
        config: models.TrainingConfig | None = None,
        labels: Mapping[str, str] | None = None,
        description: str = "",
        owner: str = "",
        validate_only: bool = False,
    ) -> models.TrainingRun:
        """Start a training run on a dataset, and return it at once. `config` has the options without a parameter."""
        request = _training.train_request(
            self._model.name,
            self._model.dataset(dataset, dataset_version),
            _training.training_config(
                config,
                label,
                top_share,
                excluded_attributes=exclude,
                allowed_attributes=allow,
                increasing_attributes=increasing,
                decreasing_attributes=decreasing,
            ),
        )
        request.labels.update(labels or {})
        request.description, request.owner, request.validate_only = description, owner, validate_only
        response: models.TrainModelResponse = self._transport.call(request)
        return response.run

    def wait(self, run: models.TrainingRun | str, *, timeout: float | None = None) -> models.TrainingRun:
        """Wait until a run has ended; `model_version` is what it made. A failed run is a `TrainingFailed`."""
        return _training.wait(self._transport, run, timeout)

    def version(self, version: Version = None) -> types_pb2.ModelVersion:
        """Read a version: its evaluation, attributes and warnings."""
        return _training.version_of(self._transport, self._model.version(version))

    def promote(
        self,
        version: Version = "candidate",
        *,
        reason: str = "",
        by: str = "",
        overrides: Mapping[str, str] | None = None,
        keep_tiers: bool = False,
    ) -> models.Promotion:
        """Make a version live. `overrides` has a reason for each promotion check that may fail."""
        name = self._model.version(version)
        return _training.promote(
            self._transport, name, reason=reason, by=by, overrides=overrides or {}, keep_tiers=keep_tiers
        )

    def compare(
        self,
        challenger: Version = "candidate",
        champion: Version = "live",
        *,
        dataset: str | None = None,
        keep_tiers: bool = False,
        movers: int = 10,
    ) -> models.CompareModelVersionsResponse:
        """Compare two versions: `comparison` has the figures, and `markdown` a document."""
        request = models.CompareModelVersionsRequest(
            champion=self._model.version(champion),
            challenger=self._model.version(challenger),
            dataset="" if dataset is None else self._model.dataset(dataset),
            keep_tiers=keep_tiers,
            mover_count=movers,
        )
        response: models.CompareModelVersionsResponse = self._transport.call(request)
        return response

    def report(
        self,
        version: Version = None,
        *,
        format: Literal["html", "md", "json", "tables"] = "html",
        documents: Iterable[str] = (),
        title: str = "",
        champion: Version = None,
    ) -> str:
        """Return the documents of a version, or some of them, such as `documents=["proof"]`."""
        compared = "" if champion is None else self._model.version(champion)
        request = _documents.report_request(self._model.version(version), format, documents, title, compared)
        return _documents.read_content(self._transport, request, "version")

    def scorecard(
        self, version: Version = None, *, unknown: OnUnknown = "raise", id_column: str | None = None
    ) -> Scorecard:
        """Download the scorecard of a version, which scores without a server."""
        request = models.ExportModelVersionRequest(name=self._model.version(version))
        text = _documents.read_content(self._transport, request, "name")
        return Scorecard(read_card(text), unknown=unknown, id_column=id_column, version=request.name)
