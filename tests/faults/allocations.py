"""Memory that runs out: each allocation of 64 KiB or more fails once. The program ends with 71 and says so, and nothing has a final name; or it goes on, and makes
the same pixels and solutions. Where the library that gets none (Open MPI as it starts, HDF5) ends the process itself, nothing has a final name either.

  allocations.py PROGRAM LIBRARY [--every N] [--workers N]"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from campaign import CHANGING, Wrong, expect  # noqa: E402  (its folder is known only now)
from failing import LIMIT_S, in_memory  # noqa: E402

OUT_OF_MEMORY = 71
OF_LIBRARIES = 8  # allocations that Open MPI makes as it starts, and HDF5 within a read


def commands(program, top):
    """What is done, in a directory of its own."""
    solve = [program, "solve", top / "in", "--quiet", "--types", "K,B,G", "--model", top / "in/truth/sources.csv", "--out", "s.h5"]
    return {"image": [program, "image", top / "in", "--quiet", "--out", "x", "--imsize", "128", "--cell", "20", "--niter", "20"], "solve": solve}


def failing(words, library, at, place):
    """Exit code and words, and what stands in the directory: content by name, of FITS files without the cards that say when."""
    with tempfile.TemporaryDirectory(dir=place) as name:
        run = subprocess.run([str(word) for word in words], cwd=name, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False,
                             env={**os.environ, "LD_PRELOAD": library, "NOCTURNE_ALLOCATION_AT": str(at), "NOCTURNE_ALLOCATION_COUNTER": f"{name}.n"})
        files = {str(path.relative_to(name)): path.read_bytes() for path in pathlib.Path(name).rglob("*") if path.is_file() and not path.name.startswith(".")}
        counter = pathlib.Path(f"{name}.n")
        n = int(counter.read_text()) if counter.exists() else 0
        counter.unlink(missing_ok=True)
    lasting = {name: content if name.endswith(".h5") else b"".join(content[k:k + 80] for k in range(0, len(content), 80) if not content[k:k + 80].startswith(CHANGING))
               for name, content in files.items() if name.endswith((".fits", ".h5"))}
    return run.returncode, run.stderr, n, lasting, files


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("library")
    options.add_argument("--every", type=int, default=1)
    options.add_argument("--workers", type=int, default=os.cpu_count() + 1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nocturne-allocations-", dir=in_memory()) as name, concurrent.futures.ThreadPoolExecutor(given.workers) as pool:
        top = pathlib.Path(name)
        subprocess.run([given.program, "simulate", "--quiet", "--out", top / "in", *"--antennas 10 --integrations 4 --channels 16 --subbands 4 --seed 3 --dec 30.51 --ra 202.78 --source 202.78,30.51,15".split()], check=True)
        for kind, words in commands(given.program, top).items():
            code, said, n, calm, _ = failing(words, given.library, 0, top)
            expect(code == 0 and n > 20 and calm, f"{kind}: exit {code}, {n} allocations: is {given.library} loaded?\n{said}")

            def strike(at, kind=kind, words=words, calm=calm):
                code, said, _, lasting, files = failing(words, given.library, at, top)
                what = f"{kind}: allocation {at}"
                if code == 0:
                    expect(lasting == calm, f"{what}: exit 0, and other products: {sorted(name for name in calm if lasting.get(name) != calm[name])}")
                    return "no matter"
                expect(not files, f"{what}: exit {code}, and these stand: {sorted(files)}\n{said}")
                expect(code != OUT_OF_MEMORY or "memory" in said, f"{what}: exit 71 without a word of memory:\n{said}")
                return "refused" if code == OUT_OF_MEMORY else "ended by a library"

            seen = collections.Counter(pool.map(strike, range(1, n + 1, given.every)))
            expect(seen["refused"] > 0 and seen["ended by a library"] <= OF_LIBRARIES, f"{kind}: {dict(seen)}")
            print(f"allocations: {kind}, {n} of 64 KiB or more: " + ", ".join(f"{m} {end}" for end, m in sorted(seen.items())), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as problem:
        print(f"allocations: WRONG: {problem}")
        sys.exit(1)
