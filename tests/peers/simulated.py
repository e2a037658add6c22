"""pyuvdata reads every file of a simulated group, checks included, and all of them together; what `predict` makes of files that pyuvdata
wrote with their rows in another order has these rows, their flags and nsamples.

usage: simulated.py NOCTURNE DIR
"""
import pathlib
import subprocess
import sys
import warnings

import numpy as np
import pyuvdata

COMMAND = ("--template-free --nants 12 --ntimes 3 --start-time 2026-03-01T05:00:00 --flux-jy 2 --subbands 16 --channels 4 --add-noise "
           "--system-temp-k 50 --add-cal-errors --gain-std 0.1 --phase-std-deg 10 --seed 3").split()
CASES = {"as it comes": [], "rising, shuffled": ["--freq-order", "asc", "--shuffle-subbands"],
         "uvw in double precision": ["--double-uvw"]}


def read(path, double):
    uv = pyuvdata.UVData()
    uv.read(str(path), file_type="uvh5", run_check=double)
    uv.uvw_array = uv.uvw_array.astype(float)  # DSA-110's are in single precision, which the check of pyuvdata refuses
    uv.check()
    return uv


def rows_of(nocturne, top):
    """Rows by baseline, a third of them turned, every seventh left out, flags and nsamples at random."""
    out, odd, new = top / "steady", top / "odd", top / "predicted"
    subprocess.run([nocturne, "simulate", "--out", str(out), "--quiet", "--nants", "8", "--ntimes", "4", "--channels", "4", "--subbands", "2",
                    "--random-sources", "5"], check=True)
    odd.mkdir()
    rng = np.random.default_rng(1)
    for path in sorted(out.glob("*_sb??.hdf5")):
        uv = read(path, False)
        uv.reorder_blts(order="baseline", minor_order="time")
        uv.conjugate_bls(np.nonzero(uv.ant_1_array % 3 == 0)[0])
        uv.select(blt_inds=[i for i in range(uv.Nblts) if i % 7 != 5], run_check=False)
        uv.flag_array = rng.random(uv.data_array.shape) < 0.2
        uv.nsample_array = rng.integers(1, 50, uv.data_array.shape).astype(np.float32)
        uv.write_uvh5(odd / path.name, run_check=False)
    subprocess.run([nocturne, "predict", "--group", str(odd), "--out", str(new), "--sources", str(out / "truth" / "sources.csv"), "--quiet"],
                   check=True)
    worst = 0
    for path in sorted(odd.glob("*_sb??.hdf5")):
        given, made = read(path, False), read(new / path.name, False)
        for name in ("ant_1_array", "ant_2_array", "flag_array", "nsample_array", "integration_time", "freq_array"):
            assert (getattr(given, name) == getattr(made, name)).all(), name
        assert np.abs(given.time_array - made.time_array).max() < 1e-9
        worst = max(worst, np.abs(given.data_array - made.data_array).max() / np.abs(given.data_array).max())
    turned = (given.ant_1_array > given.ant_2_array).sum()
    print(f"predicted: {given.Nblts} rows in the order of the group's, {turned} of them turned, flags and nsamples the same, "
          f"samples to {worst:.1e}")
    assert worst < 1e-6 and turned > 0


def main():
    nocturne, top = sys.argv[1], pathlib.Path(sys.argv[2])
    warnings.simplefilter("ignore")
    first = None
    for number, (name, more) in enumerate(CASES.items()):
        out = top / str(number)
        subprocess.run([nocturne, "simulate", "--out", str(out), "--quiet", *COMMAND, *more], check=True)
        files = sorted(out.glob("*_sb??.hdf5"))
        groups = [read(path, "--double-uvw" in more) for path in files]
        together = groups[0].fast_concat(groups[1:], axis="freq", run_check=False)
        order = np.argsort(together.freq_array)
        data = together.data_array[:, order]
        rising = all((np.diff(uv.freq_array) > 0).all() for uv in groups)
        first = data if first is None else first
        print(f"{name}: {len(files)} of 16 files read, {'rising' if rising else 'falling'}, {together.Nfreqs} channels, "
              f"{'the same samples' if (data == first).all() else 'OTHER SAMPLES'}")
        assert len(files) == 16 and (data == first).all() and rising == ("asc" in more)
    rows_of(nocturne, top)


if __name__ == "__main__":
    main()
