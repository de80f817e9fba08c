"""The asynchronous client, which runs the other one in threads.

The streams of `grpc.aio` lose the error of the server if it arrives while a message is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Literal, ParamSpec, Self, TypeVar, Unpack, overload

from google.protobuf.message import Message

from sweetspot._cancellation import run_in_thread
from sweetspot._connection import Tls
from sweetspot._customers import OutcomeColumns
from sweetspot._files import FileSummary
from sweetspot._names import Version
from sweetspot._options import ExplainOptions, ScoreOptions
from sweetspot._scoring import OnErrors, OnUnknown
from sweetspot.client import Account, Client, Table
from sweetspot.errors import RowError
from sweetspot.results import Explanation, Score
from sweetspot.scorecard import Scorecard
from sweetspot.v1 import dataset_service_pb2 as datasets
from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import targets_pb2 as targets
from sweetspot.v1 import types_pb2

_MAX_CALLS = 64
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class AsyncClient:
    """A client of a Sweetspot server, for one model, with the methods of `Client` to await.

    Calls run in threads, at most 64 at a time. If a task is cancelled, so is its call. Close the client, or use it as
    `async with AsyncClient(url) as client: …`.
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
        self._client = Client(
            url, api_key=api_key, tls=tls, workspace=workspace, model=model, timeout=timeout, retries=retries
        )
        self._threads = ThreadPoolExecutor(_MAX_CALLS, thread_name_prefix="sweetspot")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        self._client.close()
        self._threads.shutdown(wait=False)

    async def _run(
        self, method: Callable[Parameters, Result], *arguments: Parameters.args, **options: Parameters.kwargs
    ) -> Result:
        return await run_in_thread(self._threads, partial(method, *arguments, **options))

    async def call(self, request: Message) -> Any:
        return await self._run(self._client.call, request)

    @overload
    async def score(
        self, accounts: Account, *, errors: OnErrors = "raise", **options: Unpack[ScoreOptions]
    ) -> Score: ...
    @overload
    async def score(
        self, accounts: Sequence[Account], *, errors: Literal["raise"] = "raise", **options: Unpack[ScoreOptions]
    ) -> list[Score]: ...
    @overload
    async def score(
        self, accounts: Sequence[Account], *, errors: Literal["coerce"], **options: Unpack[ScoreOptions]
    ) -> list[Score | RowError]: ...
    @overload
    async def score(self, accounts: Table, *, errors: OnErrors = "raise", **options: Unpack[ScoreOptions]) -> Table: ...
    async def score(
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
        return await self._run(
            self._client.score,
            accounts,
            version=version,
            reasons=reasons,
            unknown=unknown,
            errors=errors,
            id_column=id_column,
            progress=progress,
        )

    async def score_file(
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
        return await self._run(
            self._client.score_file,
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

    @overload
    async def explain(self, accounts: Account, **options: Unpack[ExplainOptions]) -> Explanation: ...
    @overload
    async def explain(self, accounts: Any, **options: Unpack[ExplainOptions]) -> list[Explanation]: ...
    async def explain(
        self,
        accounts: Any,
        *,
        version: Version = None,
        counterfactuals: bool = True,
        changeable: Iterable[str] = (),
        unknown: OnUnknown = "raise",
        id_column: str | None = None,
    ) -> Any:
        return await self._run(
            self._client.explain,
            accounts,
            version=version,
            counterfactuals=counterfactuals,
            changeable=changeable,
            unknown=unknown,
            id_column=id_column,
        )

    async def targets(
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
        return await self._run(
            self._client.targets,
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

    async def import_accounts(
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
        return await self._run(
            self._client.import_accounts,
            accounts,
            outcome,
            dataset=dataset,
            attributes=attributes,
            id_column=id_column,
            stage=stage,
            validate_only=validate_only,
        )

    async def train(
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
        return await self._run(
            self._client.train,
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

    async def wait(self, run: models.TrainingRun | str, *, timeout: float | None = None) -> models.TrainingRun:
        return await self._run(self._client.wait, run, timeout=timeout)

    async def version(self, version: Version = None) -> types_pb2.ModelVersion:
        return await self._run(self._client.version, version)

    async def promote(
        self,
        version: Version = "candidate",
        *,
        reason: str = "",
        by: str = "",
        overrides: Mapping[str, str] | None = None,
        keep_tiers: bool = False,
    ) -> models.Promotion:
        return await self._run(
            self._client.promote, version, reason=reason, by=by, overrides=overrides, keep_tiers=keep_tiers
        )

    async def compare(
        self,
        challenger: Version = "candidate",
        champion: Version = "live",
        *,
        dataset: str | None = None,
        keep_tiers: bool = False,
        movers: int = 10,
    ) -> models.CompareModelVersionsResponse:
        return await self._run(
            self._client.compare, challenger, champion, dataset=dataset, keep_tiers=keep_tiers, movers=movers
        )

    async def report(
        self,
        version: Version = None,
        *,
        format: Literal["html", "md", "json", "tables"] = "html",
        documents: Iterable[str] = (),
        title: str = "",
        champion: Version = None,
    ) -> str:
        return await self._run(
            self._client.report, version, format=format, documents=documents, title=title, champion=champion
        )

    async def scorecard(
        self, version: Version = None, *, unknown: OnUnknown = "raise", id_column: str | None = None
    ) -> Scorecard:
        return await self._run(self._client.scorecard, version, unknown=unknown, id_column=id_column)


for _name, _method in vars(Client).items():
    if _name in vars(AsyncClient) and _name != "close" and callable(_method):
        getattr(AsyncClient, _name).__doc__ = _method.__doc__
