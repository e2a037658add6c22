#!/usr/bin/env python3
"""Our own `apply` beside CASA's applycal.

1. Our solutions (K, B, G) of a simulated group go out as CASA tables; applycal corrects the Measurement Set that `nocturne apply` wrote, and its
   CORRECTED_DATA is compared with ours.
2. CASA's gaincal and bandpass solve on that set; their tables are applied by applycal and by `nocturne apply`.
3. Given --ms, the same as 2 on another Measurement Set (its model: a point source in the centre).

4. Phases with amplitudes on top, and solutions that failed in some intervals.

Needs a Python with casatasks and casatools. Fails where the rms difference is above 1e-5 of the rms of the data, or flags differ (but for 4).
    applycal.py PROGRAM [--ms SET.ms] [--keep DIR]
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import casadata
import numpy as np

GOAL = 1e-5


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"nocturne {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def column(ms, name):
    from casatools import table

    t = table()
    t.open(ms)
    shapes = t.getcol("DATA_DESC_ID")
    parts = []
    for window in sorted(set(shapes)):
        q = t.query(f"DATA_DESC_ID=={window}")
        parts.append(q.getcol(name).reshape(-1))
        q.close()
    t.close()
    return np.concatenate(parts)


def compare(what, ours, theirs, failed=False):
    """CORRECTED_DATA of two sets, where neither is flagged. With solutions that failed applycal flags on to the next good one, we half-way."""
    flagged, flagged_there = column(ours, "FLAG"), column(theirs, "FLAG")
    good = ~(flagged | flagged_there)
    a, b = column(ours, "CORRECTED_DATA")[good], column(theirs, "CORRECTED_DATA")[good]
    raw = column(ours, "DATA")[good]
    rms = np.sqrt(np.mean(np.abs(a - b) ** 2) / np.mean(np.abs(b) ** 2))
    moved = np.sqrt(np.mean(np.abs(raw - b) ** 2) / np.mean(np.abs(b) ** 2))
    flags = np.mean(flagged & ~flagged_there if failed else flagged != flagged_there)
    failed_here = np.mean(flagged) - np.mean(column(ours.replace("intervals that failed-", "phases and amplitudes-"), "FLAG")) if failed else 1
    print(f"{what}: rms difference {rms:.2e} of {good.sum()} samples (the calibration moved them by {moved:.2f}), flags differ in {flags:.2e}"
          + (f", {failed_here:.3f} flagged for what failed" if failed else ""))
    return rms <= GOAL and good.sum() > 0 and moved > 1e-3 and flags == 0 and failed_here > 0.01


def applycal(ms, tables, interp):
    import casatasks

    casatasks.applycal(vis=ms, gaintable=tables, interp=interp, calwt=False, flagbackup=False, applymode="calflag")


def ours_on_theirs(program, source, tables, work, name, interp, failed=False):
    """`tables` applied to `source` by both."""
    ours, theirs = f"{work}/{name}-ours.ms", f"{work}/{name}-casa.ms"
    run(program, "apply", source, "--solutions", ",".join(tables), "--ms", ours, "--force", "--telescope-name", "OVRO_MMA",
        "--freq-interp", "nearest")
    shutil.copytree(ours, theirs)
    applycal(theirs, tables, interp)
    return compare(name, ours, theirs, failed)


def own_solutions(program, work):
    with open(f"{work}/cal.csv", "w") as f:
        f.write("name,ra_deg,dec_deg,flux_jy,spix\nCAL,150,54.6,20,0\n")
    run(program, "simulate", "--out", f"{work}/G", "--antennas", "20", "--integrations", "12", "--subbands", "4", "--channels", "16", "--ra", "150",
        "--dec", "54.6", "--sources", f"{work}/cal.csv", "--noise", "--gain-std", "0.1", "--phase-std-deg", "60", "--delay-std-ns", "3",
        "--bandpass", "0.1", "--drift", "0.05", "--drift-phase-deg", "10", "--seed", "3")
    run(program, "solve", f"{work}/G", "--model", f"{work}/cal.csv", "--out", f"{work}/set.h5", "--casa", f"{work}/set")
    tables = [f"{work}/set.{kind}" for kind in "KBG"]
    ours, theirs = f"{work}/own-ours.ms", f"{work}/own-casa.ms"
    run(program, "apply", f"{work}/G", "--solutions", f"{work}/set.h5", "--ms", ours, "--telescope-name", "OVRO_MMA")
    shutil.copytree(ours, theirs)
    applycal(theirs, tables, ["nearest", "nearest", "linear"])
    good = compare("our K, B, G", ours, theirs)
    return ours_on_theirs(program, f"{work}/G", tables, work, "our tables as CASA's", ["nearest", "nearest", "linear"]) and good


def casa_solutions(program, source, work, name):
    """CASA solves on a copy of `source` (DATA), model a point source in the centre."""
    import casatasks

    ms = f"{work}/{name}-solved.ms"
    shutil.copytree(source, ms)
    subprocess.run(["chmod", "-R", "u+w", ms], check=True)
    casatasks.clearcal(vis=ms, addmodel=True)
    k, b, g = (f"{work}/{name}.{kind}" for kind in "KBG")
    from casatools import table

    t = table()
    t.open(ms + "/ANTENNA")
    refant = t.getcol("NAME")[0]
    t.close()
    casatasks.gaincal(vis=ms, caltable=k, gaintype="K", solint="inf", refant=refant, minsnr=0, minblperant=2)
    casatasks.bandpass(vis=ms, caltable=b, solint="inf", combine="scan", refant=refant, minsnr=0, minblperant=2, gaintable=[k])
    casatasks.gaincal(vis=ms, caltable=g, gaintype="G", solint="60s", refant=refant, minsnr=0, minblperant=2, gaintable=[k, b])
    good = ours_on_theirs(program, source, [k, b, g], work, name, ["nearest", "nearest", "linear"])
    phases, amplitudes, failed = f"{work}/{name}.Gp", f"{work}/{name}.Ga", f"{work}/{name}.failed"
    casatasks.gaincal(vis=ms, caltable=phases, gaintype="G", calmode="p", solint="30s", refant=refant, minsnr=0, minblperant=2, gaintable=[k, b])
    casatasks.gaincal(vis=ms, caltable=amplitudes, gaintype="G", calmode="ap", solint="inf", refant=refant, minsnr=0, minblperant=2, gaintable=[k, b, phases])
    good = ours_on_theirs(program, source, [k, b, phases, amplitudes], work, f"{name}, phases and amplitudes",
                          ["nearest", "nearest", "linear", "nearest"]) and good
    shutil.copytree(g, failed)
    fail_some(failed)
    return ours_on_theirs(program, source, [k, b, failed], work, f"{name}, intervals that failed",
                          ["nearest", "nearest", "linear"], failed=True) and good


def fail_some(path):
    """Flags two antennas that are solved: the one in the second interval, the other in the last."""
    from casatools import table

    t = table()
    t.open(path, nomodify=False)
    times, antennas, flags = t.getcol("TIME"), t.getcol("ANTENNA1"), t.getcol("FLAG")
    moments, solved = sorted(set(times)), sorted(set(antennas[~flags.all(axis=(0, 1))]))
    flags[..., (times == moments[min(1, len(moments) - 1)]) & (antennas == solved[5])] = True
    flags[..., (times == moments[-1]) & (antennas == solved[3])] = True
    t.putcol("FLAG", flags)
    t.close()


def quiet_casa(work):
    """No updates of its data, no log file."""
    with open(f"{work}/casasiteconfig.py", "w") as f:
        f.write(f"measurespath={casadata.datapath!r}\ndata_auto_update=False\nmeasures_auto_update=False\nnologfile=True\n")
    os.environ["CASASITECONFIG"] = f"{work}/casasiteconfig.py"
    os.environ["HOME"] = work


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--ms")
    parser.add_argument("--keep")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    work = options.keep or tempfile.mkdtemp(prefix="applycal-")
    os.makedirs(work, exist_ok=True)
    quiet_casa(work)
    sets = [os.path.abspath(options.ms)] if options.ms else []
    here = os.getcwd()
    os.chdir(work)
    good = [own_solutions(program, work), casa_solutions(program, f"{work}/own-ours.ms", work, "simulated")]
    for ms in sets:
        good.append(casa_solutions(program, ms, work, os.path.basename(ms).split(".")[0]))
    os.chdir(here)
    if not options.keep:
        shutil.rmtree(work)
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
