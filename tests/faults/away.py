"""The database goes away in the middle of a run. The run finishes what it holds, keeps its records in synced spools, and ships them exactly once: when the
database comes back during the run; by the next run, where it did not, or where the run was killed meanwhile; by 'nocturne events drain'.

  away.py PROGRAM [--groups N] [--postgresql | --read-only | --full] [--quick]

With --postgresql, within tests/support/postgresql with …, the server is stopped and started; with --read-only it takes no writes, as a standby; with --full the disk that holds the SQLite file
is full (a small tmpfs: as root, otherwise 77); else another process holds the file."""
import argparse
import contextlib
import errno
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, expect  # noqa: E402  (its folder is known only now)
from processes import Run, wait_until  # noqa: E402


class Server:
    """A PostgreSQL server that can be stopped."""

    def __init__(self, database):
        self.database = database

    def _say(self, word):
        subprocess.run([os.environ["NOCTURNE_TEST_POSTGRESQL_CONTROL"], word, os.environ["NOCTURNE_TEST_POSTGRESQL_DIR"]], check=True)

    def take_away(self):
        self._say("stop")

    def bring_back(self):
        self._say("start")


class Standby:
    """A PostgreSQL server that answers and takes no writes."""

    def __init__(self, database):
        self.database = database

    def _writes(self, word):
        said = [f"ALTER SYSTEM SET default_transaction_read_only = {word}", "SELECT pg_reload_conf()"]
        subprocess.run(["psql", self.database, "-qAt", "-o", os.devnull, "-c", said[0], "-c", said[1]], check=True)

    def take_away(self):
        self._writes("on")

    def bring_back(self):
        self._writes("off")


class Lock:
    """An SQLite file that another process writes to and does not let go."""

    def __init__(self, database):
        self.database, self.session = database, None

    def take_away(self):
        self.session = sqlite3.connect(self.database, timeout=60, isolation_level=None)
        self.session.execute("BEGIN IMMEDIATE")

    def bring_back(self):
        self.session.execute("ROLLBACK")
        self.session.close()


class Disk:
    """A small disk of its own for an SQLite file, that others fill to the last byte."""

    def __init__(self, database):
        self.filler = pathlib.Path(database).with_name("filler")

    def take_away(self):
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError as full:
                expect(full.errno == errno.ENOSPC, str(full))

    def bring_back(self):
        self.filler.unlink()


def on_small_disk(campaign, mounted):
    """The campaign's database moves to a tmpfs of 16 MB."""
    place = campaign.top / "disk"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], check=False).returncode:
        print("away: skipped: only root can mount a small disk")
        sys.exit(77)
    mounted.callback(subprocess.run, ["umount", "-l", place], check=False)
    campaign.db = str(place / "night.sqlite")


def spooled(campaign):
    """Groups whose results wait in the campaign's spools, whole lines only."""
    groups = set()
    for path in campaign.out.glob("spool/*.spool"):
        for line in path.read_text(errors="replace").split("\n")[:-1]:
            entry = json.loads(line.split(" ", 1)[1])
            if "result" in entry:
                groups.add(entry["result"]["claim"]["group_id"])
    return groups


def begun(campaign, n, *more):
    """A run of two ranks that has done n groups."""
    run = Run(campaign.command("--quiet", *more))
    expect(wait_until(lambda: campaign.done() >= n or not run.running(), 120, 0.05), "the run does not get on")
    expect(run.running(), f"the run was over before the database went away: make groups larger\n{run.log()}")
    return run


def drain(campaign):
    said = subprocess.run([campaign.program, "events", "drain", "--json", "--db", campaign.db], check=False, capture_output=True, text=True)
    expect(said.returncode == 0, f"events drain: {said.returncode} {said.stderr}")
    return json.loads(said.stdout)


def runs_of_groups(campaign):
    return campaign.query("SELECT group_id, run_id FROM group_runs WHERE status = 'COMPLETED' ORDER BY group_id")


def expect_shipped(campaign, waited):
    """What waited in spools is recorded as the first run's: nobody did it again."""
    first = campaign.query("SELECT run_id FROM runs ORDER BY started_at")[0][0]
    by_first = {group for group, run_id in runs_of_groups(campaign) if run_id == first}
    expect(len(by_first) >= 2 and waited <= by_first, f"results of the first run: {by_first}; in its spools waited {waited}")


def check(campaign, calm):
    n = campaign.check()
    campaign.same_products(calm)
    twice = campaign.query("SELECT idempotency_key, count(*) FROM event GROUP BY idempotency_key HAVING count(*) > 1")
    expect(not twice, f"events recorded twice: {twice}")
    ended = campaign.query("SELECT count(*) FROM subjob WHERE sub_key NOT LIKE '%/%' AND status = 'completed'")[0][0]
    expect(ended == n, f"{ended} of {n} groups have the event of their end")
    expect(not list(campaign.out.glob("spool/*")), "a spool is left")


def comes_back(campaign, database, calm):
    run = begun(campaign, 2)
    database.take_away()
    kept = wait_until(lambda: len(spooled(campaign)) >= 2 or not run.running(), 90, 0.05)
    expect(kept and run.running(), f"no result was kept\n{run.log()}")
    database.bring_back()
    code = run.code(120)
    expect(code == 0, f"exit {code} after the database came back\n{run.log()}")
    check(campaign, calm)
    starts = len(campaign.query("SELECT run_id FROM runs"))
    expect(starts == 1, f"{starts} runs")
    return "came back during the run"


def expect_listed(campaign, record):
    """result.json lists what stands on disk, recorded or not."""
    result = json.loads((record / "result.json").read_text())
    expect(result["unrecorded"] > 0, f"nothing is unrecorded: {result}")
    listed = {p["path"] for p in result["products"]}
    found = {str(p) for p in campaign.out.glob("*/*") if p.parent.name != "spool" and p.suffix != ".xxh128"}
    expect(listed == found, f"files on disk and in result.json differ: {sorted(listed ^ found)[:6]}")


def stays_away(campaign, database, calm, shipped_by):
    """Longer than the run waits."""
    record = campaign.top / "record"
    run = begun(campaign, 2, "--db-wait", "3s", "--record", str(record))
    database.take_away()
    code = run.code(120)
    expect(code == 75, f"exit {code} while the database is away\n{run.log()}")
    expect_listed(campaign, record)
    expect("does not answer" in run.log(), f"the log does not say why:\n{run.log()}")
    waiting = spooled(campaign)
    expect(waiting, "no result was kept")
    database.bring_back()
    if shipped_by == "drain":
        said = drain(campaign)
        expect(said["refused"] == 0 and said["records"] >= len(waiting), f"{len(waiting)} results waited, and {said} were shipped")
        again = drain(campaign)
        expect(again["records"] == again["events"] == 0, f"shipped twice: {again}")
    before = runs_of_groups(campaign)
    rest = Run(campaign.command("--quiet"))
    expect(rest.code(120) == 0, rest.log())
    expect(set(before) <= set(runs_of_groups(campaign)), "a finished group was done again")
    check(campaign, calm)
    expect_shipped(campaign, waiting)
    return f"stayed away, {len(waiting)} results shipped by {shipped_by}"


def killed_meanwhile(campaign, database, calm):
    run = begun(campaign, 2)
    database.take_away()
    expect(wait_until(lambda: spooled(campaign), 90, 0.02), f"no result was kept\n{run.log()}")
    for rank in (0, 1):
        run.strike(rank, signal.SIGKILL)
    run.code(60)
    waiting = spooled(campaign)
    database.bring_back()
    for _ in range(5):  # 75 where a killed rank has not quite gone yet
        rest = Run(campaign.command())
        code = rest.code(120)
        if code != 75:
            break
        time.sleep(1)
    expect(code == 0, f"exit {code}:\n{rest.log()}")
    check(campaign, calm)
    expect_shipped(campaign, waiting)
    return f"killed while it was away, {len(waiting)} results shipped by the next run"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--groups", type=int, default=8)
    options.add_argument("--imsize", type=int, default=1536)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--read-only", action="store_true")
    options.add_argument("--full", action="store_true")
    options.add_argument("--quick", action="store_true", help="one case: away for longer than the run waits")
    given = options.parse_args()
    cases = [lambda *c: stays_away(*c, "the next run")]
    if not given.quick:
        cases += [comes_back, lambda *c: stays_away(*c, "drain"), killed_meanwhile]
    server = given.postgresql or given.read_only
    kind, where = (Disk, "SQLite on a full disk") if given.full else (Lock, "SQLite")
    if server:
        kind, where = (Standby, "PostgreSQL without writes") if given.read_only else (Server, "PostgreSQL")
    with tempfile.TemporaryDirectory(prefix="nocturne-away-") as top, contextlib.ExitStack() as mounted:
        groups = Campaign(given.program, top + "/groups", given.imsize).simulate(given.groups)
        calm = Campaign(given.program, top + "/calm", given.imsize).over(groups)
        undisturbed = Run(calm.command("--quiet"))
        expect(undisturbed.code(300) == 0, undisturbed.log())
        told = []
        for n, case in enumerate(cases):
            campaign = Campaign(given.program, f"{top}/c{n}", given.imsize).over(groups)
            if server:
                campaign.db = os.environ["NOCTURNE_TEST_POSTGRESQL"].replace("/postgres", f"/night{n}")
                subprocess.run(["psql", os.environ["NOCTURNE_TEST_POSTGRESQL"], "-qc", f"CREATE DATABASE night{n}"], check=True)
            if given.full:
                on_small_disk(campaign, mounted)
            told.append(case(campaign, kind(campaign.db), calm))
        print(f"away: {where}: {'; '.join(told)}: each group once, its products recorded with their checksums, each event once")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"away: WRONG: {problem}")
        sys.exit(1)
