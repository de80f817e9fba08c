"""Checks valid manifests for hardening, references between objects, and numbers."""

import pathlib
import re
import sys

import yaml

SECONDS = {"s": 1, "m": 60, "h": 3600}


def check(objects: list[dict]) -> None:
    kinds: dict[str, list[dict]] = {}
    for item in objects:
        kinds.setdefault(item["kind"], []).append(item)
    (stateful,), (config,), services = kinds["StatefulSet"], kinds["ConfigMap"], kinds["Service"]
    pods = [stateful["spec"]["template"]["spec"], *(pod["spec"] for pod in kinds["Pod"])]
    for pod in pods:
        harden(pod)
    spec = stateful["spec"]
    (container,) = pods[0]["containers"]
    labels = spec["template"]["metadata"]["labels"]
    ports = [entry["containerPort"] for entry in container["ports"]]
    port = ports[0]

    assert spec["replicas"] in (0, 1), spec["replicas"]
    assert spec["serviceName"] in [service["metadata"]["name"] for service in services]
    for service in services:
        assert service["spec"]["selector"].items() <= labels.items(), "a service selects no pod"
        assert [entry["port"] for entry in service["spec"]["ports"]] == ports
    for policy in kinds.get("NetworkPolicy", []) + kinds.get("PodDisruptionBudget", []):
        selector = policy["spec"].get("podSelector") or policy["spec"]["selector"]
        assert selector["matchLabels"].items() <= labels.items(), "a policy selects no pod"
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["grpc"]["port"] == port
    assert not container["livenessProbe"]["grpc"].get("service"), "a server without a model must not be restarted"

    data = config["data"]
    assert container["envFrom"] == [{"configMapRef": {"name": config["metadata"]["name"]}}]
    assert all(isinstance(value, str) and "e+" not in value for value in data.values()), data
    assert data["SWEETSPOT__SERVER__LISTEN"].endswith(f":{port}")
    others = [data.get(f"SWEETSPOT__SERVER__{name}_LISTEN") for name in ("METRICS", "HTTP")]
    assert ports[1:] == [int(one.rpartition(":")[2]) for one in others if one], "a listener and its container port differ"
    assert len(set(ports)) == len(ports), "two listeners share a port"
    for policy in kinds.get("NetworkPolicy", []):
        allowed = [entry["port"] for rule in policy["spec"]["ingress"] for entry in rule["ports"]]
        assert allowed == [entry["name"] for entry in container["ports"]], allowed
    drain = sum(int(count) * SECONDS[unit] for count, unit in re.findall("([0-9]+)([a-z]+)", data["SWEETSPOT__SERVER__DRAIN_TIMEOUT"]))
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == drain + 10, "the grace period differs from the drain"
    volumes = pods[0].get("volumes", []) + [claim["metadata"] for claim in spec.get("volumeClaimTemplates", [])]
    assert [volume["name"] for volume in volumes] == [mount["name"] for mount in container["volumeMounts"]] == ["data"]


def harden(pod: dict) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True
    assert (security["runAsUser"], security["runAsGroup"], security["fsGroup"]) == (65532, 65532, 65532)
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def main() -> None:
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.yaml"))
    assert files, "nothing was rendered"
    for file in files:
        check([item for item in yaml.safe_load_all(file.read_text()) if item])
        print(f"{file.name}: hardening and references are correct")


if __name__ == "__main__":
    main()
