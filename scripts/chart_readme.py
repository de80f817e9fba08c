"""Checks that the table of values in the README of the chart is that of `values.yaml`; `--write` writes it.

Each value needs a comment that starts with `# --`, its own or that of the object that contains it.
"""

import json
import pathlib
import sys

import yaml

CHART = pathlib.Path(__file__).parent.parent / "helm/sweetspot"
START, END = "<!-- values -->\n", "<!-- end of values -->\n"
TYPES = {bool: "bool", int: "int", str: "string", list: "list", dict: "object", type(None): "int"}


def comment_above(lines: list[str], number: int) -> str:
    """Returns the comment that ends above a line, from its `# --` on."""
    found: list[str] = []
    while number > 0 and lines[number - 1].lstrip().startswith("#"):
        number -= 1
        text = lines[number].lstrip().removeprefix("#").strip()
        if text.startswith("-- "):
            return " ".join([text.removeprefix("-- "), *found])
        found.insert(0, text)
    return ""


def rows(node: yaml.MappingNode, values: dict, lines: list[str], path: str = "") -> list[str]:
    """Returns the rows of a mapping: of a value with a comment, or without values of its own; otherwise of its values."""
    found = []
    for key, child in node.value:
        value, name = values[key.value], f"{path}{key.value}"
        description = comment_above(lines, key.start_mark.line)
        if isinstance(value, dict) and value and not description:
            found += rows(child, value, lines, f"{name}.")
        else:
            assert description, f"values.yaml does not describe {name}"
            cell = json.dumps(value, ensure_ascii=False).replace("|", "\\|")
            found.append(f"| {name} | {TYPES[type(value)]} | `{cell}` | {description} |\n")
    return found


def main() -> None:
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    table = rows(yaml.compose(text), yaml.safe_load(text), text.splitlines())
    readme = CHART / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(START)
    old, after = rest.split(END)
    new = "\n| Key | Type | Default | Description |\n|-----|------|---------|-------------|\n" + "".join(table) + "\n"
    if "--write" in sys.argv:
        readme.write_text(f"{before}{START}{new}{END}{after}", encoding="utf-8")
    assert "--write" in sys.argv or new == old, "README.md of the chart is old: run python3 scripts/chart_readme.py --write"
    print(f"README.md describes {len(table)} values")


if __name__ == "__main__":
    main()
