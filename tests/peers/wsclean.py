#!/usr/bin/env python3
"""CLEAN beside WSClean's on the same visibilities: time, fluxes against the truth, residual.

  wsclean.py PROGRAM GROUP [--imsize 4096] [--cell 3] [--weighting natural] [--niter 1000] [--mode points|multiscale|mfs] [--ranks 2] [--ms FILE]
GROUP is a directory that `nocturne simulate` made; its Measurement Set is made with `convert` (FILE, kept where it is named). Both clean
with mgain 0.8, gain 0.1, auto-mask 5 and auto-threshold 1, on two cores; multiscale: each one's own scales; mfs: two terms along the
band, WSClean's with four channels and a fit of two. Every source of the truth above 20 sigma of the worse residual is fitted in both
restored images. Prints processor and wall seconds of both, the median ratio of fluxes to each other and of each to the apparent
flux of the truth, and the rms of both residuals in the middle. Needs numpy, astropy, wsclean, mpirun. Exits 1 where the median ratio
is off by more than 0.005, the residual's rms higher, or the time above a sixth."""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
from astropy.io import fits


def timed(words, log):
    """Processor and wall seconds."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    with open(log, "w") as out:
        if subprocess.run([str(w) for w in words], stdout=out, stderr=subprocess.STDOUT).returncode:
            with open(log) as text:
                sys.exit("failed: %s\n%s" % (" ".join(map(str, words)), text.read()[-2000:]))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.time() - begun


def ours(o, stem):
    more = {"points": [], "multiscale": ["--multiscale"], "mfs": ["--nterms", "2"]}[o.mode]
    return timed(["mpirun", "--oversubscribe", "-np", o.ranks, o.program, "image", o.group, "-o", stem, "--imsize", o.imsize,
                  "--cell", o.cell, "--weighting", o.weighting, "--robust", o.robust, "--niter", o.niter, "--gain", 0.1, "--mgain", 0.8,
                  "--auto-mask", 5, "--auto-threshold", 1, "--only", "zeros,autocorr", "--quiet", *more], stem + ".log")


def theirs(o, ms, stem):
    more = {"points": [], "multiscale": ["-multiscale"],
            "mfs": ["-join-channels", "-channels-out", 4, "-fit-spectral-pol", 2]}[o.mode]
    weight = ["briggs", o.robust] if o.weighting == "briggs" else [o.weighting]
    return timed(["wsclean", "-use-wgridder", "-j", o.ranks, "-abs-mem", 8, "-name", stem, "-size", o.imsize, o.imsize, "-scale",
                  "%gasec" % o.cell, "-weight", *weight, "-pol", "I", "-niter", o.niter, "-gain", 0.1, "-mgain", 0.8, "-auto-mask", 5,
                  "-auto-threshold", 1, "-no-update-model-required", *more, ms], stem + ".log")


def peak(o, image, source):
    words = [o.program, "fit", image, "--at", "%.9f,%.9f" % (source["ra_deg"], source["dec_deg"]), "--json"]
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    return json.loads(done.stdout)["peak_jy_beam"] if done.returncode == 0 else np.nan


def rms(path):
    image = fits.getdata(path).squeeze().astype(float)
    n = image.shape[0]
    return float(np.sqrt(np.mean(image[n // 4:-n // 4, n // 4:-n // 4] ** 2)))


def compare(o, work):
    ms, stem, peer = o.ms or os.path.join(work, "x.ms"), os.path.join(work, "n"), os.path.join(work, "w")
    if not os.path.exists(ms):
        subprocess.run([o.program, "convert", o.group, "--ms", ms, "--quiet"], check=True)
    time_n, time_w = ours(o, stem), theirs(o, ms, peer)
    tail = "-MFS" if o.mode == "mfs" else ""
    rms_n, rms_w = rms(stem + "-residual.fits"), rms(peer + tail + "-residual.fits")
    with open(os.path.join(o.group, "truth.json")) as file:
        sources = [s for s in json.load(file)["sources"] if s["apparent_flux_jy"] > 20 * max(rms_n, rms_w)]
    flux = np.array([(s["apparent_flux_jy"], peak(o, stem + "-image.fits", s), peak(o, peer + tail + "-image.fits", s)) for s in sources])
    flux = flux[np.all(np.isfinite(flux), axis=1)]
    both, us, them = flux[:, 1] / flux[:, 2], flux[:, 1] / flux[:, 0], flux[:, 2] / flux[:, 0]
    print("%s, %d² x %g arcsec, %s, niter %d: ours %.1f s of processor time (%.1f s wall), WSClean %.1f (%.1f): %.1f x less"
          % (o.mode, o.imsize, o.cell, o.weighting, o.niter, *time_n, *time_w, time_w[0] / time_n[0]))
    for name, ratio in (("ours / WSClean", both), ("ours / truth", us), ("WSClean / truth", them)):
        print("  %-15s median %.4f, %.4f to %.4f, rms from 1 %.4f, of %d sources above 20 sigma" %
              (name, np.median(ratio), ratio.min(), ratio.max(), np.sqrt(np.mean((ratio - 1) ** 2)), len(ratio)))
    print("  residual rms %.4g mJy, WSClean %.4g" % (1e3 * rms_n, 1e3 * rms_w), flush=True)
    return abs(np.median(both) - 1) > 0.005 or rms_n > 1.01 * rms_w or time_w[0] < 6 * time_n[0]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("group")
    a.add_argument("--imsize", type=int, default=4096)
    a.add_argument("--cell", type=float, default=3)
    a.add_argument("--weighting", default="natural")
    a.add_argument("--robust", type=float, default=0.5)
    a.add_argument("--niter", type=int, default=1000)
    a.add_argument("--mode", choices=["points", "multiscale", "mfs"], default="points")
    a.add_argument("--ranks", type=int, default=2)
    a.add_argument("--ms")
    a.add_argument("--keep", help="directory for the products")
    o = a.parse_args()
    if o.keep:
        os.makedirs(o.keep, exist_ok=True)
        sys.exit(compare(o, o.keep))
    with tempfile.TemporaryDirectory() as work:
        sys.exit(compare(o, work))


if __name__ == "__main__":
    main()
