"""One group, and everything that can go wrong while it is made: each call that changes a file fails, or is where the program is killed; kill -9 at moments
spread evenly over the run; a disk of every size. Afterwards no file under a final name differs from the undisturbed one, and the same command makes the
rest: the same bits, each group once, nothing stray.

  sweep.py PROGRAM LIBRARY [--calls] [--moments N] [--sizes N] [--every N] [--workers N]

LIBRARY is tests/support/faults.cpp, built. --every N: of calls every N-th."""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, content, expect  # noqa: E402  (its folder is known only now)
from failing import FAULTS, LIMIT_S, REFUSED, failing, in_memory  # noqa: E402

class Trial(Campaign):
    """A campaign of one group in a directory of its own, which goes away with it."""

    def __init__(self, program, top, groups, calm=None):
        super().__init__(program, tempfile.mkdtemp(dir=top))
        self.over(groups)
        self.options = ["--min-subbands", "2", "--imsize", "96", "--cell", "30", "--niter", "20", "--quiet"]
        self.calm = calm
        empty = top + "/empty.sqlite"  # the tables are there: what cuts off their making is a matter of the tests of migrations
        if not os.path.exists(empty):
            subprocess.run([program, "db", "init", "--quiet", "--db", empty], check=True, stdout=subprocess.DEVNULL)
        shutil.copy(empty, self.db)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top)

    def start(self, **environment):
        """The command, on one rank."""
        return subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, **environment})

    def undisturbed(self):
        run = self.start()
        words = run.communicate(timeout=LIMIT_S)[1]
        expect(run.returncode == 0, f"the undisturbed run: {run.returncode}\n{words}")

    def fail_at(self, library, n, error):
        """Exit code, words, calls made and the one that failed, with the n-th failing."""
        return failing(self.command(), library, self.top, n, error)

    def nothing_broken(self, what):
        """Whatever stands under a final name is whole."""
        for path in [*self.out.rglob("*.fits"), *self.out.rglob("*.png")]:
            if not path.name.startswith("."):
                expect(content(path) == content(self.calm.out / path.relative_to(self.out)), f"{what}: {path.name} is broken")

    def goes_on(self, what):
        """The same command makes the rest, and the result is that of a calm run."""
        run = self.start()
        words = run.communicate(timeout=LIMIT_S)[1]
        expect(run.returncode == 0, f"{what}: the next run ends with {run.returncode}:\n{words}")
        self.check()
        self.same_products(self.calm)


def each_call(trials, library, every, pool):
    """Every fault at every call, until a run makes so few calls that none fails."""
    told = []
    for fault, error in FAULTS.items():
        with trials() as counted:
            code, words, calls, _ = counted.fail_at(library, 0, error)
            expect(code == 0 and calls > 50, f"a run with no fault: {code}, {calls} calls\n{words}")
        seen = collections.Counter()

        def strike(n, fault=fault, error=error):
            with trials() as trial:
                code, words, calls, name = trial.fail_at(library, n, error)
                what = f"{fault} at call {n} ({name})"
                if not name:
                    return "none"
                if error >= 0:
                    expect(code in (0, *REFUSED), f"{what}: exit {code}\n{words}")
                    expect(code == 0 or str(trial.top) in words, f"{what}: exit {code}, and the message names no file:\n{words}")
                trial.nothing_broken(what)
                if error < 0 or n % 8 == 0 or every > 1:
                    trial.goes_on(what)
                return "no matter" if code == 0 else "refused" if error >= 0 else "killed"

        first, last = 1, calls + 1
        while seen["none"] == 0:  # calls may be a few more than were counted
            seen.update(pool.map(strike, range(first, last + 1, every)))
            first, last = last + every - (last - first) % every, last + 4 * every
        del seen["none"]
        told.append(f"{fault} at {calls} calls: " + ", ".join(f"{n} {end}" for end, n in sorted(seen.items())))
    return "; ".join(told)


def each_moment(trials, n, pool):
    """kill -9 at n moments of a run."""
    with trials() as quick:
        begun = time.monotonic()
        quick.undisturbed()
        length = time.monotonic() - begun

    def strike(i):
        with trials() as trial:
            run, what = trial.start(), f"killed after {i / n * length:.3f} s"
            time.sleep(i / n * length)
            met = run.poll() is None
            run.kill()
            run.communicate()
            trial.nothing_broken(what)
            trial.goes_on(what)
            return met

    met = sum(pool.map(strike, range(n)))
    return f"{n} moments, {met} met the run"


def each_size(trials, library, n, pool):
    """A disk of products of n sizes, up to one on which they fit. That there is room is what the program is told, so that it begins."""
    with trials() as trial:
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", trial.top], check=False, capture_output=True).returncode != 0:
            return "no right to mount a disk here"
        trial.undisturbed()
        pages = 2 + sum((p.stat().st_size + 4095) // 4096 + 1 for p in trial.out.rglob("*"))

    def fill(i):
        with trials() as trial:
            size = 4 * max(1, round(pages * i / n))
            trial.out.mkdir()
            script = 'mount -t tmpfs -o size="$1" none "$2" && shift && out=$1 && shift && "$@"; code=$?; find "$out" -type f; exit $code'
            run = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", f"{size}k", trial.out, *trial.command()], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=LIMIT_S, check=False,
                                 env={**os.environ, "LD_PRELOAD": library, "NOCTURNE_FAULT_ROOM": "1"})
            left = [line for line in run.stdout.splitlines() if line.startswith(str(trial.out)) and not line.endswith(".spool")]
            if run.returncode == 0:
                return "fits"
            what = f"a disk of {size} k"
            expect(run.returncode == 74, f"{what}: exit {run.returncode}\n{run.stderr}")
            expect(str(trial.out) in run.stderr, f"{what}: the message names no file:\n{run.stderr}")
            expect(not [p for p in left if p.endswith((".fits", ".png", ".xxh128", ".html"))], f"{what}: these are left: {left}")
            with sqlite3.connect(trial.db) as session:
                rows = session.execute("SELECT error_code, error FROM ingest_queue").fetchall()
            expect(rows and rows[0][0] == 74 and rows[0][1], f"{what}: the database says {rows}")
            return "refused"

    seen = collections.Counter(pool.map(fill, range(n)))
    return f"{n} sizes up to {4 * pages} k: " + ", ".join(f"{m} {end}" for end, m in sorted(seen.items()))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("library")
    options.add_argument("--calls", action="store_true")
    options.add_argument("--moments", type=int, default=0)
    options.add_argument("--sizes", type=int, default=0)
    options.add_argument("--every", type=int, default=1)
    options.add_argument("--workers", type=int, default=os.cpu_count() + 1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nocturne-sweep-", dir=in_memory()) as top, concurrent.futures.ThreadPoolExecutor(given.workers) as pool:
        groups = Campaign(given.program, top + "/groups").simulate(1)
        calm = Trial(given.program, top, groups)
        calm.undisturbed()

        def trials():
            return Trial(given.program, top, groups, calm)

        begun = time.monotonic()

        def tell(said):
            print(f"sweep: {said} ({time.monotonic() - begun:.0f} s)", flush=True)

        if given.calls:
            tell(each_call(trials, given.library, given.every, pool))
        if given.moments:
            tell(each_moment(trials, given.moments, pool))
        if given.sizes:
            tell(each_size(trials, given.library, given.sizes, pool))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"sweep: WRONG: {problem}")
        sys.exit(1)
