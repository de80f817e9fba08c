"""Checks the configuration of an image."""

import json
import sys


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)["Docker"]["config"]
    assert config["User"] == "65532:65532", config["User"]
    assert config["Entrypoint"] == ["/usr/local/bin/sweetspot"], config["Entrypoint"]
    assert config["Cmd"] == ["serve"], config["Cmd"]
    assert config["Healthcheck"]["Test"] == ["CMD", "/usr/local/bin/sweetspot", "healthcheck"], config["Healthcheck"]
    assert list(config["Volumes"]) == ["/data"], config["Volumes"]
    assert list(config["ExposedPorts"]) == ["50051/tcp"], config["ExposedPorts"]
    prefix = "org.opencontainers.image."
    labels = {name.removeprefix(prefix): text for name, text in config["Labels"].items() if name.startswith(prefix)}
    assert labels.pop("description"), "the image has no description"
    given = {"version": "1.2.3", "revision": "0123abc", "source": "https://example.com/sweetspot"}
    assert labels == {"title": "sweetspot", "licenses": "Apache-2.0", **given}, labels
    assert not any("ALLOW_REMOTE" in variable for variable in config["Env"]), "the image must not set ALLOW_REMOTE"
    print("image: user, entry point, health check, volume, port and labels are correct")


if __name__ == "__main__":
    main()
