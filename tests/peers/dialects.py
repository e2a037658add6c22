#!/usr/bin/env python3
"""Dialects of UVH5: what `nocturne dump` reads against what pyuvdata reads from the same files.

Some hundred and thirty files are made from one small file of a real telescope with pyuvdata and h5py (dialect_*.py): storage (types,
layouts, filters), rows (order, absences, averaging), frequencies and polarizations, phase centres, older and newer headers.
Visibilities, flags, nsamples, times, frequencies, antennas and the ICRS direction of every row's phase centre are compared; what is
refused must be refused by name with exit code 65.

  dialects.py PROGRAM BASE.uvh5 [--files FILE ...] [--only WORD] [--keep DIR]
Needs numpy, h5py, pyuvdata and hdf5plugin. Prints a line per file and exits 1 where one differs."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import erfa
import h5py
import numpy as np
from astropy.time import Time
import dialect_centres  # noqa: F401, makers
import dialect_files  # noqa: F401, makers
import dialect_storage  # noqa: F401, makers
from dialect_tools import DIALECTS, LAX, store
from pyuvdata import UVData, utils

SWAPPED = {-7: -8, -8: -7, -3: -4, -4: -3}


def seen_from_earth(uv, row, entry, lon, lat):
    """Where the Earth sees a source that moves or is near: from there on pyuvdata's apparent place follows."""
    when = Time(uv.time_array[row], format="jd", scale="utc").tt
    mas = np.pi / 180 / 3600e3
    value = lambda name: float(entry.get(name) or 0)
    parallax = 1 / value("cat_dist") if value("cat_dist") else 0.0
    v = erfa.pmpx(lon, lat, value("cat_pm_ra") * mas, value("cat_pm_dec") * mas, parallax, value("cat_vrad"), (when.jd1 - 2451545 + when.jd2) / 365.25,
                  erfa.epv00(when.jd1, when.jd2)[1]["p"])
    lon, lat = erfa.c2s(v)
    lon %= 2 * np.pi
    app = utils.phasing.transform_icrs_to_app(time_array=uv.time_array[row], ra=np.array([lon]), dec=np.array([lat]), telescope_loc=uv.telescope.location)
    stated = uv.phase_center_app_ra[row], uv.phase_center_app_dec[row]
    if max(abs(app[0][0] - stated[0]), abs(app[1][0] - stated[1])) > 1e-10:
        raise AssertionError("pyuvdata's apparent place of row %d is another" % row)
    return lon, lat


def direction(uv, row):
    """(kind, longitude, latitude) that the row is phased to: kind 0 meridian, 1 unphased, 2 ICRS, 3 horizon."""
    entry = uv.phase_center_catalog[uv.phase_center_id_array[row]]
    if entry["cat_type"] == "unprojected":
        return (0, 0.0, float(uv.extra_keywords["phase_center_dec"])) if uv.telescope.name == "OVRO_MMA" else (1, 0.0, 0.0)
    if entry["cat_type"] == "driftscan":
        return 3, entry["cat_lon"], entry["cat_lat"]
    lon, lat, time = entry["cat_lon"], entry["cat_lat"], uv.time_array[row]
    if entry["cat_type"] == "ephem":
        found = utils.phasing.interpolate_ephem(time_array=np.array([time]), ephem_times=entry["cat_times"], ephem_ra=lon, ephem_dec=lat)
        lon, lat = found[0][0], found[1][0]
    if entry["cat_frame"] != "icrs":
        lon, lat = (x[0] for x in utils.phasing.transform_sidereal_coords(
            longitude=lon, latitude=lat, in_coord_frame=entry["cat_frame"], out_coord_frame="icrs", in_coord_epoch=entry.get("cat_epoch"),
            time_array=np.array([time])))
    if entry["cat_type"] == "sidereal" and (entry.get("cat_pm_ra") or entry.get("cat_dist")):
        lon, lat = seen_from_earth(uv, row, entry, lon, lat)
    return 2, lon, lat


class Ours:
    """A dump, addressed by baseline, time and centre."""

    def __init__(self, path):
        npz = np.load(path)
        self.h = json.loads(bytes(npz["header_json"]))
        self.vis, self.flag, self.nsamples, self.freq = (npz[k] for k in ("vis", "flag", "nsamples", "freq_hz"))
        number = [a[1] for a in self.h["antennas"]]
        self.baseline = {(number[a], number[b]): i for i, (a, b) in enumerate(self.h["baselines"])}
        self.moments = self.h["moments"] or [[t, 0, 0] for t in self.h["time_mjd_s"]]
        nt, nb = self.vis.shape[:2]
        self.moment_of = np.array(self.h["moment_of"] or np.repeat(np.arange(nt), nb)).reshape(nt, nb)
        self.seen = np.zeros((nt, nb), bool)

    def place(self, pair, time, where):
        """Integration and baseline of a row; the centre decides where several have its time, then the order of the file."""
        b = self.baseline[pair]
        best = None
        for t, m in enumerate(self.moment_of[:, b]):
            if m < 0 or self.seen[t, b] or abs(self.moments[m][0] - time) > 2e-3:
                continue
            kind, lon, lat, *_ = self.h["centres"][self.moments[m][1]]
            apart = abs(np.angle(np.exp(1j * (lon - where[1])))) * np.cos(where[2]) + abs(lat - where[2]) if kind == where[0] else 9.0
            if best is None or apart < best[2]:
                best = (t, b, apart)
        return best

    def exposure(self, t, b):
        each = self.h["exposure_s"]
        return each[t * self.vis.shape[1] + b] if each else self.h["integration_s"][t]


def read_peer(path):
    """pyuvdata takes no big-endian complex numbers, and parts by place instead of name: it gets the same values as usual."""
    with h5py.File(path) as f:
        dtype = f["Data/visdata"].dtype
    if dtype.names == ("i", "r"):
        path = shutil.copyfile(path, path + ".usual")
        with h5py.File(path, "r+") as f:
            v = f["Data/visdata"][()]
            store(f, "Data/visdata", (v["r"] + 1j * v["i"]).astype("c8"))
    if dtype.byteorder == ">":
        path = shutil.copyfile(path, path + ".little")
        with h5py.File(path, "r+") as f:
            store(f, "Data/visdata", f["Data/visdata"][()].astype("<c8"))
    uv = UVData()
    uv.read(path, file_type="uvh5", fix_old_proj=False, data_array_dtype=np.complex128, **LAX)
    return uv


def same(got, wanted, what):
    if not np.array_equal(got, wanted):
        raise AssertionError(what)


def compare_axes(ours, uv, order):
    same(ours.freq, np.asarray(uv.freq_array).ravel()[order], "frequencies")
    same(ours.h["channel_width_hz"], np.abs(np.asarray(uv.channel_width).ravel()[order]), "channel widths")
    same(sorted(ours.h["correlations"]), sorted(expected_codes(uv)), "polarizations")
    by_number = np.argsort(uv.telescope.antenna_numbers)
    same([a[1] for a in ours.h["antennas"]], np.asarray(uv.telescope.antenna_numbers)[by_number], "antenna numbers")
    same([a[0] for a in ours.h["antennas"]], np.asarray(uv.telescope.antenna_names)[by_number], "antenna names")
    if ours.h["site"]["origin"] == "header":
        same([a[2] for a in ours.h["antennas"]], np.asarray(uv.telescope.antenna_positions)[by_number], "antenna positions")


def expected_codes(uv):
    """XY of (ant2, ant1) is YX of (ant1, ant2): a cross hand alone is both where only some of the rows are turned."""
    turned = np.unique(uv.ant_1_array > uv.ant_2_array)
    return {SWAPPED.get(int(p), int(p)) if t else int(p) for p in uv.polarization_array for t in turned}


def expected_row(uv, row, order, codes):
    """The row with ant1 < ant2, channels ascending, correlations in our order: V, flag, nsamples."""
    swapped = uv.ant_1_array[row] > uv.ant_2_array[row]
    file_codes = [int(p) for p in uv.polarization_array]
    take = [file_codes.index(SWAPPED.get(c, c) if swapped else c) if (SWAPPED.get(c, c) if swapped else c) in file_codes else -1 for c in codes]
    v = uv.data_array[row][order][:, take]
    parts = [v.conj() if swapped else v, uv.flag_array[row][order][:, take].astype(bool), uv.nsample_array[row][order][:, take]]
    return parts, np.array(take) >= 0


def compare(path, dump):
    ours, uv = Ours(dump), read_peer(path)
    window = uv.flex_spw_id_array if uv.flex_spw_id_array is not None else np.zeros(uv.Nfreqs)
    order = np.lexsort((window, np.asarray(uv.freq_array).ravel()))
    compare_axes(ours, uv, order)
    never_filled = bool(np.all(uv.nsample_array == uv.nsample_array.flat[0]) and uv.nsample_array.flat[0] < 0)
    worst = 0.0
    for row in range(uv.Nblts):
        pair = tuple(sorted((int(uv.ant_1_array[row]), int(uv.ant_2_array[row]))))
        t, b, apart = ours.place(pair, (uv.time_array[row] - 2400000.5) * 86400, direction(uv, row)) or (None, None, 9.0)
        if apart > 1e-10:
            raise AssertionError("phase centre of row %d is off by %g rad" % (row, apart))
        ours.seen[t, b] = True
        (vis, flag, nsamples), has = expected_row(uv, row, order, ours.h["correlations"])
        if never_filled:
            nsamples = np.ones_like(nsamples)
        unusable = ~(nsamples > 0)
        scale = np.abs(vis[:, has]).max(initial=1e-300)
        worst = max(worst, np.abs(ours.vis[t, b][:, has] - vis[:, has]).max(initial=0) / scale)
        same((ours.flag[t, b] & 2 > 0)[:, has], (flag | unusable)[:, has], "flags of row %d" % row)
        if not np.all(ours.flag[t, b][:, ~has] & 1):
            raise AssertionError("a hand that row %d lacks is not marked missing" % row)
        same(ours.nsamples[t, b][:, has], np.where(unusable, 0, nsamples)[:, has].astype(np.float32), "nsamples of row %d" % row)
        if abs(ours.exposure(t, b) - np.atleast_1d(uv.integration_time)[row if np.size(uv.integration_time) > 1 else 0]) > 1e-5:
            raise AssertionError("integration time of row %d" % row)
    if worst > 1.2e-7:
        raise AssertionError("visibilities are off by %g" % worst)
    if not np.all(ours.flag[~ours.seen] & 1):
        raise AssertionError("rows that the file lacks are not marked missing")
    if ours.h["present"]:
        same(np.array(ours.h["present"]).reshape(ours.seen.shape) > 0, ours.seen, "which rows are present")
    elif not ours.seen.all():
        raise AssertionError("absent rows are not told")
    if np.any(np.diff(ours.h["time_mjd_s"]) <= 0):
        raise AssertionError("times do not ascend")
    return "%s %s, %d centre%s" % ("ragged" if ours.h["moment_of"] else "grid  ", ours.vis.shape, len(ours.h["centres"]),
                                   "" if len(ours.h["centres"]) == 1 else "s")


def check(o, name, path, refused):
    dump = path + ".npz"
    run = subprocess.run([o.program, "dump", path, "--out", dump], capture_output=True, text=True)
    try:
        if refused:
            if run.returncode != 65 or refused not in run.stderr:
                raise AssertionError("exit %d, not refused with '%s': %s" % (run.returncode, refused, run.stderr.strip()[-300:]))
            text = "refused"
        else:
            if run.returncode != 0:
                raise AssertionError("exit %d: %s" % (run.returncode, run.stderr.strip()[-300:]))
            text = compare(path, dump)
        good = True
    except Exception as error:
        text, good = "DIFFERS: %s %s" % (type(error).__name__, error), False
    print("%-58s %s" % (name, text), flush=True)
    return good


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("base", help="a small file of two polarizations, some times and baselines, unphased")
    a.add_argument("--files", nargs="*", default=[], help="further files, compared as they are")
    a.add_argument("--only", default="")
    a.add_argument("--keep", default="", help="a folder in which the files are left")
    o = a.parse_args()
    failed, count = [], 0
    with tempfile.TemporaryDirectory() as work:
        folder = o.keep or work
        os.makedirs(folder, exist_ok=True)
        for name, (make, refused) in DIALECTS.items():
            if o.only in name:
                path = os.path.join(folder, "".join(c if c.isalnum() else "_" for c in name) + ".uvh5")
                count += 1
                try:
                    make(o, path)
                except Exception as error:
                    print("%-58s CANNOT BE MADE: %s %s" % (name, type(error).__name__, error))
                    failed.append(name)
                    continue
                if not check(o, name, path, refused):
                    failed.append(name)
        for path in o.files:
            copy = os.path.join(folder, os.path.basename(path))
            shutil.copyfile(path, copy)
            count += 1
            if not check(o, os.path.basename(path), copy, None):
                failed.append(path)
    print("dialects: %d files, %d differ%s" % (count, len(failed), "" if not failed else ": " + ", ".join(failed)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
