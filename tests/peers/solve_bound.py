#!/usr/bin/env python3
"""How near the Cramér-Rao bound do the gains of `nocturne solve` come?

    solve_bound.py build/nocturne [--flux 5] [--rfi 0.03] [--antennas 32] [OPTIONS OF solve]   the bandpass, with interference in the data
    solve_bound.py build/nocturne --drift 20 [--solint 1 --prebp-solint 1]                      B times G at every integration, under a drift

The bound is that of the true gains and the true noise over the samples that are not flagged: the stated errors with the noise of χ² put right. What is taken
off before is one phase of all antennas, per channel and hand. Needs numpy and h5py.
"""
import argparse
import pathlib
import subprocess
import tempfile

import h5py
import numpy as np


def load(path, freq):
    with h5py.File(path) as f:
        tables = {}
        for k in range(int(f["n_tables"][()])):
            t = f[str(k)]
            at = [int(np.argmin(abs(t["freq_hz"][...] - x))) for x in freq] if t["freq_hz"].size > 1 else [0]
            tables[t["kind"][()].decode()] = {name: t[name][...][..., at] for name in ("gain", "amplitude_error", "phase_error_rad", "flag", "reduced_chi2")}
            tables[t["kind"][()].decode()]["time"] = t["interval_time_mjd_s"][...]
    return tables


def relative_errors(ratio, good):
    common = np.where(good, ratio / np.where(good, abs(ratio), 1), 0).sum(-3, keepdims=True)
    return ratio * np.conj(common) / np.where(abs(common) > 0, abs(common), 1) - 1


def report(error, variance_a, variance_p, good, noise):
    missed = np.sqrt((abs(error) ** 2)[good].mean())
    stated, bound = (np.sqrt(((variance_a + variance_p) * factor)[good].mean()) for factor in (1, noise))
    print(f"rms {missed:.5f}, {missed / bound:.4f} x the bound, {missed / stated:.4f} x stated; chi2 amplitude {(error.real ** 2 / variance_a)[good].mean():.4f}, "
          f"phase {(error.imag ** 2 / variance_p)[good].mean():.4f}; mean amplitude error {error.real[good].mean():.1e}")


def judge_bandpass(z, tables, weight):
    b = tables["B"]
    g, good = b["gain"][0], b["flag"][0] == 0
    error = relative_errors(g / np.transpose(z["gain"], (0, 2, 1)), good)
    chi2 = b["reduced_chi2"][0]
    noise = np.where(chi2 > 0, weight * z["sigma"] ** 2 / 2 / np.where(chi2 > 0, chi2, 1), 1)[None]
    with np.errstate(divide="ignore", invalid="ignore"):
        report(error, (b["amplitude_error"][0] / abs(g)) ** 2, b["phase_error_rad"][0] ** 2, good, np.broadcast_to(noise, g.shape))


def judge_product(z, tables):
    """Gains in time as `apply` has them: linear between the intervals' middles, the nearest outside."""
    b, g = tables["B"], tables["G"]
    n_times, n = len(z["drift"]), len(g["time"])
    member = np.arange(n_times) * n // n_times
    step = (g["time"][-1] - g["time"][0]) / (np.flatnonzero(member == n - 1).mean() - np.flatnonzero(member == 0).mean()) if n > 1 else 1
    time = g["time"][0] + step * (np.arange(n_times) - np.flatnonzero(member == 0).mean())
    gain = g["gain"][..., 0]
    run = lambda y: np.apply_along_axis(lambda v: np.interp(time, g["time"], v), 0, y)
    total = b["gain"][0][None] * (run(abs(gain)) * np.exp(1j * run(np.unwrap(np.angle(gain), axis=0))))[..., None]
    truth = np.transpose(z["gain"], (0, 2, 1))[None] * z["drift"][..., None]
    error = relative_errors(total / truth, np.ones(truth.shape, bool))
    amplitude = (b["amplitude_error"][0] / abs(b["gain"][0])) ** 2 + ((g["amplitude_error"][..., 0] / abs(gain)) ** 2)[member][..., None]
    phase = b["phase_error_rad"][0] ** 2 + (g["phase_error_rad"][..., 0] ** 2)[member][..., None]
    report(error, amplitude, phase, np.ones(truth.shape, bool), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--antennas", type=int, default=32)
    parser.add_argument("--flux", type=float, default=8.3)
    parser.add_argument("--rfi", type=float, default=0)
    parser.add_argument("--drift", type=float, default=0)
    parser.add_argument("--seed", type=int, default=5)
    o, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        simulate = ["simulate", "--out", work / "g", "--nants", o.antennas, "--integrations", 24, "--subbands", 2, "--dec", 54.6, "--noise", "--seed", o.seed,
                    "--source", f"202.78,54.6,{o.flux}", "--ra", 202.78, "--gain-std", 0.15, "--phase-std-deg", 60, "--bandpass", 0.1]
        simulate += ["--rfi", o.rfi] if o.rfi else []
        simulate += ["--drift-phase-deg", o.drift] if o.drift else []
        solve = ["solve", work / "g", "--model", work / "g/truth/sources.csv", "--out", work / "s.h5", "--types", "B,G" if o.drift else "B"]
        solve += more + ([] if o.rfi else ["--no-flag"])
        for words in (simulate, solve):
            done = subprocess.run([o.program, *map(str, words), "--quiet"], stdout=subprocess.DEVNULL)
            if done.returncode not in (0, 3):
                raise SystemExit(done.returncode)
        with np.load(work / "g/truth/gains.npz") as z:
            tables = load(work / "s.h5", z["freq"])
            with h5py.File(next((work / "g").glob("*.hdf5"))) as f:
                weight = float(f["Data/nsamples"][0, 0, 0] if f["Data/nsamples"].ndim == 3 else f["Data/nsamples"][0, 0, 0, 0])
            judge_product(z, tables) if o.drift else judge_bandpass(z, tables, weight)


if __name__ == "__main__":
    main()
