"""Alternatives to the product, for `cargo bench --bench serving -- --python PYTHON`, which starts this script.

    serving_peers.py scikit-learn|lightgbm PORT CUSTOMERS.csv PROTO   # serves ScoreAccounts with grpcio until killed
    serving_peers.py in-process CUSTOMERS.csv                         # prints rows per second on one thread, without a server

Needs grpcio, grpcio-tools, numpy, pandas, scikit-learn, lightgbm; for in-process also onnxruntime and skl2onnx.
"""

import importlib
import math
import pathlib
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import serving_models

ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)]


def compiled(proto):
    """The messages and services of the API, compiled from the protos."""
    import grpc_tools
    from grpc_tools import protoc
    out = tempfile.mkdtemp()
    own = [str(path) for folder in ("google/rpc", "sweetspot/v1") for path in pathlib.Path(proto, folder).glob("*.proto")]
    well_known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    failed = protoc.main(["", f"-I{proto}", f"-I{well_known}", f"--python_out={out}", f"--grpc_python_out={out}", *own])
    if failed:
        sys.exit("the protos do not compile")
    sys.path.insert(0, out)
    return [importlib.import_module(f"sweetspot.v1.scoring_service_pb2{end}") for end in ("", "_grpc")]


def value(wire):
    kind = wire.WhichOneof("kind")
    return ";".join(wire.texts.values) if kind == "texts" else getattr(wire, kind) if kind else None


def of_rows(rows, names):
    """Columns of accounts in row form."""
    return {name: [value(row.attributes[name]) if name in row.attributes else None for row in rows] for name in names}


def of_table(table):
    """Columns of accounts in column form."""
    columns = {}
    for column in table.columns:
        kind, valid = column.WhichOneof("data"), column.validity
        data = getattr(column, kind)
        if kind == "texts":
            values = [data.dictionary[code] for code in data.codes]
        elif kind == "text_lists":
            ends = data.offsets
            values = [";".join(data.dictionary[code] for code in data.codes[ends[row]:ends[row + 1]])
                      for row in range(len(ends) - 1)]
        else:
            values = list(data.days if kind == "dates" else data.values)
        if valid:
            values = [one if valid[row // 8] >> row % 8 & 1 else None for row, one in enumerate(values)]
        columns[column.name] = values
    return columns


def serve(kind, port, csv, proto):
    import grpc
    pb, services = compiled(proto)
    model = serving_models.MODELS[kind](csv)
    names = model.numbers + model.texts

    class Scoring(services.ScoringServiceServicer):
        def ScoreAccounts(self, request, context):
            if request.WhichOneof("accounts") == "rows":
                rows = request.rows.rows
                ids, columns = [row.account_id for row in rows], of_rows(rows, names)
            else:
                ids, columns = list(request.table.account_ids), of_table(request.table)
            answer = pb.ScoreAccountsResponse(summary=pb.ScoreSummary(received=len(ids), scored=len(ids)))
            for one, probability in zip(ids, model.probabilities(model.frame(columns, len(ids))).tolist()):
                odds = math.log(probability / (1 - probability))
                answer.scores.add(account_id=one, probability=probability, log_odds=odds, score=round(probability * 98) + 1)
            return answer

    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=ANY_SIZE)
    services.add_ScoringServiceServicer_to_server(Scoring(), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


def rate(work, rows):
    """Rows per second: the best run within one second."""
    best, end = math.inf, time.perf_counter() + 1
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return rows / best


def in_process(csv):
    for name, kind in serving_models.MODELS.items():
        try:
            model = kind(csv)
        except ImportError as missing:
            print(f"{name}\t{missing}")
            continue
        for size in (1, 1_000, 10_000):
            frame = model.table.sample(size, replace=True, random_state=0).reset_index(drop=True)
            print(f"{name}\t{size}\t{rate(lambda: model.probabilities(frame), size):.0f}")
            if name == "onnxruntime":
                feed = model.feed(frame)
                print(f"{name}, tensors made before\t{size}\t{rate(lambda: model.session.run(None, feed), size):.0f}")


if __name__ == "__main__":
    if sys.argv[1] == "in-process":
        in_process(sys.argv[2])
    else:
        serve(*sys.argv[1:])
