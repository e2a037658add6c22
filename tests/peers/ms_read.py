#!/usr/bin/env python3
"""Measurement Sets as `nocturne dump` and `nocturne image` read them, against python-casacore's and pyuvdata's reading.

For each set, and for copies of it with shuffled rows, missing rows, exchanged antennas, descending channels and every third row
flagged: every sample of DATA, FLAG, WEIGHT_SPECTRUM (else WEIGHT), UVW, TIME and EXPOSURE is looked up, row by row; and the
dirty image with natural weights is compared with the float64 sum over the columns as casacore has them,
  sum w Re(V exp(-2 pi i f/c UVW.(l, m, n-1))) / sum w,   V = DATA, UVW as stored,
at random pixels: relative L2 below 1e-4. pyuvdata reads the sets as they are; where it has UVW opposite to the antennas
(LOFAR, OSKAR), V is the conjugate of ours and that is said.

  ms_read.py PROGRAM MS [MS ...] [--cell ARCSEC] [--keep DIR]
Needs numpy, astropy, pyuvdata, python-casacore. A line per set; exit 1 where one differs."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings

import casacore.tables as ct
import numpy as np
from astropy.coordinates import EarthLocation
from astropy.io import fits

from ms_copies import COPIES

warnings.filterwarnings("ignore")
EarthLocation.get_site_names = classmethod(lambda cls, *a, **k: [])  # pyuvdata would fetch a list of sites
C = 299792458.0
CASA = {1: 1, 2: 2, 3: 3, 4: 4, 5: -1, 6: -3, 7: -4, 8: -2, 9: -5, 10: -7, 11: -8, 12: -6}  # CORR_TYPE to AIPS


def columns(path):
    with ct.table(path, ack=False) as t:
        c = {k: t.getcol(k) for k in ("TIME", "EXPOSURE", "ANTENNA1", "ANTENNA2", "UVW", "DATA", "FLAG", "FLAG_ROW")}
        try:
            c["W"] = t.getcol("WEIGHT_SPECTRUM")
        except RuntimeError:
            c["W"] = np.repeat(t.getcol("WEIGHT")[:, None, :], c["DATA"].shape[1], 1)
    with ct.table(path + "/SPECTRAL_WINDOW", ack=False) as t:
        c["FREQ"] = t.getcol("CHAN_FREQ")[0]
    with ct.table(path + "/POLARIZATION", ack=False) as t:
        c["POL"] = [CASA[int(p)] for p in t.getcol("CORR_TYPE")[0]]
    c["FLAG"] |= c["FLAG_ROW"][:, None, None]
    c["FLAG"] |= ~(np.isfinite(c["W"]) & (c["W"] > 0))
    c["W"] = np.where(c["FLAG"] & ~(c["W"] > 0), 0, c["W"])
    return c


# ---- comparisons ----------------------------------------------------------------------------------------------------------

def dump(program, path, work):
    out = os.path.join(work, "d.npz")
    subprocess.run([program, "dump", path, "--out", out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    with np.load(out) as z:
        d = {k: z[k] for k in z.files}
    d["header"] = json.loads(bytes(d["header_json"]).decode())
    return d


def cells_of(d):
    """(time, ant1, ant2) → (integration, baseline) of every sample, by times to 0.1 ms."""
    h = d["header"]
    nt, nb = d["vis"].shape[:2]
    present = np.array(h["present"] or np.ones(nt * nb)).reshape(nt, nb)
    moment_of = h["moment_of"] and np.array(h["moment_of"]).reshape(nt, nb)
    times = [m[0] if isinstance(m, list) else m for m in h["moments"]] if isinstance(h["moments"], list) else h["moments"]["time_mjd_s"]
    baselines = np.array(h["baselines"]).reshape(-1, 2)
    cells = {}
    for t, b in zip(*np.nonzero(present)):
        m = moment_of[t, b] if len(moment_of) else t
        cells.setdefault((round(times[m] * 1e3), *baselines[b]), []).append((t, b))
    return cells


def compare(d, c):
    order = np.argsort(c["FREQ"], kind="stable")
    mirrored = d["header"]["mirrored"]
    problems = []
    if not np.array_equal(c["FREQ"][order], d["freq_hz"]):
        problems.append("FREQ")
    cells = cells_of(d)
    nb = d["vis"].shape[1]
    uvw = np.array(d["header"]["file_uvw_m"]).reshape(-1, nb, 3)
    exposure = np.array(d["header"]["exposure_s"] or np.repeat(d["header"]["integration_s"], nb)).reshape(-1, nb)
    turned = {-7: -8, -8: -7, -3: -4, -4: -3}
    for r in range(len(c["TIME"])):
        a, b = c["ANTENNA1"][r], c["ANTENNA2"][r]
        swap = a > b
        found = [cells.get((round(c["TIME"][r] * 1e3) + k, min(a, b), max(a, b))) for k in (0, -1, 1)]
        found = next((f for f in found if f), None)
        if not found:
            problems.append("row %d is nowhere" % r)
            break
        t, n = found.pop(0)
        to = [c["POL"].index(turned.get(p, p) if swap else p) for p in c["POL"]]
        v, f, w = c["DATA"][r][order], c["FLAG"][r][order], c["W"][r][order]
        if bool(swap) == bool(mirrored):
            v = v.conj()
        sign = -1 if bool(swap) == bool(mirrored) else 1
        for name, ours, theirs in (("DATA", d["vis"][t, n][:, to], v), ("FLAG", d["flag"][t, n][:, to] != 0, f),
                                   ("WEIGHT", d["nsamples"][t, n][:, to], w), ("UVW", uvw[t, n], sign * c["UVW"][r]),
                                   ("EXPOSURE", exposure[t, n], c["EXPOSURE"][r])):
            if not np.array_equal(ours, theirs, equal_nan=True):
                problems.append(name)
    if sum(len(v) for v in cells.values()):
        problems.append("%d samples of no row" % sum(len(v) for v in cells.values()))
    return sorted(set(problems))


def stokes_i(c):
    """V and weight of what is imaged: the mean of the parallel hands, weight their harmonic mean; cross-correlations only."""
    hands = [c["POL"].index(p) for p in ((-5, -6) if -5 in c["POL"] and -6 in c["POL"] else (-1, -2) if -1 in c["POL"] and -2 in c["POL"] else (c["POL"][0],))]
    v, f, w = c["DATA"][:, :, hands], c["FLAG"][:, :, hands], c["W"][:, :, hands].astype(float)
    good = ~f.any(2) & np.isfinite(v).all(2) & (v != 0).all(2) & (c["ANTENNA1"] != c["ANTENNA2"])[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(good, len(hands) / (1 / w).sum(2), 0)
    return np.where(good, v.astype(complex).mean(2), 0), weight


def image_error(program, path, c, cell, work):
    stem = os.path.join(work, "i")
    subprocess.run([program, "image", path, "--out", stem, "--imsize", "256", "--cell", str(cell), "--weighting", "natural", "--only", "zeros,autocorr",
                    "--quiet"], check=True, stdout=subprocess.DEVNULL)
    hdu = fits.open(stem + "-dirty.fits")[0]
    image, step = hdu.data.squeeze().astype(float), np.radians(hdu.header["CDELT2"])
    x, y = np.random.default_rng(1).integers(0, 256, (2, 200))
    l, m = -(x - 128) * step, (y - 128) * step
    v, w = stokes_i(c)
    truth = np.empty(len(l))
    for i in range(len(l)):
        phase = (c["UVW"] @ [l[i], m[i], np.sqrt(1 - l[i] ** 2 - m[i] ** 2) - 1])[:, None] * c["FREQ"][None] / C
        truth[i] = np.sum(w * (v * np.exp(-2j * np.pi * phase)).real) / w.sum()
    return np.linalg.norm(image[y, x] - truth) / np.linalg.norm(truth)


def against_pyuvdata(path, d):
    from pyuvdata import UVData
    uv = UVData()
    uv.read_ms(path, ignore_single_chan=False, raise_error=False, run_check=False)
    cells = cells_of(d)
    order, mirrored = np.argsort(uv.freq_array), d["header"]["mirrored"]
    pols = [list(uv.polarization_array).index(p) for p in d["header"]["correlations"]]
    different = 0
    for r in range(uv.Nblts):
        if uv.ant_1_array[r] > uv.ant_2_array[r]:
            return "has exchanged rows"
        time = round((uv.time_array[r] - 2400000.5) * 86400e3)
        t, n = next(f for f in (cells.get((time + k, uv.ant_1_array[r], uv.ant_2_array[r])) for k in (0, -1, 1)) if f).pop(0)
        v = uv.data_array[r][order][:, pols]
        different += not np.array_equal(d["vis"][t, n], v.conj() if mirrored else v, equal_nan=True)
        different += not np.array_equal(d["flag"][t, n] != 0, uv.flag_array[r][order][:, pols])
    return ("its V conjugated; " if mirrored else "") + ("equal" if different == 0 else "%d rows DIFFER" % different)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--cell", type=float, default=1)
    parser.add_argument("--keep")
    o = parser.parse_args()
    failed = 0
    for path in o.sets:
        for name, make in COPIES.items():
            with tempfile.TemporaryDirectory(dir=o.keep) as work:
                copy = os.path.join(work, "x.ms")
                if make:
                    make(path, copy)
                here = copy if make else path
                c, d = columns(here), dump(o.program, here, work)
                problems = compare(d, c)
                error = image_error(o.program, here, c, o.cell, work)
                other = against_pyuvdata(here, d) if not make else ""
                bad = problems or error > 1e-4 or "DIFFER" in other
                failed += bool(bad)
                print("%-40s %-18s %6d rows  columns %s  image %.1e  %s%s" % (
                    os.path.basename(path.rstrip("/"))[:40], name, len(c["TIME"]), ", ".join(problems) or "equal", error,
                    other and "pyuvdata " + other, "   MISSED" if bad else ""), flush=True)
    return failed > 0


sys.exit(main())
