#!/usr/bin/env python3
"""Dirty images against the exact sum over the visibilities that went into them.

For a simulated group and each file given: `nocturne image --keep-visibilities`, then the float64 sum
  sum w Re(V exp(-2 pi i f/c (u l + v m + w (n-1)))) / sum w
at random pixels (fixed seed), at the brightest pixels, and on edges and corners; relative L2 of each set against epsilon.

  exact_sum.py PROGRAM [--files FILE ...] [--cell 6] [--imsize 1024] [--pixels 1000] [--antennas 40]
  exact_sum.py PROGRAM --hard     Briggs weights on groups of which one sample in 10,000 is thirty times too large and a fifth of the
                                  channels and stretches of time are flagged, declinations 16 to 80, fields of 1.7 to 6.8 degrees
Needs numpy and astropy, with --hard h5py. Prints a line per image and exits 1 where a set exceeds its epsilon."""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits

C = 299792458.0


def exact(visibilities, l, m):
    uvw, freq, vis, weight = (visibilities[k] for k in ("uvw_m", "freq_hz", "vis", "weight"))
    used = weight.sum(1) > 0
    uvw, weighted = uvw[used], (vis[used].astype(complex) * weight[used])
    k = -2j * np.pi * freq / C
    n1 = np.sqrt(1 - l * l - m * m) - 1
    total = np.empty(len(l))
    for i in range(len(l)):
        total[i] = np.sum((weighted * np.exp((uvw @ [l[i], m[i], n1[i]])[:, None] * k)).real)
    return total / weight.sum(dtype=float)


def sets_of_pixels(image, count):
    n = image.shape[0]
    random = np.random.default_rng(1)
    side, along = random.integers(0, 4, count // 4), random.integers(0, n, count // 4)
    along[:4], side[:4] = (0, 0, n - 1, n - 1), (0, 1, 0, 1)
    bright = np.argsort(image.ravel())[-50:]
    return {"random": random.integers(0, n, (2, count)),
            "edge": (np.choose(side, (0 * along, 0 * along + n - 1, along, along)), np.choose(side, (along, along, 0 * along, 0 * along + n - 1))),
            "source": (bright % n, bright // n)}


def compare(o, inputs, words, epsilon, work):
    stem, npz = os.path.join(work, "i"), os.path.join(work, "i.npz")
    subprocess.run([o.program, "image", *inputs, "--out", stem, "--epsilon", epsilon, "--keep-visibilities", npz, "--quiet",
                    "--imsize", str(o.imsize), *words], check=True, stdout=subprocess.DEVNULL)
    hdu = fits.open(stem + "-dirty.fits")[0]
    image, cell = hdu.data.squeeze().astype(float), np.radians(hdu.header["CDELT2"])
    visibilities, errors = np.load(npz), {}
    for name, (x, y) in sets_of_pixels(image, o.pixels).items():
        half = image.shape[0] // 2
        truth = exact(visibilities, -(x - half) * cell, (y - half) * cell)
        errors[name] = np.linalg.norm(image[y, x] - truth) / np.linalg.norm(truth)
    good = max(errors.values()) <= float(epsilon)
    print("%-60s eps %s " % (" ".join([os.path.basename(inputs[0])] + words).replace("--", ""), epsilon)
          + "  ".join("%s %.2g" % e for e in errors.items()) + ("" if good else "   MISSED"), flush=True)
    return good


def spoil(directory):
    import h5py
    random = np.random.default_rng(3)
    for name in sorted(os.listdir(directory)):
        if not name.endswith(".hdf5"):
            continue
        with h5py.File(os.path.join(directory, name), "r+") as file:
            vis, flags = file["Data/visdata"], file["Data/flags"]
            values, marks = vis[...], flags[...]
            where = random.random(values.shape) < 1e-4
            if values.dtype.fields:
                for part in values.dtype.names:
                    values[part][where] *= 30
            else:
                values[where] *= 30
            rows, channels = values.shape[0], values.shape[-2]
            marks[..., random.choice(channels, max(1, channels // 10), replace=False), :] = True
            marks[random.random(rows) < 0.1] = True
            vis[...], flags[...] = values, marks


def hard(o, work):
    good = True
    for dec in ("16", "37.2", "54.6", "80"):
        group = os.path.join(work, "group" + dec)
        subprocess.run([o.program, "simulate", "--out", group, "--antennas", str(o.antennas), "--integrations", "8", "--channels", "12",
                        "--dec", dec, "--random-sources", "12", "--seed", "5", "--noise", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        spoil(group)
        for cell in ("3", "6", "12"):
            for epsilon in ("1e-4", "1e-6"):
                good &= compare(o, [group], ["--weighting", "briggs", "--robust", "0.5", "--cell", cell, "--only", "zeros,autocorr"], epsilon, work)
    return good


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--files", nargs="*", default=[])
    a.add_argument("--cell", default="6")
    a.add_argument("--file-cell", default="60", help="arcsec, for the files")
    a.add_argument("--imsize", type=int, default=1024)
    a.add_argument("--pixels", type=int, default=1000)
    a.add_argument("--antennas", type=int, default=40)
    a.add_argument("--hard", action="store_true")
    o = a.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as work:
        if o.hard:
            sys.exit(0 if hard(o, work) else 1)
        group = os.path.join(work, "group")
        subprocess.run([o.program, "simulate", "--out", group, "--antennas", str(o.antennas), "--integrations", "8", "--channels", "12",
                        "--random-sources", "12", "--seed", "5", "--zeros", "0.02", "--noise", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        for compress in ("on", "off"):
            for epsilon in ("1e-2", "1e-3", "1e-4", "1e-5", "1e-6"):
                good &= compare(o, [group], ["--weighting", "natural", "--cell", o.cell, "--compress", compress], epsilon, work)
        for words in (["--weighting", "uniform"], ["--weighting", "briggs", "--robust", "0"]):
            good &= compare(o, [group], words + ["--cell", o.cell], "1e-4", work)
        for path in o.files:
            good &= compare(o, [path], ["--weighting", "natural", "--cell", o.file_cell], "1e-4", work)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
