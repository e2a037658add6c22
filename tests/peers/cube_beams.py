#!/usr/bin/env python3
"""Beams of a cube's channels, as CASA reads them, beside those of the images of these channels.

  cube_beams.py PROGRAM [--keep DIR]
Run it with a Python that has casatools. CASA opens the FITS file, brings it into an image of its own, and writes that out again;
`fit` must measure the same in what CASA wrote. Prints a line a channel and exits 1 where something differs."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import casadata

options = argparse.ArgumentParser()
options.add_argument("program", type=os.path.abspath)
options.add_argument("--keep")
o = options.parse_args()
work = o.keep or tempfile.mkdtemp()
os.makedirs(work, exist_ok=True)
os.chdir(work)
with open("casasiteconfig.py", "w") as f:
    f.write(f"measurespath={casadata.datapath!r}\ndata_auto_update=False\nmeasures_auto_update=False\nnologfile=True\n")
os.environ["CASASITECONFIG"] = os.path.abspath("casasiteconfig.py")

from casatools import image  # noqa: E402


def run(*words):
    return subprocess.run([o.program, *(str(w) for w in words)], check=True, capture_output=True, text=True).stdout


def flux(name, *more):
    return json.loads(run("fit", name, "--at", "343.4,54.5", "--json", *more))["flux_jy"]


def beam(tool, channel):
    told = tool.restoringbeam(channel=channel)
    return [told[axis]["value"] for axis in ("major", "minor", "positionangle")]


run("simulate", "--out", "in", "--antennas", 9, "--integrations", 3, "--channels", 4, "--source", "343.4,54.5,1,-0.7")
run("image", "in", "-o", "g", "--imsize", 256, "--cell", 15, "--niter", 100, "--cube", 4)
wrong = 0
for how in ("opened", "imported"):
    cube = image()
    if how == "opened":
        cube.open("g-cube.fits")
    else:
        cube.fromfits("g.image", "g-cube.fits", overwrite=True)
    for channel in range(4):
        alone = image()
        alone.open(f"g-ch{channel:04d}-image.fits")
        ours, theirs = beam(alone, -1), beam(cube, channel)
        alone.done()
        apart = max(abs(a - b) for a, b in zip(ours, theirs))
        wrong += apart > 1e-3
        print(f"{how} channel {channel}: {theirs[0]:.3f} x {theirs[1]:.3f} arcsec, {theirs[2]:.2f} deg; apart by {apart:.1e}")
    cube.done()
cube = image()
cube.open("g.image")
cube.tofits("back.fits", overwrite=True)
cube.done()
for plane in range(1, 5):
    ours, back = flux(f"g-ch{plane - 1:04d}-image.fits"), flux("back.fits", "--plane", plane)
    wrong += abs(back / ours - 1) > 1e-4
    print(f"plane {plane}: {ours:.6f} Jy, of CASA's file {back:.6f} Jy")
sys.exit(1 if wrong else 0)
