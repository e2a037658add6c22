#!/usr/bin/env python3
"""Are the errors that `nocturne solve` states for delays (K) and gains (G) those it makes? chi² of (solved − true) / stated over many
simulated groups with steady gains. A single group of 32 antennas scatters by 0.2 (its 64 delays and 128 gains per interval share
their noise), so only the mean over groups says anything.

    solve_errors.py build/nocturne [--antennas 32] [--groups 30]

Needs numpy and h5py. Exits 1 where a mean lies more than three of its own errors outside 0.95 … 1.05.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np


def make(program, work, kind, antennas, seed):
    simulate = [program, "simulate", "--out", work / "group", "--nants", antennas, "--integrations", 10, "--subbands", 2, "--dec", 54.6,
                "--noise", "--seed", seed, "--quiet", "--source", "202.78,54.6,8.3", "--ra", 202.78, "--gain-std", 0.15,
                "--phase-std-deg", 60]
    if kind == "K":
        simulate += ["--delay-std-ns", 3]
    solve = [program, "solve", work / "group", "--model", work / "group/truth/sources.csv", "--out", work / "solved.h5", "--no-flag",
             "--quiet", "--types", kind]
    for command in (simulate, solve):
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)


def truth(work):
    with np.load(work / "group/truth/gains.npz") as z:
        order = np.argsort(z["freq"])
        return z["freq"][order], z["gain"][:, order]


def chi2_delays(work, table):
    freq, gain = truth(work)
    x = freq - freq.mean()
    delay = np.einsum("acp,c->ap", np.unwrap(np.angle(gain), axis=1), x) / (x * x).sum() / (2 * np.pi)
    missed = table["delay_s"][0, :, :, 0] - delay
    return [((missed - missed.mean(0)) ** 2 / table["delay_error_s"][0, :, :, 0] ** 2).mean()]


def chi2_gains(work, table):
    ratio = table["gain"][..., 0] / truth(work)[1].mean(1)[None]
    common = (ratio / abs(ratio)).sum(1, keepdims=True)
    ratio = ratio * np.conj(common) / abs(common)
    relative = table["amplitude_error"][..., 0] / abs(table["gain"][..., 0])
    return [((ratio.real - 1) ** 2 / relative ** 2).mean(), (ratio.imag ** 2 / table["phase_error_rad"][..., 0] ** 2).mean()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--antennas", type=int, default=32)
    parser.add_argument("--groups", type=int, default=30)
    o = parser.parse_args()
    wrong = False
    for kind, measure, names in (("K", chi2_delays, ["delay"]), ("G", chi2_gains, ["amplitude", "phase"])):
        values = []
        for seed in range(1, o.groups + 1):
            with tempfile.TemporaryDirectory() as name:
                work = pathlib.Path(name)
                make(o.program, work, kind, o.antennas, seed)
                with h5py.File(work / "solved.h5") as f:
                    values.append(measure(work, f["0"]))
        mean, error = np.mean(values, 0), np.std(values, 0) / np.sqrt(len(values))
        for i, what in enumerate(names):
            print(f"{kind} {what:9s} {o.antennas} antennas, {o.groups} groups: chi2 {mean[i]:.3f} +- {error[i]:.3f}")
            wrong |= abs(mean[i] - 1) > 0.05 + 3 * error[i]
    sys.exit(int(wrong))


if __name__ == "__main__":
    main()
