"""The client."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Unpack, overload

from google.protobuf.message import Message

from sweetspot._connection import Tls
from sweetspot._customers import OutcomeColumns
from sweetspot._files import FileSummary
from sweetspot._loop import LoopThread
from sweetspot._names import Version
from sweetspot._options import ExplainOptions, ScoreOptions
from sweetspot._scoring import OnErrors, OnUnknown
from sweetspot.aio import Account, AsyncClient, Table
from sweetspot.errors import RowError
from sweetspot.results import Explanation, Score
from sweetspot.scorecard import Scorecard
from sweetspot.v1 import dataset_service_pb2 as datasets
from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import targets_pb2 as targets
from sweetspot.v1 import types_pb2


class Client:
    """A client of a Sweetspot server, for one model. Threads may share it.

    Close it, or use it as `with Client(url) as client: …`. Its methods are those of `AsyncClient`, which it runs in a
    thread of its own.
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
        self._client = AsyncClient(
            url, api_key=api_key, tls=tls, workspace=workspace, model=model, timeout=timeout, retries=retries
        )
        self._thread = LoopThread()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._thread.is_open():
            self._thread.run(self._client.close())
            self._thread.close()

    def call(self, request: Message) -> Any:
        return self._thread.run(self._client.call(request))

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
        return self._thread.run(
            self._client.score(
                accounts,
                version=version,
                reasons=reasons,
                unknown=unknown,
                errors=errors,
                id_column=id_column,
                progress=progress,
            )
        )

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
        progress: bool = False,
    ) -> FileSummary:
        return self._thread.run(
            self._client.score_file(
                source,
                target,
                version=version,
                reasons=reasons,
                unknown=unknown,
                errors=errors,
                id_column=id_column,
                keep=keep,
                progress=progress,
            )
        )

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
        return self._thread.run(
            self._client.explain(
                accounts,
                version=version,
                counterfactuals=counterfactuals,
                changeable=changeable,
                unknown=unknown,
                id_column=id_column,
            )
        )

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
        return self._thread.run(
            self._client.targets(
                accounts,
                version=version,
                top=top,
                reasons=reasons,
                order=order,
                tiering=tiering,
                exclude=exclude,
                changeable=changeable,
                id_column=id_column,
            )
        )

    def import_accounts(
        self,
        accounts: Any,
        outcome: OutcomeColumns,
        *,
        dataset: str = "default",
        attributes: Iterable[str] | None = None,
        id_column: str | None = None,
        stage: bool = False,
        validate_only: bool = False,
    ) -> datasets.ImportAccountsResponse:
        return self._thread.run(
            self._client.import_accounts(
                accounts,
                outcome,
                dataset=dataset,
                attributes=attributes,
                id_column=id_column,
                stage=stage,
                validate_only=validate_only,
            )
        )

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
        return self._thread.run(
            self._client.train(
                dataset=dataset,
                dataset_version=dataset_version,
                label=label,
                top_share=top_share,
                exclude=exclude,
                allow=allow,
                increasing=increasing,
                decreasing=decreasing,
                config=config,
                labels=labels,
                description=description,
                owner=owner,
                validate_only=validate_only,
            )
        )

    def wait(self, run: models.TrainingRun | str, *, timeout: float | None = None) -> models.TrainingRun:
        return self._thread.run(self._client.wait(run, timeout=timeout))

    def version(self, version: Version = None) -> types_pb2.ModelVersion:
        return self._thread.run(self._client.version(version))

    def promote(
        self,
        version: Version = "candidate",
        *,
        reason: str = "",
        by: str = "",
        overrides: Mapping[str, str] | None = None,
        keep_tiers: bool = False,
    ) -> models.Promotion:
        return self._thread.run(
            self._client.promote(version, reason=reason, by=by, overrides=overrides, keep_tiers=keep_tiers)
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
        return self._thread.run(
            self._client.compare(challenger, champion, dataset=dataset, keep_tiers=keep_tiers, movers=movers)
        )

    def report(
        self,
        version: Version = None,
        *,
        format: Literal["html", "md", "json", "tables"] = "html",
        documents: Iterable[str] = (),
        title: str = "",
        champion: Version = None,
    ) -> str:
        return self._thread.run(
            self._client.report(version, format=format, documents=documents, title=title, champion=champion)
        )

    def scorecard(
        self, version: Version = None, *, unknown: OnUnknown = "raise", id_column: str | None = None
    ) -> Scorecard:
        return self._thread.run(self._client.scorecard(version, unknown=unknown, id_column=id_column))


for _name, _method in vars(AsyncClient).items():
    if _name in vars(Client) and _name != "close" and callable(_method):
        getattr(Client, _name).__doc__ = _method.__doc__
