#!/usr/bin/env python3
"""Multiscale CLEAN against the truth: extended sources of so many beams among points, and noise alone.

  multiscale.py PROGRAM [--beams 5] [--dec 37] [--antennas 48] [--integrations 12] [--channels 6] [--imsize 1024] [--cell 6]
                [--weighting natural] [--deconvolver hogbom] [--flux 4] [--points 14] [--seed 11] [--no-noise]
A field of random points and one Gaussian whose width at half maximum is so many times that of the image's beam (geometric mean),
with thermal noise, cleaned with --multiscale. The Gaussian's flux in a circle of 1.3 widths of the restored image goes by what of it
lies there (goal: 5 %), points above 20 sigma by their peaks (2 % plus 4 sigma); the residual's rms in the middle is held against
the thermal noise. Then noise alone: no component may come of it that auto-mask keeps out. Needs numpy and astropy. Exits 1 where
something is missed."""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS


def run(*words):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout


def truth_of(folder):
    with open(os.path.join(folder, "truth.json")) as f:
        return json.load(f)


def simulate(o, out, *more):
    run(o.program, "simulate", "--out", out, "--antennas", o.antennas, "--integrations", o.integrations, "--channels", o.channels,
        "--dec", o.dec, "--smearing", "none", "--seed", o.seed, *more)
    return truth_of(out)


def image(o, data, stem, *more):
    run(o.program, "image", data, "--out", stem, "--imsize", o.imsize, "--cell", o.cell, "--weighting", o.weighting, "--quiet", *more)


def open_image(path):
    hdu = fits.open(path)[0]
    return hdu.header, hdu.data.squeeze().astype(float), WCS(hdu.header).celestial


def field_csv(path, truth, gaussians):
    with open(path, "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["name", "ra_deg", "dec_deg", "flux_jy", "spix", "major_arcsec", "minor_arcsec", "pa_deg"])
        for s in truth["sources"]:
            if not any(np.hypot(s["ra_deg"] - g[1], s["dec_deg"] - g[2]) * 3600 < 2 * g[4] for g in gaussians):
                w.writerow([s["name"], repr(s["ra_deg"]), repr(s["dec_deg"]), repr(s["flux_jy"]), 0, 0, 0, 0])
        for name, ra, dec, flux, width in gaussians:
            w.writerow([name, repr(ra), repr(dec), flux, 0, width, width, 0])


def judge(o, stem, truth):
    header, pixels, wcs = open_image(stem + "-image.fits")
    residual = open_image(stem + "-residual.fits")[1]
    n, cell = o.imsize, o.cell
    middle = residual[n // 4:-n // 4, n // 4:-n // 4]
    sigma = truth["sigma_jy"] / np.sqrt(header["NVISUSED"]) if not o.no_noise else 0  # sigma / sqrt 2 over the root of half of them
    beam = np.pi * header["BMAJ"] * header["BMIN"] * 3600**2 / (4 * np.log(2)) / cell**2
    y, x = np.mgrid[:n, :n]
    bad, points = 0, []
    for s in truth["sources"]:
        at = wcs.all_world2pix(s["ra_deg"], s["dec_deg"], 0)
        if s.get("major_arcsec", 0) > 0:
            width = np.hypot(s["major_arcsec"], 3600 * np.sqrt(header["BMAJ"] * header["BMIN"])) / cell
            within = np.hypot(x - at[0], y - at[1]) < 1.3 * width
            share = 1 - 2.0 ** (-4 * 1.3**2)
            ratio = pixels[within].sum() / beam / share / s["apparent_flux_jy"]
            bad += abs(ratio - 1) > 0.05
            print("  %s of %.1f beams, %.3f Jy: flux ratio %.4f" % (s["name"], s["major_arcsec"] / 3600 / np.sqrt(header["BMAJ"] * header["BMIN"]),
                                                                   s["apparent_flux_jy"], ratio))
        elif s["apparent_flux_jy"] > 20 * max(sigma, middle.std()):
            got = subprocess.run([str(o.program), "fit", stem + "-image.fits", "--at", "%.9f,%.9f" % (s["ra_deg"], s["dec_deg"]), "--json"],
                                 capture_output=True, text=True)
            ratio = json.loads(got.stdout)["peak_jy_beam"] / s["apparent_flux_jy"] if got.returncode == 0 else np.nan
            bad += not abs(ratio - 1) <= 0.02 + 4 * middle.std() / s["apparent_flux_jy"]
            points.append(ratio)
    n_points, points = len(points), points or [np.nan]
    print("  %d points above 20 sigma: flux ratio median %.4f, %.4f to %.4f; residual rms %.4g mJy, thermal %.4g; %d iterations, %d "
          "major cycles; %d missed" % (n_points, np.median(points), min(points), max(points), 1e3 * middle.std(), 1e3 * sigma,
                                       header["NITER"], header["NMAJOR"], bad), flush=True)
    return bad


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--beams", type=float, default=5)
    a.add_argument("--dec", type=float, default=37)
    a.add_argument("--antennas", type=int, default=48)
    a.add_argument("--integrations", type=int, default=12)
    a.add_argument("--channels", type=int, default=6)
    a.add_argument("--imsize", type=int, default=1024)
    a.add_argument("--cell", type=float, default=6)
    a.add_argument("--weighting", default="natural")
    a.add_argument("--deconvolver", default="hogbom")
    a.add_argument("--niter", type=int, default=20000)
    a.add_argument("--flux", type=float, default=4)
    a.add_argument("--points", type=int, default=14)
    a.add_argument("--radius", type=float, default=0.55)
    a.add_argument("--seed", type=int, default=11)
    a.add_argument("--no-noise", action="store_true")
    a.add_argument("--keep", help="a directory for the images")
    o = a.parse_args()
    noise = [] if o.no_noise else ["--noise"]
    clean = ["--multiscale", "--niter", o.niter, "--deconvolver", o.deconvolver]
    with tempfile.TemporaryDirectory() as scratch:
        work = o.keep or scratch
        probe = simulate(o, os.path.join(work, "probe"), "--random-sources", o.points, "--radius", o.radius)
        image(o, os.path.join(work, "probe"), os.path.join(work, "probe", "s"), "--niter", 0)
        beam = open_image(os.path.join(work, "probe", "s-psf.fits"))[0]
        width = o.beams * 3600 * np.sqrt(beam["BMAJ"] * beam["BMIN"])
        centre = probe["centre"]
        listed = os.path.join(work, "sources.csv")
        field_csv(listed, probe, [("wide", centre["ra_deg"] + 0.12, centre["dec_deg"] - 0.1, o.flux, width)])
        truth = simulate(o, os.path.join(work, "data"), "--sources", listed, *noise)
        stem = os.path.join(work, "image", "s")
        image(o, os.path.join(work, "data"), stem, *clean)
        print("dec %g, beam %.1f x %.1f arcsec, %s, %s" % (o.dec, 3600 * beam["BMAJ"], 3600 * beam["BMIN"], o.weighting, o.deconvolver))
        bad = judge(o, stem, truth)
        if not o.no_noise:
            nothing = os.path.join(work, "nothing.csv")
            with open(nothing, "w") as f:
                f.write("name,ra_deg,dec_deg,flux_jy\nfaint,%r,%r,1e-9\n" % (centre["ra_deg"], centre["dec_deg"]))
            simulate(o, os.path.join(work, "noise"), "--sources", nothing, "--noise")
            stem = os.path.join(work, "noise", "s")
            image(o, os.path.join(work, "noise"), stem, *clean)
            dirty = open_image(stem + "-dirty.fits")[1]
            with open(stem + "-components.csv") as f:
                flux = [float(row["apparent_jy"]) for row in csv.DictReader(f)]
            header, residual, _ = open_image(stem + "-residual.fits")
            print("  noise alone: %d components, %.3g mJy; rms %.4g mJy before, %.4g after" %
                  (len(flux), 1e3 * np.abs(flux).sum(), 1e3 * dirty.std(), 1e3 * residual.std()))
            bad += residual.std() > 1.01 * dirty.std() or np.abs(flux).sum() > 10 * dirty.std()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
