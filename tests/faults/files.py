"""Files that other programs read: solutions, CASA's tables of them, simulated UVH5. Each call that makes them fails, or is where the program is killed;
and disks of several sizes. Whatever stands under a final name is what an undisturbed command makes, bit by bit; otherwise the exit code
and the words name the file.

  files.py PROGRAM LIBRARY [--every N] [--sizes N] [--workers N]"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import Wrong, expect  # noqa: E402  (its folder is known only now)
from failing import FAULTS, LIMIT_S, REFUSED, failing, in_memory  # noqa: E402

SIZES = "--antennas 10 --integrations 4 --subbands 2 --channels 16 --seed 3 --dec 30.51 --ra 202.78 --source 202.78,30.51,15".split()


def commands(program, top):
    """What makes the files of a name, in a directory."""
    return {"solutions": lambda out: [program, "solve", top / "in", "--quiet", "--types", "K,B,G", "--model", top / "in/truth/sources.csv", "--out", out / "s.h5"],
            "CASA tables": lambda out: [program, "solve", top / "in", "--quiet", "--types", "B,G", "--model", top / "in/truth/sources.csv", "--out", out / "s.h5", "--casa", out / "cal"],
            "UVH5": lambda out: [program, "simulate", "--quiet", "--out", out / "sim", *SIZES]}


def made(out):
    """Contents of all files; of table.lock, which says when, nothing; of table.f*i, where casacore leaves gaps as memory was, the size."""
    def content(path):
        known = path.read_bytes()
        return b"" if path.name == "table.lock" else str(len(known)).encode() if path.suffix.endswith("i") and path.stem == "table" else known

    return {str(path.relative_to(out)): content(path) for path in sorted(out.rglob("*"))
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(out).parts)}


def products(files):
    """Of each product its files: a CASA table is a directory of many."""
    found = collections.defaultdict(dict)
    for name, content in files.items():
        found[name.split("/")[0] if name.startswith("cal.") else name][name] = content
    return found


def difference(name, right, found):
    """In words."""
    if found is None or len(found) != len(right):
        return f"{name}: {'missing' if found is None else len(found)} of {len(right)} bytes"
    at = [i for i in range(len(right)) if right[i] != found[i]]
    return f"{name}: {len(at)} of {len(right)} bytes, at {at[0]}: {found[at[0]:at[0] + 16].hex()} for {right[at[0]:at[0] + 16].hex()}"


def whole(what, calm, out):
    """Whatever stands under a final name is all there, and as it must be."""
    right = products(calm)
    for name, files in products(made(out)).items():
        expect(files == right[name], f"{what}: {name} is broken: {[difference(k, right[name][k], files.get(k)) for k in right[name] if files.get(k) != right[name][k]]}")


def each_call(command, calm, library, every, place, pool):
    """Every fault at every N-th call, until no call fails."""
    told = []
    for fault, error in FAULTS.items():
        seen = collections.Counter()

        def strike(n, fault=fault, error=error):
            with tempfile.TemporaryDirectory(dir=place) as name:
                out = pathlib.Path(name)
                code, words, _, call = failing(command(out), library, out, n, error)
                what = f"{fault} at call {n} ({call})"
                if not call:
                    return "none"
                whole(what, calm, out)
                if error < 0:
                    return "killed"
                expect(code in (0, *REFUSED), f"{what}: exit {code}\n{words}")
                expect(code == 0 or str(out) in words, f"{what}: exit {code}, and the message names no file:\n{words}")
                expect(code != 0 or made(out).keys() == calm.keys(), f"{what}: exit 0, and these are missing: {calm.keys() - made(out).keys()}")
                return "no matter" if code == 0 else "refused"

        first = 1
        while seen["none"] == 0:
            seen.update(pool.map(strike, range(first, first + 12 * every, every)))
            first += 12 * every
        del seen["none"]
        expect(seen["killed" if error < 0 else "refused"] > 0, f"{fault}: it met no call ({dict(seen)}): is {library} loaded?")
        told.append(f"{fault}: " + ", ".join(f"{n} {end}" for end, n in sorted(seen.items())))
    return "; ".join(told)


def each_size(command, calm, library, n, place, pool):
    """A disk of n sizes, up to one on which the files fit. That there is room is what the program is told, so that it begins."""
    if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode != 0:
        return "no right to mount a disk here"
    pages = 2 + sum((len(content) + 4095) // 4096 + 1 for content in calm.values())

    def fill(i):
        with tempfile.TemporaryDirectory(dir=place) as name:
            out, left, size = pathlib.Path(name) / "disk", pathlib.Path(name) / "left", 4 * max(1, round(pages * i / n))
            out.mkdir()
            script = 'mount -t tmpfs -o size="$1" none "$2" || exit 99; disk=$2 left=$3; shift 3; "$@"; code=$?; cp -r "$disk" "$left" && exit $code'
            run = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", f"{size}k", out, left, *map(str, command(out))], stdin=subprocess.DEVNULL, capture_output=True,
                                 text=True, timeout=LIMIT_S, check=False, env={**os.environ, "LD_PRELOAD": library, "NOCTURNE_FAULT_ROOM": "1"})
            expect(run.returncode in (0, 74), f"a disk of {size} k: exit {run.returncode}\n{run.stderr}")
            expect(run.returncode == 0 or str(out) in run.stderr, f"a disk of {size} k: the message names no file:\n{run.stderr}")
            whole(f"a disk of {size} k", calm, left)
            expect(run.returncode != 0 or made(left).keys() == calm.keys(), f"a disk of {size} k: exit 0, and these are missing: {calm.keys() - made(left).keys()}")
            return "fits" if run.returncode == 0 else "refused"

    seen = collections.Counter(pool.map(fill, range(n)))
    expect(seen["refused"] > 0, "no disk was too small")
    return f"{n} disks up to {4 * pages} k: " + ", ".join(f"{m} {end}" for end, m in sorted(seen.items()))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("library")
    options.add_argument("--every", type=int, default=1)
    options.add_argument("--sizes", type=int, default=20)
    options.add_argument("--workers", type=int, default=os.cpu_count() + 1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nocturne-files-", dir=in_memory()) as name, concurrent.futures.ThreadPoolExecutor(given.workers) as pool:
        top = pathlib.Path(name)
        subprocess.run([given.program, "simulate", "--quiet", "--out", top / "in", *SIZES], check=True)
        for kind, command in commands(given.program, top).items():
            with tempfile.TemporaryDirectory(dir=top) as place:
                subprocess.run([str(word) for word in command(pathlib.Path(place))], check=True, stdout=subprocess.DEVNULL)
                calm = made(pathlib.Path(place))
            expect(len(calm) >= 1, f"{kind}: nothing is made")
            told = each_call(command, calm, given.library, given.every, top, pool)
            print(f"files: {kind}: {told}; {each_size(command, calm, given.library, given.sizes, top, pool)}", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"files: WRONG: {problem}")
        sys.exit(1)
