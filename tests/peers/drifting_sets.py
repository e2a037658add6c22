#!/usr/bin/env python3
"""Do Measurement Sets of a drifting group say what its files say? Beams, fluxes of CLEAN and gains of solve, from the files and from our sets of them.

    drifting_sets.py build/nocturne [--integrations 60] [--antennas 32] [--imsize 900] [--cell 8]

The sky drifts through the beam for 13 minutes. Sets of one field, of a field per time, on another centre, in windows, and sets made of these, are each imaged
on one centre, cleaned with the beam in the model, and solved. Printed is, for each, the largest difference from the files' own: of the primary beam, of
fluxes (corrected for the beam, at the true places of the sources, relative), and of gains (rms over rms). Above 1e-3 (beams: 1e-5) fails; of gains of the
moved set, whose model loses by averaging as if the correlator had tracked its centre, above 2e-2. Needs numpy, astropy, h5py.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from astropy.io import fits

GOAL, BEAM_GOAL = 1e-3, 1e-5


def gains(path):
    """By kind: gains, or delays in s, with 0 where flagged."""
    with h5py.File(path) as f:
        tables = [f[str(k)] for k in range(int(f["n_tables"][()]))]
        return {t["kind"][()].decode(): np.where(t["flag"][...] == 0, t["gain" if "gain" in t else "delay_s"][...], 0) for t in tables}


class Road:
    def __init__(self, program, work, options):
        self.program, self.work, self.o = program, work, options

    def run(self, *words):
        done = subprocess.run([self.program, *map(str, words), "--quiet"], cwd=self.work, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"nocturne {' '.join(map(str, words))}: {done.stderr[-600:]}")
        return done.stdout

    def simulate(self):
        """The same sky twice: g without what averaging takes, c with gains."""
        common = ["--antennas", self.o.antennas, "--integrations", self.o.integrations, "--channels", 4, "--random-sources", 8, "--radius", 0.7, "--flux-jy", 10,
                  "--spix-std", 0, "--noise", "--sefd", 500, "--seed", 3]
        self.run("simulate", "--out", "g", *common, "--smearing", "none")
        self.run("simulate", "--out", "c", *common, "--gain-std", 0.1, "--phase-std-deg", 40, "--delay-std-ns", 3)
        with open(self.work / "g/truth/sources.csv") as f:
            self.sources = [{key: float(value) for key, value in row.items() if key != "name"} for row in csv.DictReader(f)]

    def sets(self, group, centre):
        """The names of sets of a group, and sets of sets."""
        other = f"{centre[0] + 1.2},{centre[1] - 0.6}"
        ways = [(group, "one", ""), (group, "time", "--fields per-time"), (group, "split", "--spw split --fields per-time"),
                (group, "moved", f"--phase-center {other}"), (f"{group}-time.ms", "time-one", ""), (f"{group}-moved.ms", "moved-back",
                f"--phase-center {centre[0]},{centre[1]}"), (f"{group}-one.ms", "one-all4", "--correlations all4")]
        for source, name, how in ways:
            self.run("convert", source, "--ms", f"{group}-{name}.ms", *how.split())
            yield name, f"{group}-{name}.ms"

    def image(self, source, name, where):
        self.run("image", source, "--out", name, "--imsize", self.o.imsize, "--cell", self.o.cell, "--niter", 3000, "--auto-threshold", 3, *where)
        return {p: fits.open(self.work / f"{name}-{p}.fits")[0] for p in ("dirty", "pb", "pbcor")}

    def fluxes(self, name):
        found = []
        for s in self.sources:
            x = json.loads(self.run("fit", f"{name}-pbcor.fits", "--at", f"{s['ra_deg']},{s['dec_deg']}", "--json"))
            found.append(x["peak_jy_beam"])
        return np.array(found)

    def solve(self, source, name):
        self.run("solve", source, "--model", "g/truth/sources.csv", "--types", "K,B,G", "--out", f"{name}.h5", "--no-flag", "--follow-drift", "false")
        return gains(self.work / f"{name}.h5")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--integrations", type=int, default=60)
    parser.add_argument("--antennas", type=int, default=32)
    parser.add_argument("--imsize", type=int, default=900)
    parser.add_argument("--cell", type=float, default=8)
    o = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        road = Road(str(pathlib.Path(o.program).resolve()), pathlib.Path(name), o)
        road.simulate()
        truth = road.image("g", "g", [])
        h = truth["dirty"].header
        centre = (h["CRVAL1"], h["CRVAL2"])
        where = ["--phase-center", f"{centre[0]:.10f},{centre[1]:.10f}"]
        flux, solved = road.fluxes("g"), road.solve("c", "c")
        said = np.array([s["flux_jy"] for s in road.sources])
        print(f"{len(said)} sources, beam from {np.nanmin(truth['pb'].data):.2f} to {np.nanmax(truth['pb'].data):.2f}; fluxes of the files against the truth "
              f"{np.min(flux / said):.4f} to {np.max(flux / said):.4f}")
        of_gains = {}
        for set_name, path in road.sets("c", centre):
            mine = road.solve(path, f"c-{set_name}")
            of_gains[set_name] = max(np.sqrt((abs(mine[k] - solved[k]) ** 2).sum() / (abs(solved[k]) ** 2).sum()) for k in solved)
        for set_name, path in road.sets("g", centre):
            mine = road.image(path, f"g-{set_name}", where)
            beam = np.nanmax(abs(mine["pb"].data - truth["pb"].data))
            dirty = np.sqrt(np.mean((mine["dirty"].data - truth["dirty"].data) ** 2)) / truth["dirty"].data.max()
            apart = np.max(abs(road.fluxes(f"g-{set_name}") / flux - 1))
            good = beam <= BEAM_GOAL and max(apart, dirty) <= GOAL and of_gains[set_name] <= (20 if set_name == "moved" else 1) * GOAL
            failed = failed or not good
            print(f"{'ok' if good else 'FAILED':7} {set_name:12} beam {beam:.1e}, dirty image {dirty:.1e}, fluxes {apart:.1e}, gains {of_gains[set_name]:.1e}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
