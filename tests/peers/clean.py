#!/usr/bin/env python3
"""CLEAN against the truth: fluxes, positions and the residual of simulated fields, and a source at half power.

  clean.py PROGRAM [--sources 30 300] [--dec 0 37 54.6 85] [--start UTC ...] [--antennas 64] [--integrations 12] [--channels 12]
           [--imsize 2400] [--cell 6] [--niter 20000] [--weighting natural] [--deconvolver hogbom] [--no-noise] [--smearing sky] [--multiscale]
For each declination and start: a field of random sources and one at half power, with thermal noise, cleaned; each source above
20 sigma is fitted in the restored image (peak against the apparent flux: 2 %, place: 0.05 pixel plus 4 sigma of the noise), the
source at half power in the corrected one (2 % plus 4 sigma), the residual's rms in the middle is held against the thermal noise
(5 %). What averaging over an integration and a channel takes from a source off the centre is no matter of CLEAN: the data are made
without it unless asked for. Needs numpy and astropy. Prints a line a field and exits 1 where something is missed."""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from astropy.io import fits


def run(*words):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout


def fit(o, image, source):
    """None where nothing can be fitted."""
    done = subprocess.run([str(o.program), "fit", image, "--at", "%.9f,%.9f" % (source["ra_deg"], source["dec_deg"]), "--json"],
                          capture_output=True, text=True)
    if done.returncode:
        print("  no fit of %s (%.3f Jy): %s" % (source["name"], source["apparent_flux_jy"], done.stderr.strip()), flush=True)
        return None
    return json.loads(done.stdout)


def thermal_jy(truth, header):
    """Natural weights: sigma of Stokes I over the root of the number of visibilities."""
    used = header["NVISUSED"] / 2
    return truth["sigma_jy"] / np.sqrt(2) / np.sqrt(used)


def field(o, dec, start, n_sources, work):
    data, stem = os.path.join(work, "data"), os.path.join(work, "image", "s")
    common = ["--antennas", o.antennas, "--integrations", o.integrations, "--channels", o.channels, "--dec", dec, "--start", start,
              "--smearing", o.smearing]
    probe = os.path.join(work, "probe")
    run(o.program, "simulate", "--out", probe, *common, "--random-sources", n_sources, "--radius", o.radius, "--seed", o.seed,
        "--flux-jy", o.flux)
    with open(os.path.join(probe, "truth.json")) as f:
        centre = json.load(f)
    listed = os.path.join(work, "sources.csv")
    with open(listed, "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["name", "ra_deg", "dec_deg", "flux_jy", "spix"])
        for s in centre["sources"]:
            writer.writerow([s["name"], repr(s["ra_deg"]), repr(s["dec_deg"]), repr(s["flux_jy"]), "0"])
        sign = -1 if dec > 70 else 1
        writer.writerow(["half", repr(centre["centre"]["ra_deg"]), repr(centre["centre"]["dec_deg"] + sign * o.half), "2.0", "0"])
    noise = [] if o.no_noise else ["--noise"]
    run(o.program, "simulate", "--out", data, *common, "--sources", listed, "--seed", o.seed, *noise)
    with open(os.path.join(data, "truth.json")) as f:
        truth = json.load(f)
    begun = time.time()
    run(o.program, "image", data, "--out", stem, "--imsize", o.imsize, "--cell", o.cell, "--weighting", o.weighting, "--niter", o.niter,
        "--mgain", o.mgain, *(["--multiscale"] if o.multiscale else []), "--epsilon", o.epsilon, "--deconvolver", o.deconvolver, "--backend", o.backend, "--quiet")
    seconds = time.time() - begun
    residual = fits.open(stem + "-residual.fits")[0]
    header, n = residual.header, o.imsize
    pixels = residual.data.reshape(n, n)[n // 4:-n // 4, n // 4:-n // 4]
    sigma = thermal_jy(truth, header)
    rms = float(np.sqrt(np.mean(np.square(pixels, dtype=float))))
    flux, place, bad, counted = [], [], 0, 0
    for s in truth["sources"]:
        if s["apparent_flux_jy"] < 20 * max(rms, sigma):
            continue
        counted += 1
        got = fit(o, stem + "-image.fits", s)
        if not got:
            bad += 1
            continue
        ratio = got["peak_jy_beam"] / s["apparent_flux_jy"]
        east = ((got["ra_deg"] - s["ra_deg"] + 180) % 360 - 180) * np.cos(np.radians(s["dec_deg"]))
        offset = np.hypot(east, got["dec_deg"] - s["dec_deg"]) * 3600 / o.cell
        slack = 4 * max(rms, sigma) / s["apparent_flux_jy"]
        bad += abs(ratio - 1) > 0.02 + slack or offset > 0.05 + slack * header["BMAJ"] * 3600 / o.cell / 2
        flux.append(ratio)
        place.append(offset)
    flux, place = flux or [np.nan], place or [np.nan]
    half = [s for s in truth["sources"] if s["name"] == "half"][0]
    got = fit(o, stem + "-pbcor.fits", half)
    corrected = got["peak_jy_beam"] / half["flux_jy"] if got else np.nan
    power = half["apparent_flux_jy"] / half["flux_jy"]
    off = not abs(corrected - 1) <= 0.02 + 4 * max(rms, sigma) / half["apparent_flux_jy"]
    noisy = not o.no_noise and o.weighting == "natural" and rms > 1.05 * sigma
    print("dec %6.1f RA %7.3f, %d of %d sources above 20 sigma: flux ratio median %.4f, %.4f to %.4f; place %.4f pixel at most, median "
          "%.4f; residual rms %.4g mJy, thermal %.4g (%.3f); power %.3f: corrected %.4f; %d iterations, %d major cycles, %.1f s; %d missed%s"
          % (dec, truth["centre"]["ra_deg"], counted, len(truth["sources"]), np.median(flux), min(flux), max(flux), max(place), np.median(place),
             1e3 * rms, 1e3 * sigma, rms / sigma, power, corrected, header["NITER"], header["NMAJOR"], seconds, bad + off,
             ", residual above 1.05" if noisy else ""), flush=True)
    return bad + off + noisy


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--sources", type=int, nargs="+", default=[30, 300])
    a.add_argument("--dec", type=float, nargs="+", default=[0, 37, 54.6, 85])
    a.add_argument("--start", nargs="+", default=["2026-01-25T22:26:05", "2026-01-25T23:35:00"],
                   help="at the second the meridian passes RA 0 h")
    a.add_argument("--antennas", type=int, default=64)
    a.add_argument("--integrations", type=int, default=12)
    a.add_argument("--channels", type=int, default=12)
    a.add_argument("--radius", type=float, default=1.2)
    a.add_argument("--flux", type=float, default=1)
    a.add_argument("--half", type=float, default=1.37, help="degrees from the centre of the source near half power")
    a.add_argument("--imsize", type=int, default=2400)
    a.add_argument("--cell", type=float, default=6)
    a.add_argument("--niter", type=int, default=20000)
    a.add_argument("--mgain", type=float, default=0.8)
    a.add_argument("--weighting", default="natural")
    a.add_argument("--deconvolver", default="hogbom")
    a.add_argument("--multiscale", action="store_true")
    a.add_argument("--epsilon", default="1e-4")
    a.add_argument("--smearing", default="none")
    a.add_argument("--backend", default="kokkos")
    a.add_argument("--seed", type=int, default=11)
    a.add_argument("--no-noise", action="store_true")
    o = a.parse_args()
    bad = 0
    for start in o.start:
        for dec in o.dec:
            for n_sources in o.sources:
                with tempfile.TemporaryDirectory() as work:
                    bad += field(o, dec, start, n_sources, work)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
