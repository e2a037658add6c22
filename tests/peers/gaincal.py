#!/usr/bin/env python3
"""`nocturne solve` beside DP3's gaincal: the same Measurement Set, the same MODEL_DATA, the same intervals; diagonal and full Jones.

    gaincal.py build/nocturne SET.ms[=MODEL_COLUMN] ... [--solint SAMPLES] [--noise SHARE]

Each set is copied. Its model is MODEL_COLUMN where one is named, else MODEL_DATA where it is there, else 1 Jy in the centre. With --noise each set is
solved a second time with DATA made of the model, random Jones matrices (leakages of 0.1) and noise of that share of the model's rms. Printed is
the residual sum of w |V - J1 M J2^H|^2 over the samples that both have solutions for, ours over DP3's, which must not exceed 1.02; and how far the gains
are apart, what no data fix taken off.

Needs DP3's Python module, python-casacore, h5py, numpy.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from casacore.tables import makearrcoldesc, table

GOAL = 1.02


class Set:
    """The samples of a Measurement Set: cross-correlations by row, [row][channel][2][2]."""

    def __init__(self, path):
        self.path = path
        with table(str(path), ack=False) as t:
            self.ant1, self.ant2, self.time = t.getcol("ANTENNA1"), t.getcol("ANTENNA2"), t.getcol("TIME")
            self.interval = t.getcol("INTERVAL")[0]
            self.vis = t.getcol("DATA").astype(complex)
            self.model = t.getcol("MODEL_DATA").astype(complex)
            flag = t.getcol("FLAG").any(-1) | t.getcol("FLAG_ROW")[:, None]
            if "WEIGHT_SPECTRUM" in t.colnames():
                weight = t.getcol("WEIGHT_SPECTRUM")
            else:
                weight = np.broadcast_to(t.getcol("WEIGHT")[:, None, :], self.vis.shape)
        good = ~flag & (weight > 0).all(-1) & (self.vis != 0).any(-1) & np.isfinite(self.vis).all(-1)
        self.weight = np.where(good, 4 / (1 / np.where(weight > 0, weight, 1)).sum(-1), 0)
        self.weight[self.ant1 == self.ant2] = 0
        self.slot = np.searchsorted(np.unique(self.time), self.time)
        with table(str(path / "ANTENNA"), ack=False) as t:
            self.names = t.getcol("NAME")

    def residual(self, jones, solint, used):
        """jones [slot][channel or 1][antenna][2][2]."""
        slot = self.slot // solint
        channel = np.arange(self.vis.shape[1]) if jones.shape[1] > 1 else np.zeros(self.vis.shape[1], int)
        one, two = (jones[slot[:, None], channel[None, :], a[:, None]] for a in (self.ant1, self.ant2))
        fit = one @ self.model.reshape(self.vis.shape[:2] + (2, 2)) @ np.conj(np.swapaxes(two, -1, -2))
        left = (abs(self.vis.reshape(fit.shape) - fit) ** 2).sum((-1, -2))
        good = (self.weight > 0) & np.isfinite(left)
        return left, good if used is None else good & used


def copy_regular(source, path):
    """DP3 wants a grid of times: integrations (times within 0.2 s are one) that have all baselines are kept, and set evenly where they are not."""
    with table(source, ack=False) as t:
        time, one, two = t.getcol("TIME"), t.getcol("ANTENNA1"), t.getcol("ANTENNA2")
        order = np.lexsort((two, one, time))
        starts = np.concatenate(([True], np.diff(time[order]) > 0.2))
        integration = np.empty(len(time), int)
        integration[order] = np.cumsum(starts) - 1
        whole = [k for k in range(integration.max() + 1) if (integration == k).sum() == len(set(zip(one, two)))]
        steps = np.diff([time[integration == k].mean() for k in whole])
        even = len(whole) == integration.max() + 1 and (len(steps) == 0 or np.ptp(steps) < 0.01 * steps.mean())
        if even:
            shutil.copytree(source, path)
        else:
            rows = [r for r in np.lexsort((two, one, integration)) if integration[r] in whole]
            t.selectrows(rows).copy(str(path), deep=True).close()
    subprocess.run(["chmod", "-R", "u+w", str(path)], check=True)
    if not even:
        with table(str(path), readonly=False, ack=False) as t:
            place = np.repeat(np.arange(len(whole)), len(rows) // len(whole))
            for column in ("TIME", "TIME_CENTROID"):
                t.putcol(column, time.min() + 10.0 * place)
            for column in ("INTERVAL", "EXPOSURE"):
                t.putcol(column, np.full(len(rows), 10.0))


def prepare(source, column, path):
    copy_regular(source, path)
    with table(str(path), readonly=False, ack=False) as t:
        data = t.getcol("DATA")
        model = np.zeros_like(data)
        if column and column != "MODEL_DATA":
            model = t.getcol(column)
        elif "MODEL_DATA" in t.colnames():
            model = t.getcol("MODEL_DATA")
        else:
            model[..., 0] = model[..., 3] = 1
        if "MODEL_DATA" not in t.colnames():
            t.addcols(makearrcoldesc("MODEL_DATA", 0j, ndim=2, shape=list(data.shape[1:]), valuetype="complex"))
        t.putcol("MODEL_DATA", model)
        if "WEIGHT_SPECTRUM" not in t.colnames():
            t.addcols(makearrcoldesc("WEIGHT_SPECTRUM", 0.0, ndim=2, shape=list(data.shape[1:]), valuetype="float"))
            t.putcol("WEIGHT_SPECTRUM", np.broadcast_to(t.getcol("WEIGHT")[:, None, :], data.shape).copy())


def corrupt(path, share, off_diagonal):
    rng = np.random.default_rng(1)
    with table(str(path), readonly=False, ack=False) as t:
        a1, a2, model = t.getcol("ANTENNA1"), t.getcol("ANTENNA2"), t.getcol("MODEL_DATA").astype(complex)
        n = max(a1.max(), a2.max()) + 1
        z = rng.normal(size=(n, 2, 2)) + 1j * rng.normal(size=(n, 2, 2))
        j = off_diagonal * z
        for k in range(2):
            j[:, k, k] = (1 + 0.1 * z[:, k, k].real) * np.exp(0.8j * z[:, k, k].imag)
        v = j[a1][:, None] @ model.reshape(model.shape[:2] + (2, 2)) @ np.conj(np.swapaxes(j[a2], -1, -2))[:, None]
        v = v.reshape(model.shape)
        size = share * np.sqrt((abs(model[..., [0, 3]]) ** 2).mean() / 2)
        t.putcol("DATA", v + size * (rng.normal(size=v.shape) + 1j * rng.normal(size=v.shape)))
        t.putcol("FLAG", np.zeros(v.shape, bool))
        t.putcol("FLAG_ROW", np.zeros(len(a1), bool))
        t.putcol("WEIGHT_SPECTRUM", np.ones(v.shape, np.float32))


def dp3(path, kind, solint, channels, work):
    out = work / "dp3.h5"
    out.unlink(missing_ok=True)
    words = [f"msin={path}", "msin.autoweight=false", "msin.baseline=*&", "msout=", "steps=[g]", "g.type=gaincal", f"g.caltype={kind}",
             f"g.solint={solint}", f"g.nchan={channels}", "g.usemodelcolumn=true", "g.modelcolumn=MODEL_DATA", f"g.parmdb={out}",
             "g.maxiter=500", "g.tolerance=1e-7", "g.propagatesolutions=false", "numthreads=1"]
    code = "import sys; from dp3 import entrypoint; sys.argv[0] = 'DP3'; sys.exit(entrypoint())"
    done = subprocess.run([sys.executable, "-c", code, *words], env=dict(os.environ, OPENBLAS_NUM_THREADS="1"), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"DP3 gaincal on {path}: {(done.stdout + done.stderr)[-600:]}")
    with h5py.File(out) as f:
        amplitude, phase = f["sol000/amplitude000"], f["sol000/phase000"]
        axes = amplitude["val"].attrs["AXES"].decode().split(",")
        value = amplitude["val"][...] * np.exp(1j * phase["val"][...])
        value[amplitude["weight"][...] == 0] = np.nan
        names = [s.decode() for s in amplitude["ant"][...]]
    value = np.moveaxis(value, [axes.index(a) for a in ("time", "freq", "ant", "pol") if a in axes], range(4 if "freq" in axes else 3))
    if "freq" not in axes:
        value = value[:, None]
    return value, names


def ours(program, path, kind, solint, channels, one, work):
    out = work / "ours.h5"
    words = [program, "solve", path, "--model-column", "MODEL_DATA", "--out", out, "--no-flag", "--quiet", "--minsnr", 0, "--max-iterations",
             500, "--tolerance", 1e-6, "--solint", solint * one.interval, "--follow-drift", "false"]
    if kind == "diagonal":
        words += ["--types", "G" if channels == 0 else "B", "--prebp-solint", 0 if channels else solint * one.interval]
    else:
        words += ["--types", "J", "--jones-channels", channels]
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode not in (0, 3):  # 3: their quality is judged, too
        sys.exit(f"{' '.join(str(w) for w in words)}\n{done.stderr}")
    with h5py.File(out) as f:
        t = f["0"]
        gain, flag = t["gain"][...], t["flag"][...].astype(bool)
        names = [s.decode() for s in t["antenna_names"][...]]
    gain = np.where(flag, np.nan, gain)  # [interval][antenna][correlation][channel]
    return np.moveaxis(gain, 3, 1), names


def matrices(values, names, all_names):
    """[slot][channel][antenna][2][2]"""
    full = np.full(values.shape[:2] + (len(all_names), 2, 2), np.nan, complex)
    for k, name in enumerate(names):
        at = all_names.index(name)
        if values.shape[3] == 4:
            full[:, :, at] = values[:, :, k].reshape(values.shape[:2] + (2, 2))
        else:
            full[:, :, at] = 0
            full[:, :, at, 0, 0], full[:, :, at, 1, 1] = values[:, :, k, 0], values[:, :, k, -1]
    return full


def apart(mine, theirs, free):
    """rms of mine U - theirs over that of theirs, U the best of what is free."""
    worst = 0
    for a, b in zip(mine.reshape((-1,) + mine.shape[2:]), theirs.reshape((-1,) + theirs.shape[2:])):
        good = np.isfinite(a).all((1, 2)) & np.isfinite(b).all((1, 2))
        if not good.any():
            continue
        a, b = a[good], b[good]
        m = (np.conj(np.swapaxes(a, -1, -2)) @ b).sum(0)
        if free == "unitary":
            left, _, right = np.linalg.svd(m)
            u = left @ right
        else:
            turn = np.diag(m) if free == "phases" else np.full(2, np.trace(m))
            u = np.diag(turn / abs(turn))
        worst = max(worst, np.sqrt((abs(a @ u - b) ** 2).sum() / (abs(b) ** 2).sum()))
    return worst


def compare(program, path, solint, label):
    one = Set(path)
    n_times = len(np.unique(one.time))
    parallel = one.model.reshape(-1, 2, 2)
    cross = (abs(parallel[:, 0, 1]) ** 2 + abs(parallel[:, 1, 0]) ** 2).sum() / (abs(parallel) ** 2).sum()
    equal = (abs(parallel[:, 0, 0] - parallel[:, 1, 1]) ** 2).sum() / (abs(parallel) ** 2).sum()
    failed = False
    for kind in ("diagonal", "fulljones"):
        for step, channels in ((solint, 0), (n_times, 1)):
            with tempfile.TemporaryDirectory() as name:
                work = pathlib.Path(name)
                theirs = matrices(*dp3(path, kind, step, channels, work), one.names)
                mine = matrices(*ours(program, path, kind, step, channels, one, work), one.names)
            peer, good = one.residual(theirs, step, None)
            # sets whose UVW are r2 - r1 (LOFAR, OSKAR) are read without conjugation: their gains are the conjugates
            tries = [(one.residual(m, step, good), m) for m in (mine, np.conj(mine))]
            sums = [(one.weight * np.where(g, left, 0)).sum() / max(1, (one.weight * g).sum()) for (left, g), _ in tries]
            best = int(np.argmin(sums))
            left, used = tries[best][0]
            ratio = (one.weight * np.where(used, left, 0)).sum() / (one.weight * np.where(used, peer, 0)).sum()
            data = (one.weight * np.where(used, (abs(one.vis) ** 2).sum(-1), 0)).sum()
            share = (one.weight * np.where(used, peer, 0)).sum() / data
            free = "phases" if kind == "diagonal" else "phase" if cross > 1e-6 else "phases" if equal > 1e-6 else "unitary"
            print(f"{label} {kind}, {step} times, {'one channel' if channels else 'the band'}: residual {ratio:.4f} x DP3's ({share:.3g} of the "
                  f"data's power), gains apart {apart(tries[best][1], theirs, free):.1e}, samples {used.sum()} of {good.sum()} of {(one.weight > 0).sum()}")
            failed |= not ratio <= GOAL
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--solint", type=int, default=3)
    parser.add_argument("--noise", type=float, default=0)
    o = parser.parse_args()
    failed = False
    for source in o.sets:
        path, _, column = source.partition("=")
        with tempfile.TemporaryDirectory() as name:
            copy = pathlib.Path(name) / "copy.ms"
            prepare(path, column, copy)
            failed |= compare(o.program, copy, o.solint, pathlib.Path(path).name)
            for leak in (0, 0.1) if o.noise > 0 else ():
                corrupt(copy, o.noise, leak)
                failed |= compare(o.program, copy, o.solint, f"{pathlib.Path(path).name}, its model made worse (leakage {leak})")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
