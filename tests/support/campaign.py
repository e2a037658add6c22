"""Many small groups, the program run over them, and what must be true in the end: each group done exactly once, the database and the
files agree, nothing stray is left, the same bits as of a run that nobody disturbed."""
import concurrent.futures
import os
import pathlib
import shutil
import sqlite3
import subprocess

SMALL = "--antennas 5 --integrations 2 --subbands 2 --channels 4 --random-sources 2".split()
CHANGING = (b"DATE    ", b"CHECKSUM", b"NOCT_RUN", b"HIERARCH NOCT_HOST", b"HIERARCH NOCT_RANK")


class Wrong(Exception):
    """Something is not as it must be."""


def expect(truth, what):
    if not truth:
        raise Wrong(what)


class Psql:
    """A client of a PostgreSQL server that stays, and is started again where its server went away."""

    def __init__(self, address):
        self.address, self.process = address, None

    def ask(self, sql):
        """The lines of the answer; CalledProcessError where there is none."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(["psql", self.address, "-qAtX", "-F", "\t", "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        lines = []
        try:
            self.process.stdin.write(f"{sql};\n\\echo .\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                if line == ".\n":
                    return lines
                lines.append(line.rstrip("\n"))
        except BrokenPipeError:
            pass
        self.process.kill()
        raise subprocess.CalledProcessError(self.process.wait(), "psql", stderr=f"no answer to {sql}")


class Campaign:
    """A directory of groups and the products made of them."""

    def __init__(self, program, directory, imsize=64):
        self.program, self.top = str(program), pathlib.Path(directory).resolve()
        self.incoming, self.out, self.db = self.top / "in", self.top / "out", str(self.top / "night.sqlite")
        self.client = None
        self.options = ["--min-subbands", "2", "--imsize", str(imsize), "--cell", "60"]
        self.top.mkdir(parents=True, exist_ok=True)

    def simulate(self, n):
        """n groups of two subbands, a minute apart."""

        def make(i):
            start = f"2026-01-{25 + i // 1440:02}T{i // 60 % 24:02}:{i % 60:02}:05"
            subprocess.run([self.program, "simulate", "--quiet", "-o", str(self.incoming), "--start", start, "--seed", str(i), *SMALL],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(make, range(n)))
        shutil.rmtree(self.incoming / "truth", ignore_errors=True)
        return self

    def over(self, other):
        """Works on the groups of another campaign."""
        self.incoming = other.incoming
        return self

    def groups(self):
        return sorted({p.name.split("_sb")[0] for p in self.incoming.glob("*_sb*.hdf5")})

    def command(self, *more):
        return [self.program, "run", str(self.incoming), "--out", str(self.out), "--db", self.db, *self.options, *more]

    def query(self, sql, *values):
        if self.db.startswith("postgresql://"):
            if self.client is None or self.client.address != self.db:
                self.client = Psql(self.db)
            try:
                lines = self.client.ask(sql)
            except subprocess.CalledProcessError:  # a server that was stopped meanwhile took this connection along
                lines = self.client.ask(sql)
            return [tuple(int(v) if v.isdigit() else v or None for v in line.split("\t")) for line in lines]
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=60) as session:
            return session.execute(sql, values).fetchall()

    def done(self):
        try:
            return self.query("SELECT count(*) FROM ingest_queue WHERE state = 'completed'")[0][0]
        except (sqlite3.Error, subprocess.CalledProcessError):
            return 0

    def check(self, least_restarts=0):
        """Raises Wrong where a group is missing or was done twice, or where the database and the files disagree."""
        groups = self.groups()
        states = dict(self.query("SELECT group_id, state FROM ingest_queue"))
        open_ones = {g: states.get(g) for g in groups if states.get(g) != "completed"}
        expect(not open_ones, f"groups that are not completed: {open_ones}")
        results = self.query("SELECT group_id, count(*) FROM group_runs WHERE status = 'COMPLETED' GROUP BY group_id")
        expect(sorted(results) == [(g, 1) for g in groups], f"results that are not one a group: {[r for r in results if r[1] != 1]}")
        again = self.query("SELECT entity_id, count(*) FROM status_history WHERE entity = 'group' AND status = 'completed' GROUP BY entity_id HAVING count(*) > 1")
        expect(not again, f"groups that were completed more than once: {again}")
        retired = self.query("SELECT run_id, group_id FROM group_runs WHERE error LIKE 'retired:%'")
        expect(not retired, f"results that another one took the place of: {retired}")
        twice = self.query("SELECT path, count(*) FROM data_products GROUP BY path HAVING count(*) > 1")
        expect(not twice, f"files recorded twice: {twice}")
        recorded = dict(self.query("SELECT path, bytes FROM data_products"))
        found = {str(p): p.stat().st_size for p in self.out.rglob("*") if p.is_file() and p.parent.name != "slurm"}
        products = {p: n for p, n in found.items() if not p.endswith((".xxh128", "/status.json", "/result.json"))}
        expect(products == recorded, f"files and rows differ: {sorted(set(products.items()) ^ set(recorded.items()))[:6]}")
        manifests = [p for p in found if p.endswith(".xxh128")]
        expect(len(manifests) == len(groups), f"{len(manifests)} manifests for {len(groups)} groups")
        stray = [p for p in found if "/." in p]
        expect(not stray, f"stray files: {stray}")
        most = self.query("SELECT coalesce(max(restart_count), 0) FROM runs")[0][0]
        expect(most >= least_restarts, f"{most} restarts are recorded, {least_restarts} happened")
        return len(groups)

    def same_products(self, other):
        """FITS files of both have the same bits but for time, host, rank and run; so have pictures."""
        compared = 0
        for mine in sorted(self.out.rglob("*.fits")) + sorted(self.out.rglob("*.png")):
            theirs = other.out / mine.relative_to(self.out)
            expect(theirs.is_file(), f"{theirs} is missing")
            expect(content(mine) == content(theirs), f"{mine} and {theirs} differ")
            compared += 1
        expect(compared > 0, f"{self.out} holds nothing to compare")
        return compared


def content(path):
    """What must not change: the bytes of a picture; of FITS all but the cards of a run."""
    raw = path.read_bytes()
    if path.suffix != ".fits":
        return raw
    cards, rest = [], raw
    for at in range(0, len(raw), 80):
        card = raw[at:at + 80]
        if not card.startswith(CHANGING) and not card.startswith((b"HISTORY", b"COMMENT")):
            cards.append(card)
        if card.startswith(b"END "):
            rest = raw[(at // 2880 + 1) * 2880:]
            break
    return b"".join(cards) + rest
