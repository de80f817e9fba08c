"""Client of Sweetspot: scores accounts against a model of your best customers, and explains each score."""

from importlib.metadata import version as _version

from sweetspot._connection import Tls
from sweetspot._customers import OutcomeColumns
from sweetspot._files import FileSummary
from sweetspot.aio import AsyncClient
from sweetspot.client import Client
from sweetspot.errors import (
    RowError,
    RowErrors,
    ServerError,
    SweetspotError,
    TrainingFailed,
    UnknownAttributeError,
    UsageError,
)
from sweetspot.local import LocalServer
from sweetspot.results import Explanation, Issue, Reason, Score
from sweetspot.scorecard import Scorecard

__version__ = _version("sweetspot")
__all__ = [
    "AsyncClient",
    "Client",
    "Explanation",
    "FileSummary",
    "Issue",
    "LocalServer",
    "OutcomeColumns",
    "Reason",
    "RowError",
    "RowErrors",
    "Score",
    "Scorecard",
    "ServerError",
    "SweetspotError",
    "Tls",
    "TrainingFailed",
    "UnknownAttributeError",
    "UsageError",
]
