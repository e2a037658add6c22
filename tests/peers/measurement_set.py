#!/usr/bin/env python3
"""A Measurement Set of ours against its users: pyuvdata's of the same files column by column, WSClean's dirty image against ours,
CASA's listobs, flagdata, gaincal and tclean, and DP3.

  measurement_set.py PROGRAM [--casa PYTHON] [--finals FILE] [--antennas 40] [--integrations 6] [--channels 6] [--imsize 1024] [--cell 5]
Needs numpy, astropy, pyuvdata and python-casacore; wsclean on the path; PYTHON is one with casatasks and dp3; FILE is
IERS' finals2000A, without which astropy's own table is used. What is not there is
said and left out. Prints a line per check and exits 1 where one fails."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

import casacore.tables as ct
import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers

warnings.filterwarnings("ignore")
iers.conf.auto_download = False
iers.conf.iers_degraded_accuracy = "ignore"
LAX = dict(run_check=False, check_extra=False, run_check_acceptability=False, strict_uvw_antpos_check=False)
FAILED = []
# Ours differ on purpose: docs/measurement-set.md.
DIFFERENT = {"ANTENNA": {"TYPE", "MOUNT"}, "FEED": {"POL_RESPONSE", "SPECTRAL_WINDOW_ID"},
             "OBSERVATION": {"TIME_RANGE", "LOG", "SCHEDULE", "OBSERVER", "PROJECT"}, "FIELD": set(), "POLARIZATION": set(),
             "SPECTRAL_WINDOW": set(), "DATA_DESCRIPTION": set(), "SOURCE": set()}


def say(good, what):
    print(("ok      " if good else "FAILED  ") + what, flush=True)
    if not good:
        FAILED.append(what)


def run(*words, **kw):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True, **kw).stdout


def as_users_write_it(group, path):
    """pyuvdata, one FIELD per integration on the meridian, with the position angle taken exactly and the header's site."""
    from pyuvdata import UVData
    from pyuvdata.utils import phasing

    uv = None
    for name in sorted(os.listdir(group)):
        if not name.endswith(".hdf5"):
            continue
        x = UVData.from_file(os.path.join(group, name), file_type="uvh5", **LAX)
        x.uvw_array, dec = x.uvw_array.astype(float), x.extra_keywords["phase_center_dec"]
        x.reorder_freqs(channel_order="freq", run_check=False)
        uv = x if uv is None else uv.__add__(x, inplace=False, **LAX)
    uv.spw_array, uv.Nspws, uv.flex_spw_id_array = np.array([0]), 1, np.zeros(uv.Nfreqs, int)
    uv.reorder_freqs(channel_order="freq", run_check=False)
    where = uv.telescope.location
    times, inverse = np.unique(uv.time_array, return_inverse=True)
    uv.phase_center_catalog, ids, app = {}, [], []
    uv.set_lsts_from_time_array()
    for i, jd in enumerate(times):
        at = Time(jd, format="jd")
        c = SkyCoord(ha=0 * u.hourangle, dec=dec * u.rad, frame="hadec", obstime=at, location=where).transform_to("icrs")
        ids.append(uv._add_phase_center(cat_name=f"meridian_icrs_t{i}", cat_type="sidereal", cat_lon=c.ra.rad, cat_lat=c.dec.rad,
                                        cat_frame="icrs", cat_epoch=2000.0))
        ra, de = phasing.calc_app_coords(lon_coord=c.ra.rad, lat_coord=c.dec.rad, coord_frame="icrs", coord_epoch=2000.0,
                                         coord_type="sidereal", time_array=np.array([jd]), lst_array=uv.lst_array[inverse == i][:1],
                                         telescope_loc=where)
        pa = phasing.calc_frame_pos_angle(time_array=np.array([jd]), app_ra=ra, app_dec=de, telescope_loc=where, ref_frame="icrs",
                                          offset_pos=1e-6)
        app.append((ra[0], de[0], pa[0]))
    uv.phase_center_id_array = np.array(ids)[inverse]
    uv.phase_center_app_ra, uv.phase_center_app_dec, uv.phase_center_frame_pa = np.array(app)[inverse].T
    for i in range(len(times)):  # one by one: of times with the same hour angle and declination calc_uvw takes one position angle
        now = inverse == i
        uv.uvw_array[now] = phasing.calc_uvw(
            app_ra=uv.phase_center_app_ra[now], app_dec=uv.phase_center_app_dec[now], frame_pa=uv.phase_center_frame_pa[now],
            lst_array=uv.lst_array[now], use_ant_pos=True, antenna_positions=uv.telescope.antenna_positions,
            antenna_numbers=uv.telescope.antenna_numbers, ant_1_array=uv.ant_1_array[now], ant_2_array=uv.ant_2_array[now],
            telescope_lat=where.lat.rad, telescope_lon=where.lon.rad)
    uv.write_ms(path, clobber=True, **LAX)


def compare_columns(ours, theirs):
    a, b = ct.table(ours, ack=False), ct.table(theirs, ack=False)
    say(a.nrows() == b.nrows() and set(a.colnames()) == set(b.colnames()), f"pyuvdata: {b.nrows()} rows, the same columns")
    for name in b.colnames():
        if name == "FLAG_CATEGORY":
            continue
        x, y = a.getcol(name), b.getcol(name)
        if name == "UVW":
            say(abs(x - y).max() < 1e-4, f"pyuvdata: UVW within {abs(x - y).max():.1e} m")
        elif name == "DATA":
            phase = np.abs(np.angle(x * y.conj())[abs(y) > 0]).max()
            say(phase < 1e-4 and np.allclose(abs(x), abs(y), rtol=1e-5), f"pyuvdata: DATA, phases within {phase:.1e} rad")
        else:
            say(x.shape == y.shape and np.array_equal(x, y), "pyuvdata: " + name)
    for table, different in DIFFERENT.items():
        x, y = ct.table(ours + "/" + table, ack=False), ct.table(theirs + "/" + table, ack=False)
        bad = [] if x.nrows() == y.nrows() else ["rows"]
        for name in set(x.colnames()) & set(y.colnames()) - different:
            p, q = x.getcol(name), y.getcol(name)
            if isinstance(p, (list, dict)):
                bad += [name] * (p != q)
            elif np.asarray(p).dtype.kind in "fc":
                bad += [name] * (not np.allclose(p, q, rtol=0, atol=1e-8 + 1e-15 * np.abs(q).max()))
            else:
                bad += [name] * (not np.array_equal(p, q))
        say(not bad, f"pyuvdata: {table}" + ("" if not bad else " differs in " + " ".join(bad)))


def wsclean(o, group, ms):
    if not shutil.which("wsclean"):
        return print("absent  wsclean")
    run(o.program, "image", group, "--out", "w/ours", "--imsize", o.imsize, "--cell", o.cell, "--weighting", "natural",
        "--epsilon", "1e-6", "--quiet")
    # small inversion: an image of fewer pixels, resampled; it aliases at the edges
    run("wsclean", "-name", "theirs", "-size", o.imsize, o.imsize, "-scale", f"{o.cell}asec", "-weight", "natural", "-pol", "I",
        "-no-update-model-required", "-use-wgridder", "-wgridder-accuracy", "1e-5", "-no-small-inversion", ms)
    ours, theirs = (fits.getdata(f).squeeze().astype(float) for f in ("w/ours-dirty.fits", "theirs-image.fits"))
    rms = np.sqrt(np.mean((ours - theirs) ** 2)) / abs(ours).max()
    say(rms < 1e-4, f"WSClean: rms of the difference of dirty images {rms:.1e} of the peak")


CASA = """
import os, sys, casadata
open("casasiteconfig.py", "w").write("measurespath=%r\\ndata_auto_update=False\\nmeasures_auto_update=False\\nnologfile=True\\n" % casadata.datapath)
os.environ["CASASITECONFIG"] = os.path.abspath("casasiteconfig.py")
from casatasks import listobs, flagdata, gaincal, tclean
from casatools import image
for ms in sys.argv[1:]:
    fields = listobs(vis=ms)["nfields"]
    flagdata(vis=ms, mode="manual", autocorr=True, flagbackup=False)
    flags = flagdata(vis=ms, mode="summary")
    gaincal(vis=ms, caltable=ms + ".G", solint="int", refant="1", calmode="p")
    tclean(vis=ms, imagename=ms + ".im", imsize=512, cell="5arcsec", specmode="mfs", weighting="natural", niter=0, datacolumn="data")
    ia = image(); ia.open(ms + ".im.image"); peak = float(ia.statistics()["max"][0]); ia.close()
    print("RESULT", ms, fields, flags["flagged"] / flags["total"], os.path.exists(ms + ".G"), peak)
"""


def casa(o, sets):
    if not o.casa:
        return print("absent  CASA and DP3 (--casa)")
    out = run(o.casa, "-c", CASA, *sets, env=dict(os.environ, HOME=os.getcwd()))
    for line in out.splitlines():
        if line.startswith("RESULT"):
            _, ms, fields, flagged, table, peak = line.split()
            say(table == "True" and float(flagged) < 0.1 and float(peak) > 0.1,
                f"CASA: {ms}: listobs {fields} fields, flagdata {100 * float(flagged):.1f} %, gaincal, tclean peak {float(peak):.3f} Jy")
    say(out.count("RESULT") == len(sets), "CASA: all sets")


def dp3(o, ms):
    if not o.casa:
        return
    out = run(o.casa, os.path.join(os.path.dirname(o.casa), "DP3.py"), "msin=" + ms, "msout=dp3.ms", "steps=[count,average]",
              "average.freqstep=2", env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))
    flagged = [line for line in out.splitlines() if "Total flagged" in line][0].split()[2]
    a, b = ct.table(ms, ack=False), ct.table("dp3.ms", ack=False)
    mean = a.getcol("DATA").reshape(a.nrows(), -1, 2, 4).mean(2)
    say(flagged == "0.000%" and np.allclose(b.getcol("DATA"), mean, atol=1e-5), f"DP3: reads, averages, writes; flagged {flagged}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--casa", type=os.path.abspath)
    parser.add_argument("--finals", type=os.path.abspath)
    for name, value in (("antennas", 40), ("integrations", 6), ("channels", 6), ("imsize", 1024), ("cell", 5)):
        parser.add_argument("--" + name, type=int, default=value)
    o = parser.parse_args()
    if o.finals:
        iers.earth_orientation_table.set(iers.IERS_A.open(o.finals))
    with tempfile.TemporaryDirectory() as where:
        os.chdir(where)
        run(o.program, "simulate", "--out", "g", "--antennas", o.antennas, "--integrations", o.integrations, "--channels", o.channels,
            "--random-sources", 10, "--seed", 3)
        convert = [o.program, "convert", "g", "--quiet", "--ms"]
        run(*convert, "per.ms", "--fields", "per-time", "--telescope-name", "OVRO_MMA")
        as_users_write_it("g", "py.ms")
        compare_columns("per.ms", "py.ms")
        run(*convert, "one.ms", "--telescope-name", "DSA_110")
        wsclean(o, "g", "one.ms")
        run(*convert, "four.ms", "--correlations", "all4", "--columns", "all")
        dp3(o, "four.ms")
        run(*convert, "split.ms", "--fields", "per-time", "--spw", "split", "--columns", "all")
        run(*convert, "merged.ms")
        casa(o, ["merged.ms", "split.ms", "four.ms"])
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
