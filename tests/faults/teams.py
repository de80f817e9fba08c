"""A team changes one workspace, one change after the other, and knows what it must contain."""

import json
import random

from harness import OVERRIDES, check, number_of, reason

# How often each change is made, relative to the others.
CHANGES = {
    "imports": 4,
    "trainings": 4,
    "promotions": 4,
    "rollbacks": 1,
    "deleted versions": 1,
    "deleted dataset versions": 2,
    "erasures": 1,
    "entries": 3,
}


class Unanswered(Exception):
    """The server was killed before it answered."""


class Team:
    def __init__(self, work, workspace):
        self.work, self.workspace, self.draw = work, workspace, random.Random(workspace)
        self.versions, self.history, self.entries, self.imports, self.erased = {}, [], set(), set(), set()
        self.deleted_versions, self.deleted_imports = set(), set()
        # What the change whose answer did not arrive would have removed.
        self.doubtful = set()
        self.verified_on, self.serial, self.lost = None, 0, []

    def run(self, server, *words):
        """Returns the JSON of the answer, or the reason of a refusal."""
        done = self.work.bench.run(*words, "--workspace", self.workspace, "--json", at=server, timeout=600)
        if done.returncode and server.is_killed:
            raise Unanswered
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout[:1] in "{[" and done.stdout else {}, None
        name = reason(done.stderr)
        check(name, f"{words[:2]} was refused without a reason: {done.stderr[-300:]}")
        return [], name

    def step(self, server):
        """Makes one change, after a restart only once what there is was compared with what must be there."""
        try:
            if self.verified_on is not server:
                self.verify(server)
            kind = self.draw.choices(list(CHANGES), list(CHANGES.values()))[0]
            words, subject = self.command(kind)
            if words is None:
                return
            self.doubtful = {(kind, subject)}
            answer, refusal = self.run(server, *words)
        except Unanswered:
            self.verified_on = None
            return
        self.doubtful = set()
        if refusal:
            check(not refusal.startswith(("STORE_", "BLOB_", "INTERNAL")), f"{words[:3]} was refused: {refusal}")
            self.work.count("refusals")
        else:
            self.note(kind, subject, answer)
            self.work.count(kind)

    def command(self, kind):
        """The command of a change, and what it concerns. No command if there is nothing to change."""
        self.serial += 1
        free = [version for version in self.versions if version not in self.history[-2:]]
        if kind == "imports":
            self.erased = set()
            return ["import", self.work.bench.customers(self.serial % 50), "--mapping", "mapping.toml"], None
        if kind == "trainings" and self.imports:
            return ["train", "--label", "won"], None
        if kind == "promotions" and self.versions:
            version = self.draw.choice(list(self.versions))
            return ["model", "promote", version, *OVERRIDES], version
        if kind == "rollbacks" and len(self.history) > 1:
            return ["model", "rollback", "--reason", "test"], None
        if kind == "deleted versions" and len(free) > 3:
            version = self.draw.choice(free)
            return ["model", "delete", version, "--reason", "test"], version
        if kind == "deleted dataset versions" and len(self.imports) > 3:
            version = self.draw.choice(sorted(self.imports))
            return ["data", "delete", version], version
        if kind == "erasures" and self.imports:
            account = f"a-{self.draw.randrange(160)}"
            return ["data", "erase", account], account
        if kind == "entries":
            name = f"f-{self.serial}"
            return ["finding", "add", name, "--text", "They need it by May", "--spiced", "pain", "--by", "Ben"], name
        return None, None

    def note(self, kind, subject, answer):
        """Records an acknowledged change."""
        if kind == "imports":
            self.imports.add(number_of(answer["datasetVersion"]))
            self.imports -= {number_of(name) for name in answer.get("removedVersions", [])}
        elif kind == "trainings":
            self.versions[number_of(answer["version"]["name"])] = answer["version"]["artifactSha256"]
        elif kind in ("promotions", "rollbacks"):
            self.history.append(number_of(answer["toVersion"]))
        elif kind == "deleted versions":
            del self.versions[subject]
            self.deleted_versions.add(subject)
        elif kind == "deleted dataset versions":
            self.imports.discard(subject)
            self.deleted_imports.add(subject)
        elif kind == "erasures":
            self.erased.add(subject)
        else:
            self.entries.add(subject)

    def verify(self, server):
        """Compares what the server contains with the acknowledged changes, and adopts it."""
        listed = {number_of(one["name"]): one["artifactSha256"] for one in self.read(server, "model", "list")}
        wanted = {number: digest for number, digest in self.versions.items() if ("deleted versions", number) not in self.doubtful}
        self.lost += [f"version {number}" for number in wanted if listed.get(number) != wanted[number]]
        self.lost += [f"deletion of version {number}" for number in self.deleted_versions & set(listed)]
        moves = self.read(server, "model", "history")[::-1]
        went = [number_of(one["toVersion"]) for one in moves if one["kind"] != "PROMOTION_KIND_REFUSED"]
        if went[: len(self.history)] != self.history or len(went) > len(self.history) + 1:
            self.lost.append(f"history {went[-4:]}, not {self.history[-4:]}")
        entries = {one["id"] for one in self.read(server, "finding", "list")}
        self.lost += sorted(self.entries - entries)
        imports = {number_of(one["name"]) for one in self.read(server, "data", "versions")}
        # An import that was not acknowledged may have removed old versions, as an acknowledged one reports.
        missing = set() if imports - self.imports else self.imports - imports
        self.lost += [f"dataset version {n}" for n in missing if ("deleted dataset versions", n) not in self.doubtful]
        self.lost += [f"deletion of dataset version {number}" for number in self.deleted_imports & imports]
        for account in self.erased:
            found, _ = self.run(server, "data", "erase", "--validate-only", account)
            self.lost += [f"erasure of {account}"] * (bool(found) and int(found.get("accounts", 0)) > 0)
        for version in listed:
            if not self.work.score(server, self.workspace, version):
                raise Unanswered
        self.deleted_versions |= {number for number in self.versions if number not in listed}
        self.deleted_imports |= {number for number in self.imports if number not in imports}
        self.versions, self.history, self.entries, self.imports = listed, went, entries, imports
        self.doubtful, self.verified_on = set(), server

    def read(self, server, *words):
        """Lists what there is. What was never created is refused by name, and empty."""
        found, refusal = self.run(server, *words)
        check(refusal is None or refusal.endswith("_NOT_FOUND"), f"{words} was refused: {refusal}")
        return found
