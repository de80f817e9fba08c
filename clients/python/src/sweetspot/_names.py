"""The resource names of a model and its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sweetspot.errors import UsageError

Version: TypeAlias = int | str | None


@dataclass(frozen=True)
class ModelName:
    """A model in a workspace."""

    workspace: str
    model: str

    @property
    def parent(self) -> str:
        """The full name of the workspace."""
        return f"workspaces/{self.workspace}"

    @property
    def name(self) -> str:
        """The full name of the model."""
        return f"{self.parent}/models/{self.model}"

    def version(self, version: Version, default: str = "live") -> str:
        """Return the full name of a version: a number, `live`, `candidate`, `previous`, or a full name."""
        text = default if version is None else str(version)
        if text.startswith("workspaces/"):
            return text
        if not text or "/" in text:
            raise UsageError(f"{text!r} is not a version: use a number, live, candidate, previous or a full name")
        return f"{self.name}/versions/{text}"

    def dataset(self, dataset: str, version: int | None = None) -> str:
        """Return the full name of a dataset, or of a version of it."""
        name = dataset if dataset.startswith("workspaces/") else f"{self.parent}/datasets/{dataset}"
        return name if version is None else f"{name}/versions/{version}"
