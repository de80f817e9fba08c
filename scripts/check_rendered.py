"""Checks rendered manifests for what a schema cannot express: hardening, references between objects, ports, and numbers.

The first argument is a folder with one file for each `ci/NAME-values.yaml` of the chart, and the notes in `notes`.
"""

import json
import pathlib
import re
import sys
from typing import Any

import yaml

SECONDS = {"s": 1, "m": 60, "h": 3600}
PORTS = {"grpc": 50051, "http": 8080, "admin": 9464}
NGINX = "nginx.ingress.kubernetes.io/"

# For each file, paths in its objects and the expected values; None: the path is not there.
EXPECTED: dict[str, dict[str, Any]] = {
    "default": {
        "ConfigMap trial-sweetspot data SWEETSPOT__SERVER__LISTEN": "[::]:50051",
        "ConfigMap trial-sweetspot data SWEETSPOT__SERVER__ADMIN_LISTEN": "[::]:9464",
        "ConfigMap trial-sweetspot data SWEETSPOT__SERVER__ALLOW_REMOTE": "true",
        "ConfigMap trial-sweetspot data SWEETSPOT__AUTH__REQUIRED": "true",
        "Secret trial-sweetspot-owner-key metadata annotations helm.sh/resource-policy": "keep",
        "StatefulSet trial-sweetspot spec template spec volumes 0 secret secretName": "trial-sweetspot-owner-key",
        "NetworkPolicy trial-sweetspot spec egress": [],
        "PodDisruptionBudget trial-sweetspot": None,
        "ServiceAccount trial-sweetspot automountServiceAccountToken": False,
        "StatefulSet trial-sweetspot spec persistentVolumeClaimRetentionPolicy": {
            "whenDeleted": "Retain", "whenScaled": "Retain"},
        "StatefulSet trial-sweetspot spec template spec securityContext runAsUser": 65532,
        "StatefulSet trial-sweetspot spec template spec securityContext fsGroup": 65532,
        "StatefulSet trial-sweetspot spec template spec containers 0 image": "sweetspot:0.1.0",
        "StatefulSet trial-sweetspot spec template spec containers 0 readinessProbe httpGet path": "/livez",
    },
    "ephemeral": {
        "ConfigMap demo data SWEETSPOT__AUTH__REQUIRED": None,
        "Secret demo-owner-key": None,
        "NetworkPolicy demo": None,
        "ServiceAccount demo": None,
        "StatefulSet demo spec template spec serviceAccountName": "default",
        "StatefulSet demo spec template spec volumes 0 emptyDir sizeLimit": "1Gi",
        "StatefulSet demo spec volumeClaimTemplates": None,
    },
    "existing-claim": {
        "ConfigMap trial-sweetspot data SWEETSPOT__SERVER__ALLOW_REMOTE": "false",
        "Pod trial-sweetspot-healthcheck": None,
        "NetworkPolicy trial-sweetspot spec ingress": [],
        "StatefulSet trial-sweetspot spec replicas": 0,
        "StatefulSet trial-sweetspot spec volumeClaimTemplates": None,
        "StatefulSet trial-sweetspot spec template spec volumes 0 persistentVolumeClaim claimName": "sweetspot-data",
    },
    "exposed": {
        f"Ingress trial-sweetspot-grpc metadata annotations {NGINX}backend-protocol": "GRPC",
        f"Ingress trial-sweetspot-http metadata annotations {NGINX}backend-protocol": "HTTP",
        "GRPCRoute trial-sweetspot apiVersion": "gateway.networking.k8s.io/v1",
        "GRPCRoute trial-sweetspot spec rules 0 matches 0 method service": "sweetspot.v1.ScoringService",
        "HTTPRoute trial-sweetspot apiVersion": "gateway.networking.k8s.io/v1",
        "HTTPRoute trial-sweetspot spec rules 0 timeouts request": "30m",
        "HTTPRoute trial-sweetspot spec parentRefs 0 namespace": "gateways",
    },
    "openshift": {
        "Secret trial-sweetspot-owner-key": None,
        "ConfigMap trial-sweetspot data SWEETSPOT__SERVER__ALLOW_REMOTE": "true",
        "StatefulSet trial-sweetspot spec template spec securityContext runAsUser": None,
        "StatefulSet trial-sweetspot spec template spec securityContext runAsGroup": None,
        "StatefulSet trial-sweetspot spec template spec securityContext fsGroup": None,
    },
    "production": {
        "ConfigMap trial-scores data SWEETSPOT__SERVER__ALLOW_REMOTE": "false",
        "ConfigMap trial-scores data SWEETSPOT__SERVER__MAX_IMPORT_ACCOUNTS": "100000000",
        "ConfigMap trial-scores data SWEETSPOT__AUTH__REQUIRED": "true",
        "ConfigMap trial-scores-dashboard metadata namespace": "monitoring",
        "ConfigMap trial-scores-dashboard metadata labels grafana_dashboard": "1",
        f"Ingress trial-scores-grpc metadata annotations {NGINX}backend-protocol": "GRPCS",
        f"Ingress trial-scores-grpc metadata annotations {NGINX}proxy-body-size": None,
        "Pod trial-scores-healthcheck": None,
        "PodDisruptionBudget trial-scores spec maxUnavailable": 1,
        "PrometheusRule trial-scores metadata labels release": "prometheus",
        "Service trial-scores spec ports 0 appProtocol": "https",
        "ServiceMonitor trial-scores spec endpoints 0 interval": "15s",
        "StatefulSet trial-scores spec template spec serviceAccountName": "scorer",
        "StatefulSet trial-scores spec template spec terminationGracePeriodSeconds": 300,
        "StatefulSet trial-scores spec template spec containers 0 image":
            "images.example.com/sweetspot@sha256:" + 64 * "0",
        "StatefulSet trial-scores spec template spec containers 0 readinessProbe httpGet path": "/readyz",
        "StatefulSet trial-scores spec volumeClaimTemplates 0 spec storageClassName": "fast",
    },
    "replicas": {
        "StatefulSet trial-sweetspot": None,
        "ConfigMap trial-sweetspot data SWEETSPOT__STORE": None,
        "ConfigMap trial-sweetspot data SWEETSPOT__SERVER__MODEL_CACHE": "/data/cache",
        "Deployment trial-sweetspot spec replicas": 3,
        "Deployment trial-sweetspot spec strategy rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
        "Deployment trial-sweetspot spec template spec containers 0 env 0": {
            "name": "SWEETSPOT__STORE", "valueFrom": {"secretKeyRef": {"name": "sweetspot-database", "key": "url"}}},
        "Deployment trial-sweetspot spec template spec containers 0 env 1 name": "MALLOC_ARENA_MAX",
        "Deployment trial-sweetspot spec template spec volumes 0 emptyDir sizeLimit": "2Gi",
        "Deployment trial-sweetspot spec template spec volumes 2 secret secretName": "database-authority",
        "Deployment trial-sweetspot spec template spec topologySpreadConstraints 0 topologyKey": "kubernetes.io/hostname",
        "PodDisruptionBudget trial-sweetspot spec minAvailable": 2,
        "PodDisruptionBudget trial-sweetspot spec maxUnavailable": None,
    },
}

# For each file, texts that the notes contain, and texts that they do not.
NOTES: dict[str, tuple[list[str], list[str]]] = {
    "default": (["kubectl --namespace sales exec trial-sweetspot-0 -- sweetspot healthcheck",
                 "get secret trial-sweetspot-owner-key --output", "calls, with their API keys, are not encrypted"],
                ["HTTP on", "networkPolicy", "not authenticated"]),
    "ephemeral": (["exec demo-0", "networkPolicy.enabled", "persistence.enabled", "calls are not encrypted",
                   "calls are not authenticated"], ["get secret"]),
    "existing-claim": (["port-forward trial-sweetspot-0 9464", "get secret trial-sweetspot-owner-key"], ["exec", "not encrypted"]),
    "exposed": (["gRPC on port 80 and HTTP on port 8000"], []),
    "openshift": (["exec trial-sweetspot-0", "get secret sweetspot-keys", "are not encrypted. Set"], ["authenticated"]),
    "replicas": (["kubectl --namespace sales exec deployment/trial-sweetspot -- sweetspot healthcheck"], ["persistence.enabled"]),
    "production": (["port-forward trial-scores-0 9464", "http://127.0.0.1:9464/livez", "trial-scores-headless:50051"],
                   ["WARNING", "exec"]),
}

Objects = dict[tuple[str, str], dict]


def look_up(objects: Objects, path: str) -> Any:
    """Returns the value at a path, or None."""
    kind, name, *steps = path.split(" ")
    found: Any = objects.get((kind, name))
    for step in steps:
        if isinstance(found, list):
            found = found[int(step)] if int(step) < len(found) else None
        else:
            found = (found or {}).get(step)
    return found


def of_kind(objects: Objects, *kinds: str) -> list[dict]:
    return [item for (kind, _), item in objects.items() if kind in kinds]


def check_hardening(objects: Objects) -> None:
    """Every container of every pod is restricted, and no pod gets a token of the API."""
    (stateful,) = of_kind(objects, "StatefulSet", "Deployment")
    for pod in [stateful["spec"]["template"]["spec"], *(pod["spec"] for pod in of_kind(objects, "Pod"))]:
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"] + pod.get("initContainers", []):
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False, container["name"]
            assert security["readOnlyRootFilesystem"] is True, container["name"]
            assert security["capabilities"] == {"drop": ["ALL"]}, container["name"]
            assert container["resources"]["limits"]["memory"], container["name"]


def check_labels(objects: Objects) -> None:
    """Selectors select the pod. Labels of the pod and its claims do not change with the version of the chart."""
    (stateful,) = of_kind(objects, "StatefulSet", "Deployment")
    template = stateful["spec"]["template"]["metadata"]
    claims = [claim["metadata"] for claim in stateful["spec"].get("volumeClaimTemplates", [])]
    for labels in [template["labels"], *(claim["labels"] for claim in claims)]:
        assert not {"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by"} & labels.keys()
    selectors = [service["spec"]["selector"] for service in of_kind(objects, "Service")]
    for policy in of_kind(objects, "NetworkPolicy", "PodDisruptionBudget", "StatefulSet", "Deployment"):
        selectors.append((policy["spec"].get("podSelector") or policy["spec"]["selector"])["matchLabels"])
    for selector in selectors:
        assert len(selector) >= 2 and selector.items() <= template["labels"].items(), selector
    for pod in of_kind(objects, "Pod"):
        assert not selectors[0].items() <= pod["metadata"]["labels"].items(), "a service selects the test"
    for item in objects.values():
        assert item["metadata"]["namespace"] in ("sales", "monitoring"), item["metadata"]
        assert item["kind"] == "Pod" or item["metadata"]["labels"]["helm.sh/chart"]


def check_ports(objects: Objects) -> None:
    """Listeners, ports, services, probes, policies and routes agree. No service of the cluster publishes the admin port."""
    (stateful,) = of_kind(objects, "StatefulSet", "Deployment")
    full, container = stateful["metadata"]["name"], stateful["spec"]["template"]["spec"]["containers"][0]
    if stateful["kind"] == "StatefulSet":
        assert stateful["spec"]["serviceName"] == f"{full}-headless"
    assert container["envFrom"][0] == {"configMapRef": {"name": full}}
    data = objects["ConfigMap", full]["data"]
    keys = {"grpc": "LISTEN", "http": "HTTP_LISTEN", "admin": "ADMIN_LISTEN"}
    addresses = {port: data.get(f"SWEETSPOT__SERVER__{key}") for port, key in keys.items()}
    listeners = {port: int(text.rpartition(":")[2]) for port, text in addresses.items() if text}
    assert listeners == {port: PORTS[port] for port in listeners}
    assert {port["name"]: port["containerPort"] for port in container["ports"]} == listeners
    service, headless = objects["Service", full]["spec"], objects["Service", f"{full}-headless"]["spec"]
    assert {port["name"]: port["port"] for port in headless["ports"]} == listeners
    assert headless["clusterIP"] == "None" and headless["publishNotReadyAddresses"]
    published = {port["name"]: port["port"] for port in service["ports"]}
    assert published.keys() == listeners.keys() - {"admin"}
    tls = "SWEETSPOT__TLS__CERTIFICATE_FILE" in data
    for port in service["ports"] + headless["ports"]:
        plain = "kubernetes.io/h2c" if port["name"] == "grpc" else "http"
        expected = "https" if tls and port["name"] != "admin" else plain
        assert (port["appProtocol"], port["targetPort"]) == (expected, port["name"]), port
    for probe, paths in {"startupProbe": ["/livez"], "livenessProbe": ["/livez"], "readinessProbe": ["/livez", "/readyz"]}.items():
        assert container[probe]["httpGet"]["port"] == "admin" and container[probe]["httpGet"]["path"] in paths
    for policy in of_kind(objects, "NetworkPolicy"):
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"] and "egress" in policy["spec"]
        for rule in policy["spec"]["ingress"]:
            assert rule["from"], "a rule without peers admits every pod"
            ports = [port["port"] for port in rule["ports"]]
            assert len(ports) == 1 and (ports[0] in listeners or isinstance(ports[0], int)), rule
    for ingress in of_kind(objects, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                assert backend["name"] == full and backend["port"]["name"] in published
                assert ingress["metadata"]["name"] == f"{full}-{backend['port']['name']}"
    for route in of_kind(objects, "HTTPRoute", "GRPCRoute"):
        port = route["kind"].removesuffix("Route").lower()
        assert route["spec"]["rules"][0]["backendRefs"] == [{"name": full, "port": published[port]}]
        assert route["spec"]["parentRefs"]


def check_volumes(objects: Objects) -> None:
    """Every volume is mounted once, secrets as read-only folders, and the files that the settings name are in them."""
    (stateful,) = of_kind(objects, "StatefulSet", "Deployment")
    spec, data = stateful["spec"], objects["ConfigMap", stateful["metadata"]["name"]]["data"]
    pod = spec["template"]["spec"]
    volumes = pod.get("volumes", []) + [claim["metadata"] for claim in spec.get("volumeClaimTemplates", [])]
    mounts = {mount["name"]: mount for mount in pod["containers"][0]["volumeMounts"]}
    assert mounts.keys() == {volume["name"] for volume in volumes} and len(mounts) == len(volumes)
    store = data.get("SWEETSPOT__STORE") or data["SWEETSPOT__SERVER__MODEL_CACHE"]
    assert store.startswith(mounts["data"]["mountPath"])
    named = {value.rpartition("/")[0] for value in data.values() if value.startswith("/etc/")}
    # The URL of the database names its authorities.
    secrets = {mounts[volume["name"]]["mountPath"] for volume in volumes if "secret" in volume} - {"/etc/sweetspot/database-ca"}
    assert named == secrets, "settings and secrets differ"
    for volume in (volume for volume in volumes if "secret" in volume):
        mount = mounts[volume["name"]]
        assert mount["readOnly"] and "subPath" not in mount and volume["secret"]["defaultMode"] == 0o440


def check_numbers(objects: Objects) -> None:
    """Settings are written in full, and the pod has the time to drain and the memory for the limits of the server."""
    (stateful,) = of_kind(objects, "StatefulSet", "Deployment")
    data = objects["ConfigMap", stateful["metadata"]["name"]]["data"]
    assert all(isinstance(value, str) and "e+" not in value for value in data.values()), data
    parts = re.findall("([0-9]+)([a-z]+)", data["SWEETSPOT__SERVER__DRAIN_TIMEOUT"])
    drain = sum(int(count) * SECONDS[unit] for count, unit in parts)
    grace = stateful["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace in (drain + 10, 300) and grace >= drain + 10, "the grace period is too short"
    assert stateful["spec"]["replicas"] in (0, 1) or stateful["kind"] == "Deployment"
    # A third of the memory is for imports, a third for trainings. The rest holds at least server.max_buffered_size, one request
    # of server.max_request_size that is decoded, and the process: docs/OPERATIONS.md.
    limit = stateful["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    assert int(limit.removesuffix("Gi")) * 1024 / 3 >= 256 + 40 * 4 + 170, "the memory limit is too low"


def check_monitoring(objects: Objects) -> None:
    """What Prometheus and Grafana read is complete."""
    for monitor in of_kind(objects, "ServiceMonitor"):
        assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
        selector = monitor["spec"]["selector"]["matchLabels"]
        selected = [item for item in of_kind(objects, "Service") if selector.items() <= item["metadata"]["labels"].items()]
        assert len(selected) == 1, "a scrape counts twice"
        ports = [port["name"] for port in selected[0]["spec"]["ports"]]
        assert all(point["port"] in ports and point["path"] == "/metrics" for point in monitor["spec"]["endpoints"])
    for rule in of_kind(objects, "PrometheusRule"):
        assert rule["apiVersion"] == "monitoring.coreos.com/v1"
        assert rule["spec"]["groups"], "there are no alerts"
        for group in rule["spec"]["groups"]:
            assert group["name"] and group["rules"]
            assert all(one["expr"] and (one.get("alert") or one.get("record")) for one in group["rules"])
    for item in of_kind(objects, "ConfigMap"):
        if item["metadata"]["name"].endswith("-dashboard"):
            assert json.loads(item["data"]["sweetspot.json"])["panels"]


CHECKS = [check_hardening, check_labels, check_ports, check_volumes, check_numbers, check_monitoring]


def main() -> None:
    files = {path.stem: path for path in pathlib.Path(sys.argv[1]).glob("*.yaml")}
    assert files.keys() == EXPECTED.keys(), f"values and expectations differ: {sorted(files.keys() ^ EXPECTED.keys())}"
    for name, path in sorted(files.items()):
        items = [item for item in yaml.safe_load_all(path.read_text(encoding="utf-8")) if item]
        objects = {(item["kind"], item["metadata"]["name"]): item for item in items}
        assert len(objects) == len(items), "two objects have one name"
        for check in CHECKS:
            check(objects)
        for place, expected in EXPECTED[name].items():
            assert look_up(objects, place) == expected, f"{name}: {place} is {look_up(objects, place)!r}, not {expected!r}"
        notes = yaml.safe_load((path.parent / "notes" / path.name).read_text(encoding="utf-8"))["notes"]
        present, absent = NOTES[name]
        assert all(text in notes for text in present) and not any(text in notes for text in absent), notes
        print(f"{name}: {len(items)} objects, {len(CHECKS)} checks, {len(EXPECTED[name])} values")


if __name__ == "__main__":
    main()
