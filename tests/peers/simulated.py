"""pyuvdata reads every file of a simulated group, checks included, and all of them together.

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


if __name__ == "__main__":
    main()
