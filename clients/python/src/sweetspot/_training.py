"""Trains, promotes and compares versions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from google.protobuf import duration_pb2

from sweetspot._transport import Transport
from sweetspot.errors import TrainingFailed, UsageError, error_from_status
from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import types_pb2 as types

# The longest that one call waits for a run.
_WAIT_SECONDS = 60
_LABELS = {
    "ideal": models.LABEL_PRESET_IDEAL,
    "won": models.LABEL_PRESET_WON,
    "retained": models.LABEL_PRESET_RETAINED,
    "high_value": models.LABEL_PRESET_HIGH_VALUE,
}
_ENDED = (
    models.TrainingRun.STATE_SUCCEEDED,
    models.TrainingRun.STATE_FAILED,
    models.TrainingRun.STATE_CANCELLED,
)


def training_config(
    config: models.TrainingConfig | None, label: str | None, top_share: float | None, **lists: Any
) -> models.TrainingConfig:
    """Return a configuration with these options added to another one."""
    made = models.TrainingConfig()
    if config is not None:
        made.CopyFrom(config)
    if label is not None:
        if label not in _LABELS:
            raise UsageError(f"label={label!r}: use one of {', '.join(_LABELS)}, or config for another policy")
        made.label_policy.preset = _LABELS[label]
    if top_share is not None:
        made.label_policy.top_share = top_share
    for name, values in lists.items():
        getattr(made, name).extend(values)
    return made


def train_request(model: str, dataset: str, config: models.TrainingConfig) -> models.TrainModelRequest:
    """Return the request for a training, which starts one run however often it is sent."""
    return models.TrainModelRequest(model=model, dataset=dataset, config=config, request_id=str(uuid.uuid4()))


def wait(transport: Transport, run: models.TrainingRun | str, timeout: float | None) -> models.TrainingRun:
    """Wait until a run has ended, and return it. A run that did not succeed is an error."""
    name = run if isinstance(run, str) else run.name
    until = None if timeout is None else time.monotonic() + timeout
    while True:
        left = _WAIT_SECONDS if until is None else max(0.0, min(until - time.monotonic(), _WAIT_SECONDS))
        request = models.WaitTrainingRunRequest(name=name, timeout=duration_pb2.Duration(nanos=1))
        request.timeout.FromMilliseconds(max(1, int(left * 1000)))
        response: models.WaitTrainingRunResponse = transport.call(request, timeout=left + _WAIT_SECONDS)
        state = response.run.state
        if state == models.TrainingRun.STATE_SUCCEEDED:
            return response.run
        if state in _ENDED:
            cause = error_from_status(response.run.error)
            raise TrainingFailed(f"{name} did not succeed: {cause}") from cause
        if until is not None and time.monotonic() >= until:
            word = models.TrainingRun.State.Name(state).removeprefix("STATE_").lower()
            raise TimeoutError(f"{name} is {word} after {timeout} seconds: it continues, wait for it again")


def version_of(transport: Transport, name: str) -> types.ModelVersion:
    """Read a version."""
    response: models.GetModelVersionResponse = transport.call(models.GetModelVersionRequest(name=name))
    return response.version


def promote(
    transport: Transport,
    name: str,
    *,
    reason: str,
    by: str,
    overrides: Mapping[str, str],
    keep_tiers: bool,
) -> models.Promotion:
    """Make a version live. The etag is the one read now, so a change at the same time is a `StaleEtag`."""
    version = version_of(transport, name)
    tiers = models.PROMOTION_TIERS_KEPT if keep_tiers else models.PROMOTION_TIERS_RESET
    request = models.PromoteModelVersionRequest(
        name=version.name,
        etag=version.etag,
        reason=reason,
        by=by,
        tiers=tiers,
        overrides=[models.CheckOverride(check=check, reason=why) for check, why in overrides.items()],
        request_id=str(uuid.uuid4()),
    )
    response: models.PromoteModelVersionResponse = transport.call(request)
    return response.promotion
