"""A secret in the address of the database, in the environment and in a token file is in nothing that a run or a submission leaves: logs, products,
reports, the database, command lines, batch scripts, what sbatch was told, events; and events, reports and recorded command lines name nobody's home.

  secrets.py PROGRAM"""
import contextlib
import os
import pathlib
import sqlite3
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Campaign, Wrong, expect  # noqa: E402  (its folder is known only now)

SECRET = "c4naryS3cretOfTheTest"
AWAY = f"postgresql://someone:{SECRET}@127.0.0.1:9/night"
# What generated passwords look like that were not escaped: the library would take the half of them for a host or a port, and say it.
UNESCAPED = [f"postgresql://someone:{words}@127.0.0.1:9/night" for words in (f"{SECRET}/x", f"a/{SECRET}", f"{SECRET}%zz", f"a {SECRET}", f"a@{SECRET}", f"{SECRET}#x", f"a?{SECRET}")]
ESCAPED = f"postgresql://someone:a%2F%40%20{SECRET}@127.0.0.1:9/night"


def run(log, words, **environment):
    """Appends all that the command says to the log; its exit code."""
    secrets = {"NOCTURNE_TOKEN": SECRET, "PGPASSWORD": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET}
    done = subprocess.run(words, check=False, capture_output=True, env={**os.environ, **secrets, **environment}, stdin=subprocess.DEVNULL)
    with open(log, "ab") as file:
        file.write(done.stdout + done.stderr)
    return done.returncode


def stand_in(directory, calls):
    """An sbatch that writes down its words and prints a number."""
    path = directory / "sbatch"
    path.write_text(f"#!/usr/bin/env bash\nprintf '%s\\n' \"$@\" >>'{calls}'\n[ -z \"$NOCTURNE_DB\" ] || touch '{calls}.came'\necho 4711\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def hits(top):
    return [str(p) for p in top.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]


def events_of(work, log):
    """A run with a damaged file, in a home directory, and one that finds no database: all their events, as a text."""
    next(iter(sorted(work.incoming.glob("*.hdf5")))).write_bytes(b"no HDF5 " * 100)
    home = {"HOME": str(work.top)}
    code = run(log, work.command("--quiet"), **home)
    expect(code == 65, f"exit {code} with a damaged file")
    said = subprocess.run([work.program, "events", "export", "--db", work.db], check=True, capture_output=True, text=True, env={**os.environ, **home}).stdout
    spools = sorted((work.out / "spool").glob("*.spool"))
    expect('"kind":"error"' in said and "~/" in said, f"the damaged file is no event: {said[-2000:]}")
    return said + "".join(path.read_text() for path in spools)


def names_no_home(work, top):
    """Reports and recorded command lines of a run in the home directory `top`."""
    reports = sorted(work.out.rglob("*.html"))
    expect(len(reports) == 2, f"{len(reports)} reports of two groups")
    with contextlib.closing(sqlite3.connect(work.db)) as session:
        lines = " ".join(line for (line,) in session.execute("SELECT command_line FROM runs"))
    for text in [lines, *(path.read_text() for path in reports)]:
        expect(str(top) not in text and "~/" in text, f"a record names a home directory, or no path: {text[max(0, text.find(str(top)) - 200):][:400]}")


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="nocturne-secrets-") as name:
        top = pathlib.Path(name)
        work = Campaign(program, top).simulate(2)
        log, calls = top / "log", top / "calls"
        stand_in(top, calls)
        path = f"{top}:{os.environ['PATH']}"
        expect(run(log, work.command("--json"), HOME=str(top)) == 0, log.read_text())
        names_no_home(work, top)
        code = run(log, [program, "run", str(work.incoming), "--out", str(work.out), "--db", AWAY, *work.options])
        expect(code in (69, 75, 78), f"exit {code} with a database that is away")
        run(log, [program, "images"], NOCTURNE_DB=AWAY)
        code = run(log, [program, "run", str(work.incoming), "--out", str(work.out), "--db", ESCAPED, *work.options])
        expect(code in (69, 75), f"exit {code} with a database that is away")
        for address in UNESCAPED:
            for words in ([program, "run", str(work.incoming), "--out", str(work.out), *work.options], [program, "submit", str(work.incoming), "--out", str(work.out)],
                          [program, "images"], [program, "doctor"]):
                code = run(log, [*words, "--db", address], PATH=path)
                expect(code == 78 or (code != 0 and words[1] == "doctor"), f"exit {code} of {words[1]} with an address that is not escaped")
                code = run(log, words, PATH=path, NOCTURNE_DB=address)
                expect(code == 78 or (code != 0 and words[1] == "doctor"), f"exit {code} of {words[1]} with an address that is not escaped")
        submit = [program, "submit", str(work.incoming), "--out", str(work.out)]
        expect(run(log, [*submit, "--dry-run", "--json", "--db", AWAY]) == 0, log.read_text())
        expect(run(log, [*submit, "--dry-run"], NOCTURNE_DB=AWAY) == 0, log.read_text())
        expect(run(log, [*submit, "--array", "3", "--db", work.db], PATH=path) == 0, log.read_text())
        expect(run(log, [*submit, "--db", AWAY], PATH=path) != 0, "a submission without a database was recorded")
        refused = run(log, [*submit[:3], "--arg", f"out={AWAY}", "--db", work.db], PATH=path)
        expect(refused == 64, f"an argument with a password: exit {refused}")
        expect(calls.is_file(), "sbatch was not called")
        events = events_of(work, log)
        (top / "events").write_text(events)
        expect(str(top) not in events, "an event names a home directory")
        found = hits(top)
        expect(not found, f"the secret stands in {found}")
        n = sum(1 for p in top.rglob("*") if p.is_file())
    print(f"secrets: {n} files, none of them holds the secret")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"secrets: WRONG: {problem}")
        sys.exit(1)
