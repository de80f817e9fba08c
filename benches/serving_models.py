"""The models of the peers in the serving bench, trained on the bench's customers. Only speed is compared.

Each has `frame(columns, rows)`, which builds the model's input from lists of values, and `probabilities(frame)`.
"""

import os

# One thread for each call, as in the product.
os.environ.setdefault("OMP_NUM_THREADS", "1")
import pandas
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NOT_USED = ["company_id", "company", "notes"]
OUTCOMES = ["status", "deal_size_eur", "client_since", "lifetime_value_eur", "cost_to_serve_eur", "cost_to_acquire_eur",
            "win_reason", "loss_reason", "churn_reason"]
MISSING = "(missing)"


class Pipeline:
    """One-hot categories, scaled numbers, logistic regression."""

    def __init__(self, csv):
        table = pandas.read_csv(csv, dtype=str, keep_default_na=False)
        won = table.pop("status") == "won"
        table = table.drop(columns=NOT_USED + [name for name in OUTCOMES if name in table])
        numbers = {name: pandas.to_numeric(table[name].mask(table[name] == ""), errors="coerce") for name in table}
        self.numbers = [name for name in table if numbers[name].notna().sum() == (table[name] != "").sum()]
        self.texts = [name for name in table if name not in self.numbers]
        self.table = self.frame({name: numbers[name] if name in self.numbers else table[name].mask(table[name] == "")
                                 for name in table}, len(table))
        self.fit(won)

    def fit(self, won):
        encode = make_column_transformer((make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), self.numbers),
                                         (OneHotEncoder(handle_unknown="ignore"), self.texts))
        self.model = make_pipeline(encode, LogisticRegression(max_iter=500)).fit(self.table, won)

    def frame(self, columns, rows):
        """A frame of the model's columns. Missing values are None or NaN; values of absent columns are missing."""
        nothing = [None] * rows
        data = {name: pandas.array(columns.get(name, nothing), dtype="float64") for name in self.numbers}
        for name in self.texts:
            data[name] = pandas.Series(columns.get(name, nothing), dtype=object).fillna(MISSING)
        return pandas.DataFrame(data)

    def probabilities(self, frame):
        return self.model.predict_proba(frame)[:, 1]


class Trees(Pipeline):
    """LightGBM with native categories."""

    def fit(self, won):
        import lightgbm
        self.levels = {name: pandas.CategoricalDtype(self.table[name].unique()) for name in self.texts}
        self.model = lightgbm.LGBMClassifier(n_estimators=200, learning_rate=0.05, verbose=-1, n_jobs=1)
        self.model.fit(self.table.astype(self.levels), won)

    def probabilities(self, frame):
        return self.model.predict_proba(frame.astype(self.levels))[:, 1]


class Onnx(Pipeline):
    """The same pipeline in onnxruntime, on one thread."""

    def fit(self, won):
        super().fit(won)
        import onnxruntime
        from skl2onnx import to_onnx
        from skl2onnx.common.data_types import FloatTensorType, StringTensorType
        kinds = [(name, FloatTensorType([None, 1])) for name in self.numbers]
        kinds += [(name, StringTensorType([None, 1])) for name in self.texts]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = to_onnx(self.model, initial_types=kinds, options={"zipmap": False}).SerializeToString()
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def feed(self, frame):
        feed = {name: frame[[name]].to_numpy("float32") for name in self.numbers}
        return feed | {name: frame[[name]].to_numpy(object) for name in self.texts}

    def probabilities(self, frame):
        return self.session.run(None, self.feed(frame))[1][:, 1]


MODELS = {"scikit-learn": Pipeline, "lightgbm": Trees, "onnxruntime": Onnx}
