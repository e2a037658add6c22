#!/usr/bin/env python3
"""Flags against the truth, and beside AOFlagger's.

Simulated groups, and one with an injection of its own: narrow, broad, ramped and short interference of 1.5 to 100 sigma in 8 % of
the cells, on all baselines (phase random per integration and baseline), on three antennas alone and on some baselines alone; in an
empty field and beside a calibrator of 8.3 Jy.
Recall, precision, false positives and Cohen's kappa per sample of a baseline (correlations joined), of `nocturne flag` by both
presets and of AOFlagger's generic strategy (needs libaoflagger; without it that column is left out), on the same baselines.

  flagging.py PROGRAM [--antennas 32] [--baselines 60] [--integrations 24] [--subbands 16] [--channels 48] [--seed 5]
Needs numpy and h5py. Exits 1 where flags are worse than the goals."""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SIGMA_JY = 2.3  # about the noise of a real part of DSA-110; the simulator's own sigma is read from the truth
HERE = pathlib.Path(__file__).resolve().parent


def run(*words):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout


class Group:
    """Visibilities [baseline][integration][channel][correlation] of a directory of subbands, channels ascending."""

    def __init__(self, directory):
        self.files = sorted(pathlib.Path(directory).glob("*_sb??.hdf5"))
        freqs = []
        for path in self.files:
            with h5py.File(path) as f:
                freqs.append(np.asarray(f["Header/freq_array"]).ravel())
                if path == self.files[0]:
                    self.nt = len(np.unique(np.asarray(f["Header/time_array"])))
                    n = f["Data/visdata"].shape[0] // self.nt
                    self.ants = np.stack([f["Header/ant_1_array"][:n], f["Header/ant_2_array"][:n]], 1)
        self.place = np.empty(sum(map(len, freqs)), int)
        self.place[np.argsort(np.concatenate(freqs))] = np.arange(len(self.place))
        self.n = [len(f) for f in freqs]
        self.freq_hz = np.sort(np.concatenate(freqs))

    def each(self, visit, mode="r"):
        first = 0
        for path, n in zip(self.files, self.n):
            with h5py.File(path, mode) as f:
                visit(f["Data/visdata"], self.place[first:first + n])
            first += n

    def planes(self, baselines):
        out = np.empty((len(baselines), self.nt, len(self.place), 2), np.complex64)

        def take(data, channels):
            all_rows = data[...].reshape(self.nt, -1, len(channels), 2)
            out[:, :, channels] = all_rows[:, baselines].transpose(1, 0, 2, 3)
        self.each(take)
        return out


def events(rng, nt, nc, share):
    """Amplitudes [integration][channel] in sigma."""
    jy = np.zeros((nt, nc), np.float32)
    while (jy > 0).mean() < share:
        a = 1.5 * (100 / 1.5) ** rng.random()
        kind = rng.integers(4)
        if kind == 0:  # narrow, lasting
            c, w = rng.integers(nc - 3), rng.integers(1, 4)
            t0, t1, course = 0, nt, np.ones(nt)
        elif kind == 1:  # broad, short
            w = rng.integers(min(20, nc // 12), nc // 6 + 1 if nc < 240 else nc // 6)
            c = rng.integers(nc - w)
            t0 = rng.integers(nt)
            t1, course = min(nt, t0 + rng.integers(1, 3)), np.ones(nt)
        elif kind == 2:  # ramped
            w = rng.integers(2, 6)
            c = rng.integers(nc - w)
            t0, t1, course = 0, nt, np.linspace(0, 1, nt)
        else:  # bursts
            w = rng.integers(1, 11)
            c = rng.integers(nc - w)
            t0 = rng.integers(nt - 1)
            t1, course = min(nt, t0 + rng.integers(1, 9)), np.ones(nt)
        jy[t0:t1, c:c + w] = np.maximum(jy[t0:t1, c:c + w], a * course[t0:t1, None])
    return jy


def inject(group, seed):
    """Adds interference to the files; returns amplitudes in sigma [baseline][integration][channel]."""
    rng = np.random.default_rng(seed)
    nb, nt, nc = len(group.ants), group.nt, len(group.place)
    cross = group.ants[:, 0] != group.ants[:, 1]
    sigma = np.broadcast_to(events(rng, nt, nc, 0.05), (nb, nt, nc)).copy()
    for antenna in rng.choice(np.unique(group.ants), 3, replace=False):
        mine = events(rng, nt, nc, 0.03)
        sigma[(group.ants == antenna).any(1)] = np.maximum(sigma[(group.ants == antenna).any(1)], mine)
    for b in rng.choice(np.flatnonzero(cross), nb // 10, replace=False):
        sigma[b] = np.maximum(sigma[b], events(rng, nt, nc, 0.03))
    sigma[~cross] = 0
    phase = np.exp(2j * np.pi * rng.random((nb, nt)))

    def add(data, channels):
        extra = (SIGMA_JY * sigma[:, :, channels] * phase[:, :, None]).transpose(1, 0, 2)[..., None]
        data[...] = data[...] + extra.reshape(-1, 1, len(channels), 1).astype(np.complex64)
    group.each(add, "r+")
    return sigma


def flags_of(program, directory, work, *options):
    """Flags of the channels that the files have, and what the program says."""
    out = work / "flags.npz"
    said = json.loads(run(program, "flag", directory, "--json", "--min-subbands", 1, "--out", out, *options))
    made, group = np.load(out), Group(directory)
    there = np.abs(made["freq_hz"][:, None] - group.freq_hz).min(1) < 1
    return (made["flags"][:, :, there] != 0).any(-1), said


def aoflagger(tool, planes, work):
    nb, nt, nc, npol = planes.shape
    parts = np.stack([planes.real, planes.imag], -1).transpose(0, 3, 4, 2, 1)
    parts.astype(np.float32).tofile(work / "planes")
    seconds = float(run(tool, work / "planes", work / "ao", nb, npol, nc, nt))
    flags = np.fromfile(work / "ao", np.uint8).reshape(nb, nc, nt).transpose(0, 2, 1) != 0
    return flags, seconds


def kappa(a, b):
    agree, pa, pb = (a == b).mean(), a.mean(), b.mean()
    chance = pa * pb + (1 - pa) * (1 - pb)
    return (agree - chance) / (1 - chance) if chance < 1 else 1.0


def score(flags, sigma):
    """Cells of 0 < sigma < 1 (feet of ramps) count neither way."""
    counts = (sigma == 0) | (sigma >= 1)
    truth, flags = sigma[counts] >= 1, flags[counts]
    hit = (truth & flags).sum()
    return {"recall": hit / max(1, truth.sum()), "precision": hit / max(1, flags.sum()),
            "fpr_percent": 100 * (flags & ~truth).sum() / (~truth).sum(), "kappa": kappa(truth, flags)}


def build_tool(work):
    tool = work / "aoflagger_planes"
    made = subprocess.run(["g++", "-O2", "-std=c++20", str(HERE / "aoflagger_planes.cpp"), "-o", str(tool), "-laoflagger"],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        print("AOFlagger is left out: libaoflagger and its header are not installed")
    return tool if made.returncode == 0 else None


def compare(name, directory, sigma, o, tool, work):
    group = Group(directory)
    rng = np.random.default_rng(1)
    cross = np.flatnonzero(group.ants[:, 0] != group.ants[:, 1])
    chosen = np.sort(rng.choice(cross, min(o.baselines, len(cross)), replace=False))
    truth = sigma[chosen] if sigma.ndim == 3 else np.broadcast_to(sigma, (len(chosen), *sigma.shape))
    results = {}
    ours, said = flags_of(o.program, directory, work)
    results["default"] = score(ours[chosen], truth)
    like, _ = flags_of(o.program, directory, work, "--preset", "aoflagger")
    results["aoflagger preset"] = score(like[chosen], truth)
    if tool:
        theirs, seconds = aoflagger(tool, group.planes(chosen), work)
        results["AOFlagger"] = score(theirs, truth)
        results["AOFlagger"]["M samples/s"] = theirs.size * 2 / seconds / 1e6
        results["aoflagger preset"]["kappa with AOFlagger"] = kappa(like[chosen], theirs)
    for who, values in results.items():
        print(f"{name:10s} {who:17s} " + "  ".join(f"{k} {v:.4f}" for k, v in values.items()))
    print(f"{name:10s} dead {said['dead_antennas']}  rules {said['rules']}")
    sys.stdout.flush()
    return results, said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--antennas", type=int, default=32)
    parser.add_argument("--integrations", type=int, default=24)
    parser.add_argument("--subbands", type=int, default=16)
    parser.add_argument("--channels", type=int, default=48, help="of a subband")
    parser.add_argument("--baselines", type=int, default=60)
    parser.add_argument("--seed", type=int, default=5)
    o = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        tool = build_tool(work)
        common = ["--nants", o.antennas, "--integrations", o.integrations, "--dec", "54.6", "--noise", "--seed", o.seed, "--quiet",
                  "--subbands", o.subbands, "--channels", o.channels]
        gains = ["--gain-std", "0.1", "--phase-std-deg", "60", "--bandpass", "0.1", "--drift", "0.02"]
        calibrator = ["--ra", "202.78", "--source", "202.78,54.6,8.3", *gains]

        run(o.program, "simulate", "--out", work / "noise", *common, "--random-sources", "12")
        results, _ = compare("noise", work / "noise", np.zeros((o.integrations, o.subbands * o.channels)), o, tool, work)
        if results["default"]["fpr_percent"] > 0.05:
            problems.append("more than 0.05 % of clean noise is flagged")
        shutil.rmtree(work / "noise")

        run(o.program, "simulate", "--out", work / "rfi", *common, *calibrator, "--rfi", "0.08", "--dead", "11,60")
        truth = np.load(work / "rfi/truth/gains.npz")["rfi_jy"]
        group = Group(work / "rfi")
        sigma = np.broadcast_to(truth / SIGMA_JY, (len(group.ants), *truth.shape)).copy()
        sigma[np.isin(group.ants, [11, 60]).any(1)] = 0.5  # a dead antenna's baselines count neither way
        results, said = compare("simulator", work / "rfi", sigma, o, tool, work)
        if said["dead_antennas"] != [11, 60]:
            problems.append(f"dead antennas: {said['dead_antennas']}")
        shutil.rmtree(work / "rfi")

        for name, sky in (("injection", ["--random-sources", "0", *gains]), ("beside 8 Jy", calibrator)):
            run(o.program, "simulate", "--out", work / "own", *common, *sky)
            sigma = inject(Group(work / "own"), o.seed)
            results, said = compare(name, work / "own", sigma, o, tool, work)
            for what in ("recall", "precision", "kappa"):
                least = results.get("AOFlagger", {}).get(what, 0) + (0.1 if what == "kappa" else 0)
                if results["default"][what] < least:
                    problems.append(f"{name}: {what} {results['default'][what]:.4f} < {least:.4f}")
            if said["dead_antennas"]:
                problems.append("dead antennas invented")
            shutil.rmtree(work / "own")
    for problem in problems:
        print("FAILS:", problem)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
