#!/usr/bin/env python3
"""Positions and fluxes of sources in dirty images, at several declinations and across RA 0 h.

For each declination: a simulated group with 30 sources within a factor of 10 in flux; for each source, the dirty image of
(data - exact prediction of the other 29), the source fitted in it, its place against the truth (pixels) and its peak
against the apparent flux (drifting beam and smearing included).

  sources.py PROGRAM [--dec -20 0 37 54.6 85] [--start UTC ...] [--sources 30] [--antennas 48] [--integrations 8] [--channels 24]
             [--imsize 2048] [--cell 6] [--backend kokkos] [--noise] [--take N]
Needs numpy and h5py. Prints a line per declination and exits 1 where a source misses 0.1 pixel or 1 % (plus 4 sigma of
the fit's errors with --noise)."""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np


def run(*words):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout


def subtract(data, model, out):
    """Files of `data` minus those of `model`, sample by sample."""
    os.makedirs(out, exist_ok=True)
    for name in sorted(os.listdir(model)):
        if not name.endswith(".hdf5"):
            continue
        shutil.copy(os.path.join(data, name), os.path.join(out, name))
        with h5py.File(os.path.join(out, name), "r+") as f, h5py.File(os.path.join(model, name), "r") as m:
            f["Data/visdata"][...] = f["Data/visdata"][...] - m["Data/visdata"][...]


def write_sources(path, sources):
    with open(path, "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["name", "ra_deg", "dec_deg", "flux_jy", "spix"])
        for s in sources:
            writer.writerow([s["name"], repr(s["ra_deg"]), repr(s["dec_deg"]), repr(s["flux_jy"]), repr(s["spix"])])


def one_declination(o, dec, start, work):
    data = os.path.join(work, "data")
    noise = ["--noise"] if o.noise else []
    run(o.program, "simulate", "--out", data, "--antennas", o.antennas, "--integrations", o.integrations, "--channels", o.channels,
        "--dec", dec, "--start", start, "--random-sources", o.sources, "--radius", o.radius, "--seed", o.seed, *noise)
    with open(os.path.join(data, "truth.json")) as f:
        truth = json.load(f)
    rows = []
    for i, source in enumerate(truth["sources"][:o.take or None]):
        others = [s for j, s in enumerate(truth["sources"]) if j != i]
        listed, model, rest = (os.path.join(work, n) for n in ("others.csv", "model", "rest"))
        write_sources(listed, others)
        run(o.program, "predict", "--group", data, "--out", model, "--sources", listed)
        subtract(data, model, rest)
        stem = os.path.join(work, "image", "s")
        run(o.program, "image", rest, "--out", stem, "--imsize", o.imsize, "--cell", o.cell, "--weighting", "natural",
            "--epsilon", o.epsilon, "--backend", o.backend, "--quiet")
        fit = json.loads(run(o.program, "fit", stem + "-dirty.fits", "--at", "%.9f,%.9f" % (source["ra_deg"], source["dec_deg"]), "--json"))
        east = (fit["ra_deg"] - source["ra_deg"] + 180) % 360 - 180
        east *= np.cos(np.radians(source["dec_deg"]))
        offset = np.hypot(east, fit["dec_deg"] - source["dec_deg"]) * 3600 / o.cell
        ratio = fit["peak_jy_beam"] / source["apparent_flux_jy"]
        density = fit["flux_jy"] / source["apparent_flux_jy"]
        allowed = (4 * np.hypot(fit["x_pix_err"], fit["y_pix_err"]), 4 * fit["peak_jy_beam_err"] / source["apparent_flux_jy"],
                   4 * fit["flux_jy_err"] / source["apparent_flux_jy"]) if o.noise else (0, 0, 0)
        rows.append((offset, ratio, density, offset <= 0.1 + allowed[0] and abs(ratio - 1) <= 0.01 + allowed[1] and abs(density - 1) <= 0.01 + allowed[2]))
        for folder in (model, rest):
            shutil.rmtree(folder)
    return truth, rows


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--dec", type=float, nargs="+", default=[-20, 0, 37, 54.6, 85])
    a.add_argument("--start", nargs="+", default=["2026-01-25T22:26:05", "2026-01-25T23:35:00"],
                   help="at the second the meridian passes RA 0 h")
    a.add_argument("--sources", type=int, default=30)
    a.add_argument("--take", type=int, default=0, help="only the first so many")
    a.add_argument("--antennas", type=int, default=48)
    a.add_argument("--integrations", type=int, default=8)
    a.add_argument("--channels", type=int, default=24)
    a.add_argument("--radius", type=float, default=1.2)
    a.add_argument("--imsize", type=int, default=2048)
    a.add_argument("--cell", type=float, default=6)
    a.add_argument("--epsilon", default="1e-5")
    a.add_argument("--backend", default="kokkos")
    a.add_argument("--seed", type=int, default=11)
    a.add_argument("--noise", action="store_true")
    o = a.parse_args()
    bad = 0
    for start in o.start:
        for dec in o.dec:
            with tempfile.TemporaryDirectory() as work:
                truth, rows = one_declination(o, dec, start, work)
            offsets, ratios, densities, good = zip(*rows)
            bad += good.count(False)
            print("dec %6.1f centre RA %8.4f: %d sources, offset max %.4f pixel, peak ratio %.5f to %.5f, flux ratio %.5f to %.5f, %d missed"
                  % (dec, truth["centre"]["ra_deg"], len(rows), max(offsets), min(ratios), max(ratios), min(densities), max(densities), good.count(False)), flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
