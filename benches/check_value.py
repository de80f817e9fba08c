"""Checks value figures against pandas.

    python3 benches/check_value.py BINARY CUSTOMERS.csv MAPPING.toml

Trains on a file, calls GetValueCurve and ListBadFitAccounts through buf, and computes the same figures from the file independently.
Prints both, and exits with 1 if they differ. Checks quarters of spending if the mapping has `spend` under `[review]`.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib

import numpy
import pandas

TOPS = [0.09, 0.1, 0.2, 0.4]
VERSION = "workspaces/default/models/default/versions/candidate"


def columns(mapping: dict) -> tuple[dict, list[str]]:
    """The columns of amounts, and those of quarters, if the mapping has any."""
    outcome = mapping["outcome"]
    names = {key: outcome[key] for key in ("value", "cost_to_serve", "cost_to_acquire") if key in outcome}
    spend = mapping.get("review", {}).get("spend", [])
    return names, spend


def customers(path: str, mapping: dict) -> pandas.DataFrame:
    """All customers that bought, with amounts as numbers."""
    table = pandas.read_csv(path, dtype=str, keep_default_na=False)
    status = mapping["outcome"].get("status")
    names, spend = columns(mapping)
    missing = mapping.get("missing", [""])
    amounts = {key: pandas.to_numeric(table[name].where(~table[name].isin(missing)), errors="coerce") for key, name in names.items()}
    frame = pandas.DataFrame(amounts, index=table.index)
    for number, name in enumerate(spend, start=1):
        frame[f"q{number}"] = pandas.to_numeric(table[name], errors="coerce")
    if "value" not in frame:
        frame["value"] = numpy.nan
    if status is None:
        return frame[frame["value"].notna()]
    cells = table[status["column"]].str.strip()
    bought = cells.isin(status.get("won", [])) | cells.isin(status.get("churned", []))
    unknown = ~bought & ~cells.isin(status.get("lost", []))
    return frame[bought | (unknown & frame["value"].notna())]


def curve(values: pandas.Series) -> dict:
    """The figures of a value curve."""
    ordered = numpy.sort(values.to_numpy())[::-1]
    count, total = len(ordered), ordered.sum()
    if count == 0 or total <= 0:
        return {}
    held = numpy.cumsum(ordered) / total
    # Rounds as Rust does: halves away from zero.
    tops = {share: held[max(int(numpy.floor(share * count + 0.5)), 1) - 1] for share in TOPS}
    figures = {"customers": count, "total": total, "most": (numpy.argmax(held >= 0.8 - 1e-12) + 1) / count, **tops}
    if ordered[-1] >= 0:
        # The mean difference of all pairs over twice the mean, from the area under the Lorenz curve instead of ranks.
        lorenz = numpy.concatenate([[0], numpy.cumsum(ordered[::-1]) / total])
        figures["gini"] = 1 - (lorenz[1:] + lorenz[:-1]).sum() / count
    else:
        figures["peak"] = held.max()
        figures["earning"] = int((ordered >= 0).sum())
    return figures


def reported(answer: dict | None) -> dict:
    """The same figures of a response. JSON omits zeros."""
    if not answer:
        return {}
    by_share = {round(top["share"], 6): top["held"].get("value", 0.0) for top in answer["tops"]}
    figures = {
        "customers": int(answer["customers"]),
        "total": answer["total"],
        "most": answer["holdingMost"]["value"],
        **{share: by_share[share] for share in TOPS},
    }
    if "gini" in answer:
        figures["gini"] = answer["gini"].get("value", 0.0)
    if "peak" in answer:
        figures["peak"], figures["earning"] = answer["peak"]["held"], int(answer["peak"]["customers"])
    return figures


def same(name: str, ours: dict, theirs: dict) -> bool:
    """Prints both, and returns whether they are equal."""
    agree = ours.keys() == theirs.keys() and all(numpy.isclose(ours[key], theirs[key], rtol=1e-9) for key in ours)
    print(f"{name}: {'same' if agree else 'DIFFERENT'}")
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        print(f"  {key}: {ours.get(key)} {theirs.get(key)}")
    return agree


def cohorts(frame: pandas.DataFrame, report: dict) -> bool:
    """Checks the two cohorts of the reported threshold."""
    found = report.get("cohorts")
    if found is None:
        print("cohorts: none")
        return True
    frame = frame[frame["value"].notna()]
    quarters = [name for name in frame.columns if name.startswith("q")][:6]
    by_spend = found["basis"] == "COHORT_BASIS_YEARLY_SPEND"
    by = 4 * frame[quarters].mean(axis=1) if by_spend else frame["value"]
    agree = True
    for name, side in (("lower", frame[by < found["threshold"]]), ("upper", frame[by >= found["threshold"]])):
        answer = found[name]
        ours = {"customers": len(side), "mean": side["value"].mean()}
        theirs = {"customers": int(answer["customers"]), "mean": answer["meanValue"]["value"]}
        if quarters:
            complete = side[quarters].dropna()
            ours["growth"] = complete[quarters[-1]].mean() / complete[quarters[0]].mean() - 1
            theirs["growth"] = answer["growth"]["value"]
        agree &= same(f"cohort {name} at {found['threshold']} of {found.get('tried')} tried", ours, theirs)
    return agree


def ask(port: int, method: str, **request: object) -> dict:
    """Calls a method through buf."""
    url = f"http://127.0.0.1:{port}/sweetspot.v1.ReportService/{method}"
    body = json.dumps({"version": VERSION, **request})
    command = ["buf", "curl", "--schema", "proto", "--protocol", "grpc", "--http2-prior-knowledge", "-d", body, url]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def losses(port: int) -> dict:
    """The number of accounts that lose money, and their total loss, over all pages."""
    token, accounts = "", []
    while True:
        page = ask(port, "ListBadFitAccounts", pageSize=500, pageToken=token)
        accounts += page.get("accounts", [])
        token = page.get("nextPageToken", "")
        if not token:
            return {"accounts": len(accounts), "lost": -sum(account["net"] for account in accounts)}


def main() -> None:
    binary, path, mapping_path = sys.argv[1:]
    with open(mapping_path, "rb") as file:
        mapping = tomllib.load(file)
    with tempfile.TemporaryDirectory() as folder:
        train = [binary, "--store", folder, "train", path, "--mapping", mapping_path]
        # Exit code 4: trained, but a promotion check failed. The figures are the same.
        if subprocess.run(train, check=False, capture_output=True).returncode not in (0, 4):
            sys.exit(" ".join(train) + " failed")
        command = [binary, "--store", folder, "serve", "--listen", "127.0.0.1:0"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            port = int(re.search(r"127\.0\.0\.1:(\d+)", server.stderr.readline()).group(1))
            report, lost = ask(port, "GetValueCurve")["report"], losses(port)
        finally:
            server.terminate()
            server.wait()
    frame = customers(path, mapping)
    known = frame[frame["value"].notna()]
    net = known["value"].copy()
    for cost in ("cost_to_serve", "cost_to_acquire"):
        net -= known[cost].fillna(0) if cost in known else 0
    agree = same("known", {"customers": len(frame), "value": len(known)}, {
        "customers": int(report["known"].get("customers", 0)),
        "value": int(report["known"].get("value", 0)),
    })
    agree &= same("revenue", curve(known["value"]), reported(report.get("revenue")))
    has_costs = (net != known["value"]).any()
    agree &= same("net value", curve(net) if has_costs else {}, reported(report.get("net")))
    agree &= same("losing money", {"accounts": int((net < 0).sum()), "lost": -net[net < 0].sum()}, lost)
    agree &= cohorts(frame, report)
    for trait in report.get("common", {}).get("traits", []):
        print(f"  {trait['part']} {trait['attribute']} = {trait['value']}: {trait['lift']:.3f} ({trait['liftLow']:.3f} to {trait['liftHigh']:.3f})")
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
