#!/usr/bin/env python3
"""The preset aoflagger beside AOFlagger itself, on real data: UVH5 files.

Cohen's kappa of `nocturne flag --preset aoflagger` and AOFlagger's generic default, on the same baselines, correlations joined. Samples that
the data flag, and zeros, count neither way: the program keeps them flagged, AOFlagger's default puts its own flags in their place.

  aoflagger_files.py PROGRAM FILE… [--baselines 40]
Needs numpy, pyuvdata and libaoflagger. Exits 1 where kappa is below 0.85 on a plane of 64 cells or more."""
import argparse
import pathlib
import sys
import tempfile
import warnings

import flagging
import numpy as np


def planes_of(path, most):
    """Visibilities and flags [baseline][integration][channel][correlation] and the antenna numbers of the baselines."""
    from pyuvdata import UVData  # pylint: disable=import-outside-toplevel
    data = UVData()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data.read(path, run_check=False)
    pairs = sorted(p for p in set(zip(data.ant_1_array, data.ant_2_array)) if p[0] != p[1])[:most]
    rows = [np.flatnonzero((data.ant_1_array == a) & (data.ant_2_array == b)) for a, b in pairs]
    n = min(map(len, rows))
    take = np.array([r[np.argsort(data.time_array[r], kind="stable")][:n] for r in rows])
    order = np.argsort(np.asarray(data.freq_array).ravel(), kind="stable")
    shape = (len(pairs), n, len(order), -1)
    return (data.data_array[take].reshape(shape)[:, :, order], data.flag_array[take].reshape(shape)[:, :, order], pairs)


def ours(program, path, pairs, n, work):
    out = work / "flags.npz"
    flagging.run(program, "flag", path, "--preset", "aoflagger", "--min-subbands", 0, "--json", "--out", out)
    file = np.load(out)
    known = {tuple(pair): i for i, pair in enumerate(file["antennas"].tolist())}
    place = [known.get((int(a), int(b)), known.get((int(b), int(a)))) for a, b in pairs]  # ours has the lower number first
    return file["flags"][place][:, :n]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--baselines", type=int, default=40)
    o = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        tool = flagging.build_tool(work)
        if not tool:
            sys.exit(1)
        for path in o.paths:
            vis, bad, pairs = planes_of(path, o.baselines)
            theirs, _ = flagging.aoflagger(tool, np.ascontiguousarray(vis.astype(np.complex64)), work)
            flags = ours(o.program, path, pairs, vis.shape[1], work)
            counts = ~(bad | (vis == 0)).any(-1)
            mine = (flags != 0).any(-1)[counts]
            value = flagging.kappa(mine, theirs[counts])
            low = value < 0.85 and vis.shape[1] * vis.shape[2] >= 64
            failed |= low
            print(f"{pathlib.Path(path).name}: {vis.shape[1]} x {vis.shape[2]}, kappa {value:.4f}, "
                  f"ours {100 * mine.mean():.3f} %, AOFlagger {100 * theirs[counts].mean():.3f} %{' FAILS' if low else ''}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
