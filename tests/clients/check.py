"""Calls the services from Python: import, train, promote, score and explain, and errors as documented."""

import math
import random
import sys
import uuid

import grpc
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from sweetspot.v1 import dataset_service_pb2 as datasets
from sweetspot.v1 import dataset_service_pb2_grpc as datasets_grpc
from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import model_service_pb2_grpc as models_grpc
from sweetspot.v1 import scoring_service_pb2 as scoring
from sweetspot.v1 import scoring_service_pb2_grpc as scoring_grpc
from sweetspot.v1 import types_pb2 as types

INDUSTRIES = ["fintech", "retail", "media", "farming"]
ROWS = 400


def history():
    """Accounts with whether they bought: financial firms above a size, with some exceptions."""
    chance = random.Random(7)
    for number in range(ROWS):
        industry, employees = number % 4, chance.randrange(5, 500)
        yield f"a-{number}", industry, employees, (industry == 0 and employees > 80) != (chance.random() < 0.1)


def import_messages(request_id):
    rows = list(history())
    for begin in range(0, ROWS, 150):
        part = rows[begin : begin + 150]
        table = types.AccountTable(
            account_ids=[row[0] for row in part],
            columns=[
                types.Column(name="industry", texts=types.DictionaryColumn(dictionary=INDUSTRIES, codes=[row[1] for row in part])),
                types.Column(name="employees", numbers=types.DoubleColumn(values=[row[2] for row in part])),
            ],
        )
        outcomes = [
            datasets.Outcome(account_id=row[0], kind=datasets.OUTCOME_KIND_WON if row[3] else datasets.OUTCOME_KIND_LOST)
            for row in part
        ]
        head = {"request_id": request_id} if begin == 0 else {}
        yield datasets.ImportAccountsRequest(accounts=table, outcomes=outcomes, **head)


def account(key, **attributes):
    """An account as a row. Each attribute is a text, a flag, a number or a list of texts."""
    built = types.Account(account_id=key)
    for name, value in attributes.items():
        if isinstance(value, bool):
            built.attributes[name].flag = value
        elif isinstance(value, str):
            built.attributes[name].text = value
        elif isinstance(value, list):
            built.attributes[name].texts.values.extend(value)
        else:
            built.attributes[name].number = value
    return built


def refused(call, code, reason):
    """Checks the code, reason and message of an error, and returns its fields."""
    try:
        answer = call()
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
        assert status is not None, error
        details = {detail.TypeName(): detail for detail in status.details}
        info = error_details_pb2.ErrorInfo()
        details["google.rpc.ErrorInfo"].Unpack(info)
        assert (error.code(), info.reason, info.domain) == (code, reason, "sweetspot"), error
        assert len(error.details()) > 10, error
        request = error_details_pb2.BadRequest()
        if "google.rpc.BadRequest" in details:
            details["google.rpc.BadRequest"].Unpack(request)
        return [violation.field for violation in request.field_violations]
    raise AssertionError(f"not refused: {answer}")


def rows(*accounts, **config):
    return scoring.ScoreAccountsRequest(config=scoring.ScoreConfig(**config), rows=scoring.AccountRows(rows=accounts))


def check_before(scores, health):
    invalid, failed = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
    refused(lambda: scores.ScoreAccounts(rows(account("a", x=1.0))), failed, "NO_LIVE_VERSION")
    assert refused(lambda: scores.ScoreAccounts(rows()), invalid, "EMPTY_REQUEST") == ["rows"]
    for service, status in [("", "SERVING"), ("sweetspot.v1.ScoringService", "NOT_SERVING")]:
        found = health.Check(health_pb2.HealthCheckRequest(service=service)).status
        assert health_pb2.HealthCheckResponse.ServingStatus.Name(found) == status, service


def train(store, control):
    request_id = str(uuid.uuid4())
    imported = store.ImportAccounts(import_messages(request_id))
    assert (imported.accounts, imported.outcomes) == (ROWS, ROWS)
    assert store.ImportAccounts(import_messages(request_id)) == imported
    request = models.TrainModelRequest(request_id=str(uuid.uuid4()))
    run = control.TrainModel(request).run
    assert control.TrainModel(request).run.name == run.name
    timeout = duration_pb2.Duration(seconds=60)
    run = control.WaitTrainingRun(models.WaitTrainingRunRequest(name=run.name, timeout=timeout)).run
    assert run.state == models.TrainingRun.STATE_SUCCEEDED, run
    version = control.GetModelVersion(models.GetModelVersionRequest(name=run.model_version)).version
    assert version.data_sha256 == imported.data_sha256
    promote = models.PromoteModelVersionRequest(name=version.name, etag=version.etag, reason="first")
    promotion = control.PromoteModelVersion(promote).promotion
    assert promotion.to_version == version.name
    refused(lambda: control.PromoteModelVersion(promote), grpc.StatusCode.ABORTED, "STALE_ETAG")
    return version.name


def check_scores(scores, version):
    accounts = [account(key, industry=INDUSTRIES[industry], employees=float(size)) for key, industry, size, _ in history()]
    answer, call = scores.ScoreAccounts.with_call(rows(*accounts), metadata=[("x-request-id", "check-1")])
    assert ("x-request-id", "check-1") in call.initial_metadata()
    assert answer.summary.resolved_version == version
    assert [score.account_id for score in answer.scores] == [one.account_id for one in accounts]
    explained = scores.ExplainAccounts(scoring.ExplainAccountsRequest(accounts=accounts[:100]))
    for plain, whole in zip(answer.scores, explained.scores):
        parts = [whole.base_log_odds] + [reason.log_odds for reason in whole.reasons]
        assert sum(parts) == sum(reversed(parts)) == whole.log_odds == plain.log_odds
        assert abs(1 / (1 + math.exp(-whole.log_odds)) - whole.probability) < 1e-12
    nan = account("nan", employees=math.nan)
    partial = scores.ScoreAccounts(rows(nan, accounts[0], view=scoring.SCORE_VIEW_TOP_REASONS))
    assert [(error.row_index, error.reason) for error in partial.errors] == [(0, "NON_FINITE_NUMBER")]
    assert len(partial.scores) == 1 and partial.scores[0].reasons
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    assert refused(lambda: scores.ScoreAccounts(rows(nan)), invalid, "NON_FINITE_NUMBER") == ['rows[0].attributes["employees"]']
    missing = "workspaces/default/models/default/versions/99"
    refused(lambda: scores.ScoreAccounts(rows(accounts[0], version=missing)), grpc.StatusCode.NOT_FOUND, "VERSION_NOT_FOUND")
    compressed = scores.ScoreAccounts(rows(*accounts), compression=grpc.Compression.Gzip)
    assert compressed == answer
    check_stream(scores, accounts, answer)


def check_stream(scores, accounts, answer):
    def messages(first):
        yield scoring.StreamScoresRequest(config=scoring.ScoreConfig(version=answer.summary.resolved_version))
        yield scoring.StreamScoresRequest(exclude=scoring.ExcludedIds(account_ids=[accounts[0].account_id]))
        for sequence in range(first, len(accounts), 100):
            chunk = scoring.AccountRows(rows=accounts[sequence : sequence + 100])
            yield scoring.StreamScoresRequest(chunk=scoring.ScoreChunk(sequence=sequence // 100, rows=chunk))

    answers = list(scores.StreamScores(messages(0)))
    assert [one.sequence for one in answers] == list(range(len(answers)))
    assert [score for one in answers for score in one.scores] == list(answer.scores)[1:]
    assert (answers[-1].running.received, answers[-1].running.filtered_out) == (len(accounts), 1)
    resumed = list(scores.StreamScores(messages(100)))
    assert [score for one in resumed for score in one.scores] == list(answer.scores)[100:]


def main(address):
    with grpc.insecure_channel(address) as channel:
        scores = scoring_grpc.ScoringServiceStub(channel)
        health = health_pb2_grpc.HealthStub(channel)
        control, store = models_grpc.ModelServiceStub(channel), datasets_grpc.DatasetServiceStub(channel)
        check_before(scores, health)
        version = train(store, control)
        check_scores(scores, version)
        ready = health.Check(health_pb2.HealthCheckRequest(service="sweetspot.v1.ScoringService"))
        assert ready.status == health_pb2.HealthCheckResponse.SERVING
    print("the Python client works as documented")


if __name__ == "__main__":
    main(sys.argv[1])
