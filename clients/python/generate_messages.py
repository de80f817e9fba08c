"""Generates the messages of the API, `sweetspot.v1`, from the protos of the repository.

Builds of the package run it by themselves. To run it by hand: `python generate_messages.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
MESSAGES = HERE / "src" / "sweetspot" / "v1"


class MessagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Generates the messages before a wheel or an editable installation is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generate the messages, except for a source distribution, which has the protos instead."""
        if self.target_name == "wheel":
            generate()


def protos() -> Path:
    """Return the folder of the protos: that of the repository, or its copy in a source distribution."""
    for folder in (HERE / "proto", HERE.parent.parent / "proto"):
        if (folder / "sweetspot" / "v1").is_dir():
            return folder
    raise FileNotFoundError(f"{HERE} is neither in the repository nor a source distribution: there is no folder proto")


def generate() -> None:
    """Replace the generated messages."""
    import grpc_tools
    from grpc_tools import protoc

    folder = protos()
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    shutil.rmtree(MESSAGES, ignore_errors=True)
    MESSAGES.mkdir()
    source = MESSAGES.parent.parent
    files = sorted(str(file) for file in (folder / "sweetspot" / "v1").glob("*.proto"))
    options = [f"--proto_path={folder}", f"--proto_path={well_known}"]
    outputs = [f"--python_out={source}", f"--pyi_out={source}"]
    if protoc.main(["protoc", *options, *outputs, *files]) != 0:
        raise RuntimeError("the messages cannot be generated from the protos")
    (MESSAGES / "__init__.py").write_text('"""The messages of the API, generated from its protos."""\n')


if __name__ == "__main__":
    generate()
