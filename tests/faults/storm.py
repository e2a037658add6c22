"""The kill storm: random ranks, now and then mpirun itself, get kill -9 every few moments, and the same command is started again until it
ends with 0. In the end each group was done exactly once, nothing stray is left, and the products are those of an undisturbed run.

  storm.py PROGRAM [--groups N] [--kills N] [--seed N] [--postgresql]

With --postgresql, within tests/support/postgresql with …, the database is that server, and it is restarted in the middle."""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, expect  # noqa: E402  (its folder is known only now)
from processes import Run  # noqa: E402


def restart_server():
    subprocess.run([os.environ["NOCTURNE_TEST_POSTGRESQL_CONTROL"], "restart", os.environ["NOCTURNE_TEST_POSTGRESQL_DIR"]], check=True)


def storm(campaign, chance, pause_s, least, in_the_middle=None, most_starts=400):
    """Starts and kills; returns how often. A start is struck after a while, or before that a moment after it did so many groups that
    enough are left for `least` kills. `in_the_middle` is called once, while a run works."""
    kills = starts = before = 0
    n = len(campaign.groups())
    half, pace, lull_s, most_groups = n // 2, 1.0, 0.3, max(1, n // (2 * least))
    while starts < most_starts:
        starts += 1
        run = Run(campaign.command("--quiet"))
        end = time.monotonic() + pace * chance.uniform(*pause_s)
        quota = before + chance.randint(1, most_groups)
        while run.running() and time.monotonic() < end:
            time.sleep(0.05)
            if quota and campaign.done() >= quota:
                end, quota = min(end, time.monotonic() + chance.uniform(0, lull_s)), None
        if in_the_middle and run.running() and campaign.done() >= half:
            in_the_middle()
            in_the_middle = None
        if run.running():
            if chance.random() < 0.15:
                os.kill(run.process.pid, signal.SIGKILL)
                kills += 1
            else:
                kills += run.strike(chance.randrange(2))
        code = run.code(60)
        expect(code is not None, f"a run did not end within 60 s of a kill:\n{run.log()[-2000:]}")
        if code == 0:
            expect(in_the_middle is None, "the middle of the storm was missed")
            return kills, starts
        expect(code in (75, 137, -9), f"exit {code}:\n{run.log()[-2000:]}")
        done = campaign.done()
        pace *= 1.4 if done == before else 1
        if (done - before) * 1.5 * least > n:
            lull_s, most_groups = 0.6 * lull_s, max(1, most_groups - 1)
        before = done
    raise Wrong(f"not done after {most_starts} starts")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--groups", type=int, default=100)
    options.add_argument("--kills", type=int, default=20, help="the least that count as a storm")
    options.add_argument("--seed", type=int, default=20261121)
    options.add_argument("--imsize", type=int, default=384)
    options.add_argument("--postgresql", action="store_true")
    given = options.parse_args()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="nocturne-storm-") as top:
        struck = Campaign(given.program, top + "/struck", given.imsize).simulate(given.groups)
        calm = Campaign(given.program, top + "/calm", given.imsize).over(struck)
        if given.postgresql:
            struck.db = os.environ["NOCTURNE_TEST_POSTGRESQL"]
        begun = time.monotonic()
        undisturbed = Run(calm.command("--quiet"))
        expect(undisturbed.code(600) == 0, undisturbed.log())
        calm_s = time.monotonic() - begun
        calm.check()
        slow = 3 if given.postgresql else 1  # a start asks the server many questions
        longest = slow * min(max(3.5, calm_s / 10), max(1.0, 0.5 * calm_s))  # the first start is struck on a fast machine, too
        kills, starts = storm(struck, chance, (0.7 * slow, longest), given.kills, restart_server if given.postgresql else None)
        expect(kills >= given.kills, f"only {kills} kills: more groups, or larger ones, make a storm")
        groups, files = struck.check(), struck.same_products(calm)
        where = "PostgreSQL, restarted in the middle" if given.postgresql else "SQLite"
        print(f"storm on {where}: {kills} kills in {starts} starts, {groups} groups once each, {files} files the same bit by bit, nothing stray "
              f"({calm_s:.0f} s undisturbed, {time.monotonic() - begun - calm_s:.0f} s in the storm)")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"storm: WRONG: {problem}")
        sys.exit(1)
