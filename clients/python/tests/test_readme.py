"""The examples of the README run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from server import ROOT, serve

README = ROOT / "clients/python/README.md"
URL = "http://127.0.0.1:50051"


def test_the_examples_run(demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 10
    shutil.copytree(demo_store, tmp_path / "store")
    shutil.copytree(demo_store.with_name("demo.files"), tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with serve(tmp_path / "store") as url:
        for number, block in enumerate(blocks, 1):
            exec(compile(block.replace(URL, url), f"README, example {number}", "exec"), names)
        names["client"].close()
