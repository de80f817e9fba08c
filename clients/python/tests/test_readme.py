"""The examples in Python of both READMEs run."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from server import BINARY, ROOT, serve

READMES = {"README.md": 1, "clients/python/README.md": 15}
URL = "http://127.0.0.1:50051"


@pytest.mark.parametrize("readme", READMES)
def test_the_examples_run(readme: str, demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / readme).read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == READMES[readme]
    shutil.copytree(demo_store, tmp_path / "served")
    monkeypatch.setenv("PATH", str(BINARY.parent), prepend=os.pathsep)
    shutil.copytree(demo_store.with_name("demo.files"), tmp_path / "demo.files")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with serve(tmp_path / "served") as url:
        for number, block in enumerate(blocks, 1):
            exec(compile(block.replace(URL, url), f"{readme}, example {number}", "exec"), names)
        names["client"].close()
