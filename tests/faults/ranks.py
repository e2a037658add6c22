"""A rank dies (kill -9), and a rank hangs (SIGSTOP), at many points of a run of two ranks over two groups: the job ends within 30 s with a
code, finished groups are kept, and only the missing ones are done by the next run.

  ranks.py PROGRAM [--points N | --quick]"""
import argparse
import concurrent.futures
import pathlib
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, expect  # noqa: E402  (its folder is known only now)
from processes import Run, wait_until  # noqa: E402

WATCHDOG_S = 3  # of most points; the first of each kind takes the time that users have


def strike(campaign, rank, blow, after_s, watchdog):
    """Returns whether the blow met the run, and how long the run went on."""
    environment = {"NOCTURNE_WATCHDOG_S": str(watchdog)} if watchdog else {}
    run = Run(campaign.command("--quiet", "--ranks-per-group", "1"), **environment)
    wait_until(lambda: len(run.ranks()) == 2, 20)
    time.sleep(after_s)
    met = run.strike(rank, blow)
    begun = time.monotonic()
    wait_until(lambda: not run.running(), 30)
    if blow == signal.SIGSTOP and list(run.ranks()) == [rank] and campaign.done() == 2:
        # Stopped on its way out: its work is done and recorded, the others have left, and nobody waits for it but the launcher.
        run.strike(rank, signal.SIGCONT)
        expect(run.code(20) == 0, f"a rank that went on on its way out:\n{run.log()}")
        return False, 0.0
    code = run.code(10)
    took = time.monotonic() - begun
    expect(code is not None and took < 30, f"{blow.name} of rank {rank} after {after_s:.2f} s: the run went on for {took:.0f} s\n{run.log()}")
    expect(code != 0 or not met or campaign.done() == 2, f"exit 0, and {campaign.done()} of 2 groups done")
    return met, took


def go_on(campaign):
    """The same command again; 75 where the struck run has not quite gone yet."""
    for _ in range(5):
        again = Run(campaign.command())
        code = again.code(120)
        if code == 0:
            return
        expect(code == 75, f"the next run ends with {code}:\n{again.log()}")
        time.sleep(1)
    raise Wrong(f"the next runs did not finish:\n{again.log()}")


def results(campaign):
    try:
        return campaign.query("SELECT group_id, run_id FROM group_runs WHERE status = 'COMPLETED'")
    except Exception:  # the run had not made its database yet
        return []


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--points", type=int, default=20)
    options.add_argument("--quick", action="store_true", help="one point in the middle, and the second rank alone")
    options.add_argument("--imsize", type=int, default=1024)
    given = options.parse_args()
    points = [0.5] if given.quick else [i / given.points for i in range(given.points)]
    with tempfile.TemporaryDirectory(prefix="nocturne-ranks-") as top, concurrent.futures.ThreadPoolExecutor(2) as pool:
        groups = Campaign(given.program, top + "/groups").simulate(2)

        def undisturbed(name):
            calm, begun = Campaign(given.program, f"{top}/{name}", given.imsize).over(groups), time.monotonic()
            expect(Run(calm.command()).code(120) == 0, "the undisturbed run")
            return calm, time.monotonic() - begun

        (calm, length), _ = pool.map(undisturbed, ("calm", "beside"))  # two at once, as below: what is stopped waits

        def blow_of(what):
            n, (blow, rank, point) = what
            campaign = Campaign(given.program, f"{top}/c{n}", given.imsize).over(groups)
            user_time = point == 0 and blow == signal.SIGSTOP
            hit, took = strike(campaign, rank, blow, length * point, None if user_time else WATCHDOG_S)
            kept = results(campaign)
            go_on(campaign)
            expect(set(kept) <= set(results(campaign)), f"a finished group was done again: {kept}, {results(campaign)}")
            campaign.check()
            campaign.same_products(calm)
            shutil.rmtree(campaign.top)
            return hit, took

        blows = [(blow, rank, point) for blow in (signal.SIGKILL, signal.SIGSTOP) for rank in ((1,) if given.quick else (0, 1)) for point in points]
        ends = list(pool.map(blow_of, enumerate(blows)))
        n, met, longest = len(blows), sum(hit for hit, _ in ends), max(took for _, took in ends)
        print(f"ranks: {n} blows, {met} met a living rank, the longest took {longest:.1f} s to end the job; finished groups were kept")
        expect(met >= n // 2, f"only {met} of {n} blows met the run")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"ranks: WRONG: {problem}")
        sys.exit(1)
