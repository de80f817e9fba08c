"""Generates the messages of the API, `sweetspot.v1`, and puts the program into a wheel.

Builds of the package run it by themselves. To generate the messages by hand: `python hatch_build.py`.

A wheel contains the program if the variable SWEETSPOT_PROGRAM has its path. Such a wheel is for one kind of machine;
a wheel without the program is for all.
"""

from __future__ import annotations

import os
import re
import shutil
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
MESSAGES = HERE / "src" / "sweetspot" / "v1"
PROGRAM_VARIABLE = "SWEETSPOT_PROGRAM"


class PackageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Completes a wheel or an editable installation before it is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generate the messages, except for a source distribution, which has the protos instead; add the program."""
        if self.target_name != "wheel":
            return
        generate()
        path = os.environ.get(PROGRAM_VARIABLE)
        if path:
            program = Path(path).resolve(strict=True)
            build_data["shared_scripts"][str(program)] = "sweetspot"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform_tag(program)}"


def platform_tag(program: Path) -> str:
    """Return the kind of machine that a program runs on, as wheels name it (PEP 600 and PEP 656)."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if not platform.startswith("linux_"):
        return platform
    machine = platform.removeprefix("linux_")
    # The versions of the C library that the symbols of the program need; the newest one decides.
    needed = {(int(major), int(minor)) for major, minor in re.findall(rb"GLIBC_(\d+)\.(\d+)", program.read_bytes())}
    if not needed:
        # Linked statically.
        return f"manylinux_2_17_{machine}.musllinux_1_1_{machine}"
    major, minor = max(needed)
    return f"manylinux_{major}_{minor}_{machine}"


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
