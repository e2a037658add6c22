#!/usr/bin/env python3
"""The bandpass of `nocturne solve` beside that of CASA, DP3 and QuartiCal: one simulated calibrator with noise, gains, delays and a ripple, no
interference, the same Measurement Set and model for all.

    solutions.py build/nocturne [--casa PYTHON] [--quartical PYTHON] [--antennas 24]

--casa: a Python with casatasks; --quartical: one with quartical. Printed is, for each, the rms of the difference of the gains over their rms, one phase of
all antennas taken off per channel and hand. More than 1e-4 fails. Needs DP3's Python module, python-casacore, h5py, numpy.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from casacore.tables import table
from gaincal import Set, apart, dp3, matrices, ours, prepare

GOAL = 1e-4
FLUX = 10.0


def simulated(program, antennas, work):
    """A set of one field and four correlations, MODEL_DATA the point source in its centre."""
    group, path = work / "group", work / "made.ms"
    words = ["simulate", "--quiet", "--out", group, "--antennas", antennas, "--integrations", 12, "--subbands", 2, "--channels", 16, "--ra", 150, "--dec",
             54.6, "--beam", "none", "--smearing", "none", "--source", f"150,54.6,{FLUX}", "--noise", "--gain-std", 0.15, "--phase-std-deg", 60,
             "--delay-std-ns", 2, "--bandpass", 0.1, "--seed", 4]
    subprocess.run([program, *map(str, words)], check=True)
    subprocess.run([program, "convert", group, "--quiet", "--ms", path, "--phase-center", "150,54.6", "--correlations", "all4"], check=True)
    copy = work / "set.ms"
    prepare(str(path), "", copy)
    with table(str(copy), readonly=False, ack=False) as t:
        t.putcol("MODEL_DATA", FLUX * t.getcol("MODEL_DATA"))
    return copy


def casa(python, path, work):
    out = work / "b.cal"
    code = ("import os, casadata; open('site.py', 'w').write('measurespath=%r\\ndata_auto_update=False\\nmeasures_auto_update=False\\nnologfile=True\\n' % "
            "casadata.datapath); os.environ['CASASITECONFIG'] = os.path.abspath('site.py'); "
            f"import casatasks; casatasks.bandpass(vis='{path}', caltable='{out}', solint='inf', combine='scan,field', bandtype='B', solnorm=False, "
            "minsnr=0, minblperant=2)")
    done = subprocess.run([python, "-c", code], cwd=work, capture_output=True, text=True)
    if done.returncode or not out.is_dir():
        sys.exit(f"bandpass of CASA: {done.stderr[-600:]}")
    with table(str(out), ack=False) as t:
        gain = np.where(t.getcol("FLAG"), np.nan, t.getcol("CPARAM"))
        antenna = t.getcol("ANTENNA1")
    return gain[np.argsort(antenna)].transpose(1, 0, 2)[None], sorted(antenna)


def quartical(python, path, work):
    gains = work / "gains.qc"
    words = [f"input_ms.path={path}", "input_ms.data_column=DATA", "input_ms.time_chunk=0", "input_ms.freq_chunk=0", "input_model.recipe=MODEL_DATA",
             "solver.terms=[B]", "solver.iter_recipe=[500]", "solver.propagate_flags=false", "solver.threads=1", "solver.convergence_criteria=1e-7",
             "B.type=diag_complex", "B.time_interval=0", "B.freq_interval=1", f"output.gain_directory={gains}", f"output.log_directory={work}/logs",
             "output.products=[]", "output.columns=[]", "dask.threads=1"]
    done = subprocess.run([str(pathlib.Path(python).parent / "goquartical"), *words], cwd=work, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"QuartiCal: {(done.stdout + done.stderr)[-600:]}")
    read = (f"import numpy as np; from daskms.experimental.zarr import xds_from_zarr; x = xds_from_zarr('{gains}::B'); "
            f"np.save('{work}/qc.npy', np.concatenate([np.asarray(d.gains.values)[0, :, :, 0] for d in x]))")
    subprocess.run([python, "-c", read], check=True)
    gain = np.load(work / "qc.npy")  # [channel][antenna][correlation]
    return gain[None][..., [0, -1]], list(range(gain.shape[1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--casa")
    parser.add_argument("--quartical")
    parser.add_argument("--antennas", type=int, default=24)
    o = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        path = simulated(str(pathlib.Path(o.program).resolve()), o.antennas, work)
        one = Set(path)
        n_times = len(np.unique(one.time))
        mine = matrices(*ours(o.program, path, "diagonal", n_times, 1, one, work), one.names)
        theirs = {"DP3 gaincal": dp3(path, "diagonal", n_times, 1, work)}
        if o.casa:
            theirs["CASA bandpass"] = casa(o.casa, path, work)
        if o.quartical:
            theirs["QuartiCal"] = quartical(o.quartical, path, work)
        failed = False
        for who, (gain, names) in theirs.items():
            full = matrices(gain, [n if isinstance(n, str) else one.names[n] for n in names], one.names)
            left = apart(mine, full, "phases")
            both = (np.isfinite(mine) & np.isfinite(full))[..., 0, 0].sum()
            print(f"{who}: gains of {both} antennas and channels apart by {left:.1e}")
            failed |= not left <= GOAL or both < o.antennas * 32
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
