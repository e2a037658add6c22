"""Nocturne under a real Slurm of three nodes: restarts, pre-emption, time limits, lost nodes, arrays, two jobs on one queue.

  suite.py PROGRAM [--repeats N] [--groups N] [CASE…]

Each case ends with every group done exactly once, the database and the files in agreement, and the restarts recorded."""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, expect  # noqa: E402  (its folder is known only now)
from slurm import Slurm  # noqa: E402


class Case:
    """What the cases share: groups, submissions, waiting until some of the work is done."""

    def __init__(self, program, slurm, top, groups):
        self.program, self.slurm, self.top, self.groups, self.n = program, slurm, pathlib.Path(top), groups, 0

    def campaign(self, imsize=64):
        self.n += 1
        return Campaign(self.program, self.top / f"c{self.n}", imsize).over(self.groups)

    def submit(self, campaign, *options):
        words = [self.program, "submit", str(campaign.incoming), "--out", str(campaign.out), "--db", campaign.db, "--cluster", "debian",
                 *options, "--", *campaign.options]
        made = subprocess.run(words, check=False, capture_output=True, text=True)
        expect(made.returncode == 0, f"submit: {made.stderr}")
        return made.stdout.strip()

    def until(self, truth, what, limit=60):
        end = time.monotonic() + limit
        while not truth():
            expect(time.monotonic() < end, f"{what}: not within {limit} s")
            time.sleep(0.1)

    def at_work(self, campaign, job, more=2):
        """The job runs, and has done some groups since."""
        self.slurm.wait(job, "RUNNING")
        before = campaign.done()
        self.until(lambda: campaign.done() >= before + more, f"work of job {job}")

    def finished(self, campaign, job, restarts):
        expect(self.slurm.ended(job) == {"COMPLETED"}, f"job {job} is {self.slurm.states(job)}\n{logs(campaign)}")
        campaign.check(least_restarts=restarts)
        runs = campaign.query("SELECT restart_count, hpc_job_id, status FROM runs ORDER BY restart_count, started_at")
        expect({job} == {r[1] for r in runs}, f"runs of other jobs: {runs}")
        expect(runs[-1][2] == "COMPLETED", f"the last run is not recorded as COMPLETED: {runs}")


def logs(campaign):
    """Of all jobs: lines that say something; what was done and what was warned of are left out."""
    texts = [p.read_text(errors="replace").splitlines() for p in sorted(campaign.out.glob("slurm/*.out"))]
    return "\n".join(line for text in texts for line in text if not line.startswith("W ") and not line.endswith(".html"))[-6000:]


def requeue(case):
    """USR1 to the steps: the job goes back into the queue by itself, and on where it was."""
    campaign = case.campaign()
    job = case.submit(campaign)
    case.at_work(campaign, job)
    case.slurm.said("scancel", "--signal=USR1", job)
    case.until(lambda: case.slurm.restarts(job) == 1, "requeue")
    case.finished(campaign, job, 1)


def bound(case):
    """An interruption too many: the job ends with 75; the same line, submitted once more, does the rest."""
    campaign = case.campaign()
    os.environ["NOCTURNE_MAX_RESTARTS"] = "1"
    try:
        job = case.submit(campaign)
        for restart in (0, 1):
            case.until(lambda restart=restart: case.slurm.restarts(job) == restart, "requeue")
            case.at_work(campaign, job, 1)
            case.slurm.said("scancel", "--signal=USR1", job)
        expect(case.slurm.ended(job) == {"FAILED"}, "the job did not end")
        expect(case.slurm.fields(job)["ExitCode"] == "75:0", case.slurm.fields(job)["ExitCode"])
    finally:
        del os.environ["NOCTURNE_MAX_RESTARTS"]
    again = case.submit(campaign)
    expect(case.slurm.ended(again) == {"COMPLETED"}, logs(campaign))
    campaign.check(least_restarts=1)


def preemption(case):
    """A job of a higher partition takes all nodes; the lower one is requeued by Slurm and goes on afterwards."""
    campaign = case.campaign()
    job = case.submit(campaign, "--partition", "low")
    case.at_work(campaign, job)
    other = case.slurm.said("sbatch", "--parsable", "--partition=main", "--nodes=3", "--exclusive", "--output=/dev/null", "--wrap=sleep 2").strip()
    case.until(lambda: case.slurm.restarts(job) >= 1, "pre-emption")
    expect(case.slurm.ended(other) == {"COMPLETED"}, "the job that took the nodes")
    case.finished(campaign, job, 1)


def time_limit(case):
    """Slurm's own USR1 before the limit of a minute: exit 75, requeue, on it goes."""
    campaign = case.campaign(imsize=256)
    job = case.submit(campaign, "--time", "1", "--slurm=--signal=USR1@50")
    case.slurm.wait(job, "RUNNING")
    case.until(lambda: case.slurm.restarts(job) >= 1, "the signal before the limit", 100)
    case.slurm.said("scontrol", "update", f"jobid={job}", "timelimit=60")
    case.slurm.ended(job, 600)
    expect("restart 1 of 5" in logs(campaign), logs(campaign))
    case.finished(campaign, job, 1)


def node_loss(case):
    """A node dies with everything on it; Slurm starts the job on another one."""
    campaign = case.campaign()
    job = case.submit(campaign)
    case.at_work(campaign, job)
    node = case.slurm.fields(job)["BatchHost"]
    case.slurm.lose(node)
    try:
        case.until(lambda: case.slurm.restarts(job) >= 1, "the controller's notice", 90)
        case.finished(campaign, job, 1)
    finally:
        case.slurm.bring_back(node)


def array(case):
    """Fifty elements on one queue; every one ends with 0, most find nothing left to do."""
    campaign = case.campaign()
    job = case.submit(campaign, "--array", "50")
    expect(case.slurm.ended(job) == {"COMPLETED"}, f"{case.slurm.states(job)}\n{logs(campaign)[-3000:]}")
    campaign.check()
    runs = campaign.query("SELECT hpc_job_id, status FROM runs")
    expect(sorted(runs) == sorted((f"{job}_{i}", "COMPLETED") for i in range(50)), f"runs: {runs}")


def element(case):
    """The last element of an array, whose SLURM_JOB_ID is the whole array's, is interrupted: it alone starts again."""
    campaign = case.campaign(imsize=256)
    job = case.submit(campaign, "--array", "3")
    case.at_work(campaign, job)
    case.slurm.said("scancel", "--signal=USR1", f"{job}_2")
    case.until(lambda: case.slurm.restarts(f"{job}_2") == 1, "requeue of the element")
    expect(case.slurm.ended(job) == {"COMPLETED"}, f"{case.slurm.states(job)}\n{logs(campaign)}")
    restarts = [case.slurm.restarts(f"{job}_{i}") for i in range(3)]
    expect(restarts == [0, 0, 1], f"restarts of the elements: {restarts}")
    campaign.check()


def two_jobs(case):
    """Two jobs of two ranks on one queue: the one that is done first is told of the other's groups, and comes again for them."""
    campaign = case.campaign()
    jobs = [case.submit(campaign, "--ranks", "2", "--slurm=--nodes=1") for _ in range(2)]
    for job in jobs:
        expect(case.slurm.ended(job) == {"COMPLETED"}, f"job {job}: {logs(campaign)}")
    campaign.check()


def needs(case):
    """Jobs of one file in the order of their needs; what a person cancels stays cancelled."""
    campaign = case.campaign()
    name = case.groups.groups()[0]
    path = case.top / "two.yaml"
    tasks = "[{task: read}, {task: convert}, {task: flag}, {task: image}]"
    path.write_text(f"name: two\nargs: [incoming, out]\njobs:\n  rest: {{needs: [first], foreach: {{items: others}}, tasks: {tasks}}}\n"
                    f"  first: {{foreach: {{items: ['{name}']}}, tasks: {tasks}}}\n")
    words = [case.program, "submit", str(path), "--arg", f"incoming={campaign.incoming}", "--arg", f"out={campaign.out}", "--db", campaign.db,
             "--cluster", "debian", "--", *campaign.options]
    first, rest = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    expect(case.slurm.ended(rest, 900) == {"COMPLETED"}, logs(campaign))
    campaign.check()
    ends = campaign.query("SELECT max(finished_at) FROM runs WHERE hpc_job_id = ?", first)[0][0]
    starts = campaign.query("SELECT min(started_at) FROM runs WHERE hpc_job_id = ?", rest)[0][0]
    expect(starts >= ends, "the job that needs the other began before it had ended")
    stopped = case.campaign()
    job = case.submit(stopped)
    case.at_work(stopped, job)
    case.slurm.said("scancel", job)
    expect(case.slurm.ended(job) == {"CANCELLED"}, f"a cancelled job is {case.slurm.states(job)}")
    time.sleep(8)
    expect(case.slurm.states(job) == ["CANCELLED"], f"a cancelled job came back: {case.slurm.states(job)}")


CASES = {f.__name__: f for f in (requeue, bound, preemption, node_loss, array, element, two_jobs, needs, time_limit)}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("cases", nargs="*")
    options.add_argument("--repeats", type=int, default=1)
    options.add_argument("--groups", type=int, default=200)
    given = options.parse_intermixed_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="nocturne-slurm-") as top, Slurm(top + "/slurm") as slurm:
        groups = Campaign(given.program, top + "/groups").simulate(given.groups)
        case = Case(given.program, slurm, top, groups)
        for name in given.cases or CASES:
            for repeat in range(given.repeats):
                begun = time.monotonic()
                try:
                    CASES[name](case)
                    verdict = "right"
                except (Wrong, TimeoutError) as problem:
                    verdict, wrong = f"WRONG: {problem}", wrong + 1
                print(f"slurm: {name} {repeat + 1} of {given.repeats}: {verdict} ({time.monotonic() - begun:.0f} s)", flush=True)
    print(f"slurm: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
