"""MLServer with the scikit-learn pipeline, for `cargo bench --bench serving -- --mlserver PYTHON`, which starts this script.

    serving_mlserver.py PORT CUSTOMERS.csv FOLDER   # serves, and writes FOLDER/infer.bin: a request for one score

Needs mlserver and mlserver-sklearn. Runs without worker processes, so that the processor time is that of this process.
"""

import json
import os
import pathlib
import socket
import sys

import joblib
import serving_models
from mlserver.codecs import PandasCodec
from mlserver.grpc.converters import ModelInferRequestConverter
from mlserver.types import RequestOutput


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def main(port, csv, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    model = serving_models.Pipeline(csv)
    joblib.dump(model.model, folder / "model.joblib")
    settings = {"host": "127.0.0.1", "http_port": free_port(), "grpc_port": int(port), "parallel_workers": 0,
                "metrics_endpoint": None, "debug": False}
    (folder / "settings.json").write_text(json.dumps(settings))
    served = {"name": "fit", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}
    (folder / "model-settings.json").write_text(json.dumps(served))
    one = model.table[model.table[model.numbers].notna().all(axis=1)].head(1)
    request = PandasCodec.encode_request(one)
    request.outputs = [RequestOutput(name="predict_proba")]
    message = ModelInferRequestConverter.from_types(request, "fit", "")
    (folder / "infer.bin").write_bytes(message.SerializeToString())
    os.execv(sys.executable, [sys.executable, "-c", "from mlserver.cli import main; main()", "start", str(folder)])


if __name__ == "__main__":
    main(*sys.argv[1:])
