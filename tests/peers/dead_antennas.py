#!/usr/bin/env python3
"""Antennas that `flag` calls dead: none in fields of random extended sources, all of those made deaf beside a calibrator.

Usage: dead_antennas.py NOCTURNE [--fields N] [--groups N] [--seed N]

Groups of 12 integrations and 192 channels of DSA-110, 12 to 63 antennas, with noise. Fields: one to five sources of 1 to 100 Jy within
some degrees, Gaussians of 1" to 26' and any axes. Groups: a point of 2 to 20 Jy, 40 antennas, 1 to 13 of them deaf. Prints what was
invented and missed; exits with 1 where anything was invented.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

RA, DEC = 202.78, 33.0
SIMULATION = ["--start", "2026-01-26T13:00:49", "--dec", str(DEC), "--noise", "--quiet", "--integrations", "12",
              "--subbands", "8", "--channels", "24"]


def extended(random):
    """Rows of a catalogue: Gaussians anywhere in the beam and beyond."""
    rows = []
    for number in range(int(random.integers(1, 6))):
        major = 10 ** random.uniform(0, 3.2)
        rows.append((f"s{number}", RA + random.normal() * 0.8, DEC + random.normal() * 0.7, 10 ** random.uniform(0, 2),
                     0, major, major * random.uniform(0.05, 1), random.uniform(0, 180)))
    return rows


def point(random):
    """A catalogue of one source near the centre."""
    return [("cal", RA + random.normal() * 0.2, DEC + random.normal() * 0.2, 10 ** random.uniform(0.3, 1.3), 0, 0, 0, 0)]


def numbers(nocturne, where):
    """Numbers of the 40 antennas that a group is simulated with."""
    subprocess.run([nocturne, "simulate", "--antennas", "40", *SIMULATION, "-o", where / "all"], check=True)
    antennas = json.loads((where / "all/truth.json").read_text())["antennas"]
    return [one["number"] if isinstance(one, dict) else one for one in antennas]


def called_dead(nocturne, where, rows, antennas, dead, seed):
    """What `flag` says of a group of these sources: numbers of antennas, hands."""
    head = "name,ra_deg,dec_deg,flux_jy,spix,major_arcsec,minor_arcsec,pa_deg"
    (where / "sky.csv").write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n")
    out = where / f"group{seed}"
    chosen = ["--dead", ",".join(map(str, dead))] if dead else []
    subprocess.run([nocturne, "simulate", "--antennas", str(antennas), *SIMULATION, "--sources", where / "sky.csv",
                    "--seed", str(seed), *chosen, "-o", out], check=True)
    done = subprocess.run([nocturne, "flag", out, "--json", "--quiet"], check=True, capture_output=True, text=True)
    subprocess.run(["rm", "-r", out], check=True)
    said = json.loads(done.stdout)
    return said["dead_antennas"], said["deaf_hands"]


def main():
    """Both kinds of groups, and their sums."""
    options = argparse.ArgumentParser()
    options.add_argument("nocturne")
    options.add_argument("--fields", type=int, default=150)
    options.add_argument("--groups", type=int, default=50)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    nocturne = str(pathlib.Path(given.nocturne).resolve())
    invented = found = wanted = 0
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        for seed in range(given.seed, given.seed + given.fields):
            random = np.random.default_rng(seed)
            rows = extended(random)
            antennas, hands = called_dead(nocturne, where, rows, random.choice([12, 20, 40, 63]), [], seed)
            invented += bool(antennas or hands)
            if antennas or hands:
                print(f"field {seed}: antennas {antennas}, hands {hands} are healthy: {rows}")
        known = numbers(nocturne, where)
        for seed in range(given.seed, given.seed + given.groups):
            random = np.random.default_rng(seed)
            rows = point(random)
            dead = sorted(int(x) for x in random.choice(known, int(random.integers(1, 14)), replace=False))
            antennas, hands = called_dead(nocturne, where, rows, 40, dead, seed)
            invented += bool(set(antennas) - set(dead) or {hand["antenna"] for hand in hands} - set(dead))
            found += len(set(antennas) & set(dead))
            wanted += len(dead)
            if set(antennas) != set(dead) or hands:
                print(f"group {seed}: {dead} are deaf, called so {antennas}, hands {hands}, {rows[0][3]:.1f} Jy")
    print(f"invented in {invented} of {given.fields + given.groups}; found {found} of {wanted}")
    return int(invented > 0)


if __name__ == "__main__":
    sys.exit(main())
