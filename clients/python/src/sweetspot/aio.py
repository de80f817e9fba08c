"""The asynchronous client, which runs the other one in threads.

The streams of `grpc.aio` lose the error of the server if it arrives while a message is written.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar, Unpack, overload

from sweetspot._cancellation import run_in_thread
from sweetspot._connection import Tls
from sweetspot._names import Version
from sweetspot._options import ExplainOptions, ScoreOptions
from sweetspot._scoring import OnErrors, OnUnknown
from sweetspot.client import Account, Client, Table
from sweetspot.errors import RowError
from sweetspot.results import Explanation, Score

_MAX_CALLS = 64
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def _in_thread(
    method: Callable[Concatenate[Client, Parameters], Result],
) -> Callable[Concatenate[AsyncClient, Parameters], Coroutine[Any, Any, Result]]:
    """Return a method of the other client that runs in a thread, with its parameters and its text."""

    @wraps(method)
    async def run(client: AsyncClient, /, *arguments: Parameters.args, **options: Parameters.kwargs) -> Result:
        return await client._run(partial(method, client._client), *arguments, **options)

    return run


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

    call = _in_thread(Client.call)

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

    score_file = _in_thread(Client.score_file)

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

    targets = _in_thread(Client.targets)
    import_accounts = _in_thread(Client.import_accounts)
    train = _in_thread(Client.train)
    wait = _in_thread(Client.wait)
    version = _in_thread(Client.version)
    promote = _in_thread(Client.promote)
    compare = _in_thread(Client.compare)
    report = _in_thread(Client.report)
    scorecard = _in_thread(Client.scorecard)


for _name in ("__init__", "score", "explain"):
    getattr(AsyncClient, _name).__doc__ = getattr(Client, _name).__doc__
