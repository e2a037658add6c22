"""The kill storm: random ranks, now and then mpirun itself, get kill -9 in the middle of work, and the same command is started again until it
ends with 0. In the end each group was done exactly once, nothing stray is left, and the products are those of an undisturbed run.

  storm.py PROGRAM [--groups N] [--kills N] [--seed N] [--postgresql]

With --postgresql, within tests/support/postgresql with …, the database is that server, and it is restarted in the middle."""
import argparse
import os
import pathlib
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, expect  # noqa: E402  (its folder is known only now)
from processes import Run  # noqa: E402

LEAST_S = 0.25  # of a group: a rank lives on for four of these after another of its job was killed
MOST_PIXELS = 4096


def restart_server():
    subprocess.run([os.environ["NOCTURNE_TEST_POSTGRESQL_CONTROL"], "restart", os.environ["NOCTURNE_TEST_POSTGRESQL_DIR"]], check=True)


def look(campaign):
    """How many groups are done, and the claims that are held."""
    try:
        rows = campaign.query("SELECT state, group_id, fence FROM ingest_queue WHERE state IN ('completed', 'in_progress')")
    except (sqlite3.Error, subprocess.CalledProcessError):  # not made yet, or its server is away
        return 0, set()
    return sum(row[0] == "completed" for row in rows), {row[1:] for row in rows if row[0] == "in_progress"}


def seconds_a_group(campaign):
    """Of an undisturbed run: a quarter of the groups took less."""
    return statistics.quantiles((row[0] for row in campaign.query("SELECT finished_at - started_at FROM group_runs")), n=4)[0]


def large_enough(program, groups, top, imsize):
    """Pixels along an image, `imsize` or more: so many that few groups are done between a blow and the end of the job."""
    while imsize < MOST_PIXELS:
        trial = Campaign(program, f"{top}/trial{imsize}", imsize).over(groups)
        run = Run(trial.command("--quiet", "--limit", "16"))
        expect(run.code(300) == 0, f"a trial of a few groups:\n{run.log()}")
        if seconds_a_group(trial) >= LEAST_S:
            break
        imsize = imsize * 4 // 3 // 4 * 4
    return imsize


def strike(run, chance, at_once):
    """kill -9 of a random rank, which the other outlives by a second; of both at once; or of mpirun. False where none lived any more."""
    if chance.random() < 0.15:
        os.kill(run.process.pid, signal.SIGKILL)
        return True
    first = chance.randrange(2)
    met = run.strike(first)
    if at_once or chance.random() < 0.3:
        met = run.strike(1 - first) or met
    return met


def storm(campaign, chance, group_s, kills, in_the_middle=None, most_starts=400):
    """Starts, and strikes while groups are worked on, until there were so many kills; the start after the last one is left alone. Returns the
    number of starts and of kills: the last groups may be done between a look and the blow. Each start may do its share of the groups that are left, and where few are all of it dies at once: on a machine of any speed there is work in
    hand at every blow.
    `in_the_middle` is called once, while a run works."""
    n, done, struck, beyond = len(campaign.groups()), 0, 0, 2.0
    for starts in range(1, most_starts + 1):
        share = (n - done) / max(1, kills - struck)
        quota = min(done + chance.randint(0, int(2 * max(0.0, share - beyond))), n - 1)
        hesitation = chance.uniform(0, group_s * min(1.0, share))
        stale, run = look(campaign)[1], Run(campaign.command("--quiet"))
        while run.running():
            now, held = look(campaign)
            at_work = bool(held - stale)
            if in_the_middle and now >= n // 2 and at_work:
                in_the_middle()
                in_the_middle = None
            if struck < kills and now >= quota and at_work:
                break
            time.sleep(0.002)
        time.sleep(hesitation)
        struck += run.running() and strike(run, chance, at_once=share < beyond + 1)
        code = run.code(60)
        expect(code is not None, f"a run did not end within 60 s of a kill:\n{run.log()[-2000:]}")
        if code == 0:
            expect(struck >= 0.8 * kills, f"only {struck} kills: the groups were done in spite of them")
            expect(in_the_middle is None, "the middle of the storm was missed")
            return starts, struck
        expect(code in (75, 137, -9), f"exit {code}:\n{run.log()[-2000:]}")
        done = look(campaign)[0]
        beyond += 0.5 * (max(0, done - quota) - beyond)
    raise Wrong(f"not done after {most_starts} starts")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--groups", type=int, default=100)
    options.add_argument("--kills", type=int, default=20, help="so many, each while a group is worked on")
    options.add_argument("--seed", type=int, default=20261121)
    options.add_argument("--imsize", type=int, default=384)
    options.add_argument("--postgresql", action="store_true")
    given = options.parse_args()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="nocturne-storm-") as top:
        groups = Campaign(given.program, top + "/groups").simulate(given.groups)
        imsize = large_enough(given.program, groups, top, given.imsize)
        struck = Campaign(given.program, top + "/struck", imsize).over(groups)
        calm = Campaign(given.program, top + "/calm", imsize).over(groups)
        if given.postgresql:
            struck.db = os.environ["NOCTURNE_TEST_POSTGRESQL"]
        begun = time.monotonic()
        undisturbed = Run(calm.command("--quiet"))
        expect(undisturbed.code(600) == 0, undisturbed.log())
        calm_s = time.monotonic() - begun
        calm.check()
        starts, kills = storm(struck, chance, seconds_a_group(calm), given.kills, restart_server if given.postgresql else None)
        groups, files = struck.check(), struck.same_products(calm)
        where = "PostgreSQL, restarted in the middle" if given.postgresql else "SQLite"
        print(f"storm on {where}: {kills} kills in {starts} starts, {groups} groups once each, {files} files the same bit by bit, nothing stray "
              f"({imsize} pixels; {calm_s:.0f} s undisturbed, {time.monotonic() - begun - calm_s:.0f} s in the storm)")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"storm: WRONG: {problem}")
        sys.exit(1)
