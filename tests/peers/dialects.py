#!/usr/bin/env python3
"""Dialects of UVH5: what `nocturne dump` reads against what pyuvdata reads from the same files.

Some sixty files are made from one small file of a real telescope with pyuvdata and h5py: storage (types, layouts, filters), rows
(order, absences, averaging), frequencies and polarizations, phase centres, older and newer headers. Visibilities, flags, nsamples,
times, frequencies, antennas and the ICRS direction of every row's phase centre are compared; what is refused must be refused by
name with exit code 65.

  dialects.py PROGRAM BASE.uvh5 [--files FILE ...] [--only WORD] [--keep DIR]
Needs numpy, h5py, pyuvdata and hdf5plugin. Prints a line per file and exits 1 where one differs."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

import astropy.units as u
import h5py
import hdf5plugin
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.time import Time
from pyuvdata import UVData, utils

warnings.filterwarnings("ignore")
LAX = dict(run_check=False, check_extra=False, run_check_acceptability=False)
DIALECTS = {}


def dialect(*words, refused=None):
    def register(make):
        DIALECTS[" ".join(words) or make.__name__.replace("_", " ")] = (make, refused)
        return make
    return register


# ---- making files -------------------------------------------------------------------------------------------------------

def base(o, seed=1):
    """The small file with random numbers in it, some flags, nsamples that vary."""
    uv = UVData()
    uv.read(o.base, file_type="uvh5", fix_old_proj=False, **LAX)
    rng = np.random.default_rng(seed)
    shape = uv.data_array.shape
    uv.data_array = (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64)
    uv.flag_array = rng.random(shape) < 0.1
    uv.nsample_array = rng.integers(1, 9, shape).astype(np.float32)
    return uv


def write(uv, path, **words):
    uv.write_uvh5(path, clobber=True, run_check=False, **words)


def change(o, path, edit, **words):
    write(base(o), path, **words)
    with h5py.File(path, "r+") as f:
        edit(f)


def store(f, name, data, **words):
    del f[name]
    f.create_dataset(name, data=data, **words)


def restored(f, name, **words):
    store(f, name, f[name][()], **words)


def storage(word, **options):
    def make(o, path):
        def edit(f):
            for name in ("Data/visdata", "Data/flags", "Data/nsamples"):
                restored(f, name, **options)
        change(o, path, edit)
    dialect(word)(make)


def typed(word, parts, scale=1.0, **options):
    def make(o, path):
        def edit(f):
            v = f["Data/visdata"][()]
            new = np.zeros(v.shape, parts)
            new["r"], new["i"] = (v.real * scale).astype(parts["r"]), (v.imag * scale).astype(parts["i"])
            store(f, "Data/visdata", new, **options)
        change(o, path, edit)
    dialect(word)(make)


def pair(kind):
    return np.dtype([("r", kind), ("i", kind)])


storage("contiguous")
storage("chunked without filter", chunks=(37, 3, 1))
storage("gzip", chunks=(50, 4, 2), compression="gzip")
storage("gzip shuffle fletcher32", chunks=(50, 2, 2), compression="gzip", shuffle=True, fletcher32=True)
storage("fletcher32", chunks=(50, 2, 1), fletcher32=True)
storage("LZF", chunks=(64, 4, 2), compression="lzf")
storage("LZF shuffle", chunks=(64, 3, 2), compression="lzf", shuffle=True)
storage("bitshuffle LZ4", chunks=(77, 3, 2), compression=hdf5plugin.Bitshuffle(cname="lz4"))
storage("bitshuffle LZ4, small blocks", chunks=(33, 4, 2), compression=hdf5plugin.Bitshuffle(nelems=64, cname="lz4"))
storage("bitshuffle alone", chunks=(77, 3, 2), compression=hdf5plugin.Bitshuffle(cname="none"))
storage("bitshuffle Zstandard", chunks=(77, 3, 2), compression=hdf5plugin.Bitshuffle(cname="zstd"))
storage("bitshuffle, chunks of 5 samples", chunks=(5, 1, 1), compression=hdf5plugin.Bitshuffle(cname="lz4"))
storage("LZ4", chunks=(77, 3, 2), compression=hdf5plugin.LZ4())
storage("Zstandard", chunks=(77, 3, 2), compression=hdf5plugin.Zstd())
dialect("Blosc", refused="unknown filter")(lambda o, path: change(o, path, lambda f: restored(f, "Data/visdata", **hdf5plugin.Blosc())))
typed("complex128", pair("<f8"))
typed("complex128 contiguous", pair("<f8"), chunks=None)
typed("complex128 gzip", pair("<f8"), chunks=(40, 4, 2), compression="gzip")
typed("int16", pair("<i2"), 3000)
typed("int32", pair("<i4"), 1e8)
typed("int8", pair("<i1"), 30)
typed("int64", pair("<i8"), 1e12)
typed("half floats", pair("<f2"))
typed("big-endian complex64", pair(">f4"))
typed("big-endian int32, gzip", pair(">i4"), 1e8, chunks=(40, 4, 2), compression="gzip")
typed("imaginary part first", np.dtype([("i", "<f4"), ("r", "<f4")]))


@dialect("scale-offset nsamples")
def scale_offset(o, path):
    change(o, path, lambda f: restored(f, "Data/nsamples", chunks=(50, 4, 2), scaleoffset=0))


@dialect("nsamples float64")
def nsamples_f64(o, path):
    change(o, path, lambda f: store(f, "Data/nsamples", f["Data/nsamples"][()].astype("f8")))


@dialect("nsamples int32")
def nsamples_i32(o, path):
    change(o, path, lambda f: store(f, "Data/nsamples", f["Data/nsamples"][()].astype("i4")))


@dialect("nsamples zero and negative")
def nsamples_odd(o, path):
    uv = base(o)
    uv.nsample_array[5:20], uv.nsample_array[30:40] = 0, -2
    write(uv, path)


@dialect("flags uint8")
def flags_u8(o, path):
    change(o, path, lambda f: store(f, "Data/flags", f["Data/flags"][()].astype("u1") * 255))


@dialect("flags int32", refused="Data/flags")
def flags_i32(o, path):
    change(o, path, lambda f: store(f, "Data/flags", f["Data/flags"][()].astype("i4")))


@dialect("everything flagged")
def all_flagged(o, path):
    uv = base(o)
    uv.flag_array[:] = True
    write(uv, path)


@dialect("legacy four axes")
def four_axes(o, path):
    def edit(f):
        for name in ("visdata", "flags", "nsamples"):
            store(f, "Data/" + name, f["Data/" + name][()][:, None], chunks=(40, 1, 2, 1), compression="lzf")
        store(f, "Header/freq_array", f["Header/freq_array"][()][None])
        store(f, "Header/channel_width", f["Header/channel_width"][0])
    change(o, path, edit)


# rows

def reordered(word, order):
    def make(o, path):
        uv = base(o)
        uv.reorder_blts(**order)
        write(uv, path)
    dialect(word)(make)


reordered("rows by baseline", dict(order="baseline"))
reordered("rows by antenna 2", dict(order="ant2"))


@dialect("rows in random order")
def random_rows(o, path):
    uv = base(o)
    uv.reorder_blts(order=np.random.default_rng(3).permutation(uv.Nblts))
    write(uv, path)


@dialect("baselines conjugated, two polarizations")
def conjugated(o, path):
    uv = base(o)
    uv.conjugate_bls("ant2<ant1")
    write(uv, path)


@dialect("baselines conjugated, four polarizations")
def conjugated_four(o, path):
    uv = four_polarizations(o)
    uv.conjugate_bls(np.arange(0, uv.Nblts, 3))
    write(uv, path)


@dialect("every tenth row absent")
def absent_rows(o, path):
    uv = base(o)
    uv.select(blt_inds=[i for i in range(uv.Nblts) if i % 10 != 3], run_check=False)
    write(uv, path)


@dialect("two baselines at one time only")
def sparse_rows(o, path):
    uv = base(o)
    uv.select(blt_inds=[i for i in range(uv.Nblts) if i % uv.Nbls < 8 or i < uv.Nbls], run_check=False)
    write(uv, path)


def averaged(uv, factors):
    """Baseline k is averaged over factors[k mod n] integrations: baseline-dependent averaging."""
    parts = []
    for k, (a, b) in enumerate(uv.get_antpairs()):
        part = uv.select(bls=[(a, b)], inplace=False, run_check=False)
        n = factors[k % len(factors)]
        rows = np.arange(part.Nblts // n) * n
        new = part.select(blt_inds=rows, inplace=False, run_check=False)
        for i, r in enumerate(rows):
            new.data_array[i], new.time_array[i] = part.data_array[r:r + n].mean(0), part.time_array[r:r + n].mean()
            new.integration_time[i] = part.integration_time[r:r + n].sum()
        parts.append(new)
    return joined(parts)


def joined(parts):
    whole = parts[0].copy()
    for part in parts[1:]:
        whole = whole.fast_concat(part, "blt", run_check=False)
    whole.Ntimes, whole.Nbls = len(np.unique(whole.time_array)), len(np.unique(whole.baseline_array))
    whole.blts_are_rectangular = whole.time_axis_faster_than_bls = whole.blt_order = None
    whole.set_lsts_from_time_array()
    return whole


@dialect("baseline-dependent averaging 1, 2")
def averaged_two(o, path):
    write(averaged(base(o), [1, 2]), path)


@dialect("baseline-dependent averaging 1, 2, 4, 10")
def averaged_four(o, path):
    write(averaged(base(o), [1, 2, 4, 10]), path)


@dialect("a row twice", refused="twice")
def row_twice(o, path):
    uv = base(o)
    write(joined([uv, uv.select(blt_inds=[4], inplace=False, run_check=False)]), path)


@dialect("antenna numbers unsorted")
def antennas_unsorted(o, path):
    def edit(f):
        order = np.random.default_rng(2).permutation(len(f["Header/antenna_numbers"]))
        for name in ("antenna_numbers", "antenna_names", "antenna_positions", "antenna_diameters", "feed_array", "feed_angle",
                     "mount_type"):
            if name in f["Header"]:
                store(f, "Header/" + name, f["Header/" + name][()][order])
    change(o, path, edit)


@dialect("a row of an antenna that is not listed", refused="does not list")
def antenna_unknown(o, path):
    def edit(f):
        ants = f["Header/ant_2_array"][()]
        ants[7] = 999
        store(f, "Header/ant_2_array", ants)
    change(o, path, edit)


@dialect("one integration time for all")
def scalar_integration(o, path):
    change(o, path, lambda f: store(f, "Header/integration_time", f["Header/integration_time"][0]))


# frequencies and polarizations

@dialect("frequencies fall")
def falling(o, path):
    uv = base(o)
    uv.reorder_freqs(channel_order="-freq", run_check=False)
    write(uv, path)


@dialect("frequencies irregular")
def irregular(o, path):
    uv = base(o)
    uv.freq_array = uv.freq_array + np.arange(uv.Nfreqs) ** 2 * 1e4
    uv.channel_width = uv.channel_width * (1 + np.arange(uv.Nfreqs))
    write(uv, path)


@dialect("frequencies in random order")
def frequencies_random(o, path):
    uv = base(o)
    uv.reorder_freqs(channel_order=np.array([2, 0, 3, 1]), run_check=False)
    write(uv, path)


def windows(uv, start, index):
    part = uv.select(freq_chans=np.arange(2), inplace=False, run_check=False)
    part.freq_array = start + np.arange(2) * part.channel_width
    part.data_array = part.data_array * (index + 1)
    part.spw_array = np.array([index])
    part.flex_spw_id_array = np.full(2, index)
    return part


def two_windows(o, starts):
    uv = base(o)
    parts = [windows(uv, start, k) for k, start in enumerate(starts)]
    return parts[0].fast_concat(parts[1:], "freq", run_check=False)


@dialect("two spectral windows, the higher first")
def spectral_windows(o, path):
    write(two_windows(o, [1.6e8, 1.2e8]), path)


@dialect("two spectral windows that overlap")
def overlapping_windows(o, path):
    uv = two_windows(o, [1.2e8, 1.2e8])
    uv.freq_array[2:] += [uv.channel_width[0], uv.channel_width[0]]
    write(uv, path)


@dialect("a frequency twice in one window", refused="frequency twice")
def repeated_frequency(o, path):
    def edit(f):
        freq = f["Header/freq_array"][()]
        freq[2] = freq[1]
        store(f, "Header/freq_array", freq)
    change(o, path, edit)


@dialect("one polarization a window")
def flexible_polarizations(o, path):
    uv = base(o)
    uv.convert_to_flex_pol()
    write(uv, path)


def four_polarizations(o):
    uv = base(o)
    other = base(o, 2)
    other.polarization_array = np.array([-7, -8])
    return uv.fast_concat(other, "polarization", run_check=False)


@dialect("four polarizations")
def four(o, path):
    write(four_polarizations(o), path)


@dialect("four polarizations in another order")
def four_reordered(o, path):
    uv = four_polarizations(o)
    uv.reorder_pols(order="CASA", run_check=False)
    write(uv, path, chunks=(40, 2, 2))


def polarized(word, codes):
    def make(o, path):
        uv = base(o)
        uv.select(polarizations=uv.polarization_array[:len(codes)], run_check=False)
        uv.polarization_array = np.array(codes)
        write(uv, path)
    dialect(word)(make)


polarized("XY alone", [-7])
polarized("pseudo-Stokes I", [1])
polarized("circular", [-1, -2])


# phase centres

def phased(word, refused=None, **words):
    def make(o, path):
        uv = base(o)
        uv.phase(cat_name="there", **words)
        write(uv, path)
    dialect(word, refused=refused)(make)


phased("phased, ICRS", lon=1.2, lat=-0.5, phase_frame="icrs")
phased("phased, FK5 J2000", lon=1.2, lat=-0.5, phase_frame="fk5", epoch=2000)
phased("phased, FK5 of 2019", lon=1.2, lat=-0.5, phase_frame="fk5", epoch=2019.5)
phased("phased, FK4 B1950", lon=1.2, lat=-0.5, phase_frame="fk4", epoch=1950)
phased("phased, FK4 of 1900", lon=1.2, lat=-0.5, phase_frame="fk4", epoch=1900)
phased("phased, galactic", lon=4.2, lat=-0.9, phase_frame="galactic")
phased("phased, supergalactic", lon=4.2, lat=-0.9, phase_frame="supergalactic")
phased("phased, GCRS", lon=1.2, lat=-0.5, phase_frame="gcrs")
phased("phased, ecliptic", refused="frame", lon=1.2, lat=-0.5, phase_frame="barycentrictrueecliptic")
phased("driftscan", lon=0.3, lat=1.4, cat_type="driftscan", phase_frame="altaz")


@dialect("proper motion")
def proper_motion(o, path):
    uv = base(o)
    uv.phase(lon=1.2, lat=-0.5, cat_name="there", phase_frame="icrs", pm_ra=3000, pm_dec=-2000)
    write(uv, path)


def ephemeris(word, entries):
    def make(o, path):
        uv = base(o)
        start, end = uv.time_array.min() - 1e-3, uv.time_array.max() + 1e-3
        times = np.linspace(start, end, entries)
        uv.phase(lon=1.2 + 3 * (times - start) + 40 * (times - start) ** 3, lat=-0.5 + 2 * (times - start) ** 2, cat_name="moving", cat_type="ephem",
                 ephem_times=times, phase_frame="icrs")
        write(uv, path)
    dialect(word)(make)


ephemeris("ephemeris of 3 entries", 3)
ephemeris("ephemeris of 7 entries", 7)


@dialect("ephemeris that ends too early", refused="does not cover")
def short_ephemeris(o, path):
    ephemeris_file = DIALECTS["ephemeris of 7 entries"][0]
    ephemeris_file(o, path)
    with h5py.File(path, "r+") as f:
        for entry in f["Header/phase_center_catalog"].values():
            if "cat_times" in entry and entry["cat_times"].shape:
                entry["cat_times"][...] = entry["cat_times"][()] - 1


@dialect("near-field", refused="near-field")
def near_field(o, path):
    DIALECTS["phased, ICRS"][0](o, path)
    with h5py.File(path, "r+") as f:
        for entry in f["Header/phase_center_catalog"].values():
            store(entry, "cat_type", np.bytes_("near_field"))


@dialect("one centre a time")
def centre_per_time(o, path):
    uv = base(o)
    for k, t in enumerate(np.unique(uv.time_array)):
        uv.phase(lon=1 + 0.003 * k, lat=0.6, cat_name="meridian_icrs_t%d" % k, phase_frame="icrs", select_mask=uv.time_array == t)
    write(uv, path)


@dialect("two centres by turns, one of them unphased")
def alternating(o, path):
    uv = base(o)
    odd = np.isin(uv.time_array, np.unique(uv.time_array)[1::2])
    uv.phase(lon=1, lat=-0.6, cat_name="calibrator", phase_frame="icrs", select_mask=odd)
    write(uv, path)


@dialect("two centres at the same time")
def simultaneous(o, path):
    uv, other = base(o), base(o, 2)
    uv.phase(lon=1, lat=-0.6, cat_name="a", phase_frame="icrs")
    other.phase(lon=1.1, lat=-0.6, cat_name="b", phase_frame="icrs")
    other.phase_center_catalog = {7: next(iter(other.phase_center_catalog.values()))}
    other.phase_center_id_array[:] = 7
    uv.phase_center_catalog.update(other.phase_center_catalog)
    uv.Nphase = 2
    other.phase_center_catalog, other.Nphase = uv.phase_center_catalog, 2
    write(joined([uv, other]), path)


@dialect("catalogue entries that nothing uses")
def unused_entries(o, path):
    DIALECTS["phased, ICRS"][0](o, path)
    with h5py.File(path, "r+") as f:
        entry = f["Header/phase_center_catalog"].create_group("55")
        entry["cat_name"], entry["cat_type"] = np.bytes_("x"), np.bytes_("near_field")


def legacy(f, kind):
    header = f["Header"]
    for name in ("phase_center_catalog", "phase_center_id_array", "Nphase", "phase_center_app_ra", "phase_center_app_dec", "phase_center_frame_pa",
                 "flex_spw_id_array"):
        if name in header:
            del header[name]
    header["phase_type"], header["object_name"] = np.bytes_(kind), np.bytes_("field")
    if kind == "phased":
        header["phase_center_ra"], header["phase_center_dec"] = 1.2, -0.5
        header["phase_center_epoch"], header["phase_center_frame"] = 2000.0, np.bytes_("icrs")


@dialect("legacy phased")
def legacy_phased(o, path):
    DIALECTS["phased, ICRS"][0](o, path)
    with h5py.File(path, "r+") as f:
        legacy(f, "phased")


@dialect("legacy drift")
def legacy_drift(o, path):
    change(o, path, lambda f: legacy(f, "drift"))


@dialect("legacy, phase type nobody knows")
def legacy_unknown(o, path):
    change(o, path, lambda f: legacy(f, "wandering"))


@dialect("catalogue without phase_center_id_array", refused="phase_center_id_array")
def no_ids(o, path):
    change(o, path, lambda f: f.__delitem__("Header/phase_center_id_array"))


# headers

@dialect("header of pyuvdata 3: feeds, mounts, conventions")
def newest_header(o, path):
    uv = base(o)
    uv.telescope.mount_type = ["fixed"] * uv.telescope.Nants
    uv.telescope.set_feeds_from_x_orientation("east", feeds=["x", "y"])
    uv.eq_coeffs = np.ones((uv.telescope.Nants, uv.Nfreqs))
    uv.eq_coeffs_convention = "divide"
    uv.pol_convention = "avg"
    write(uv, path)


@dialect("strings of variable length")
def variable_strings(o, path):
    def edit(f):
        for name in ("telescope_name", "instrument", "vis_units", "history"):
            store(f, "Header/" + name, f["Header/" + name][()].decode(), dtype=h5py.string_dtype())
        names = [n.decode() for n in f["Header/antenna_names"][()]]
        store(f, "Header/antenna_names", names, dtype=h5py.string_dtype())
    change(o, path, edit)


@dialect("a telescope on the Moon", refused="Moon")
def moon(o, path):
    change(o, path, lambda f: store(f, "Header/telescope_frame", np.bytes_("mcmf")))


@dialect("32-bit integers, extra keywords of all kinds")
def small_integers(o, path):
    def edit(f):
        for name in ("ant_1_array", "ant_2_array", "antenna_numbers", "polarization_array", "Nblts"):
            store(f, "Header/" + name, np.asarray(f["Header/" + name][()]).astype("i4"))
        extra = f["Header"].require_group("extra_keywords")
        extra["none"], extra["flag"], extra["phase_center_epoch"] = h5py.Empty("f"), True, 2000.0
    change(o, path, edit)


@dialect("HDF5 format of 1.10")
def latest_format(o, path):
    write(base(o), path + ".old")
    with h5py.File(path + ".old") as old, h5py.File(path, "w", libver=("v110", "v110")) as new:
        for name in old:
            old.copy(name, new)
        for name in ("visdata", "flags", "nsamples"):
            restored(new, "Data/" + name, chunks=(64, 2, 2), compression="lzf")


@dialect("user block before the HDF5 file")
def user_block(o, path):
    write(base(o), path + ".old")
    with h5py.File(path + ".old") as old, h5py.File(path, "w", userblock_size=512) as new:
        for name in old:
            old.copy(name, new)
        restored(new, "Data/visdata")


# ---- comparing ----------------------------------------------------------------------------------------------------------

SWAPPED = {-7: -8, -8: -7, -3: -4, -4: -3}


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
    if entry.get("cat_pm_ra"):
        sky = SkyCoord(lon * u.rad, lat * u.rad, pm_ra_cosdec=entry["cat_pm_ra"] * np.cos(lat) * u.mas / u.yr, pm_dec=entry["cat_pm_dec"] * u.mas / u.yr,
                       obstime=Time("J2000"))
        sky = sky.apply_space_motion(new_obstime=Time(time, format="jd"))
        lon, lat = sky.ra.rad, sky.dec.rad
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
        """Integration and baseline of a row; the centre decides where several have its time."""
        b = self.baseline[pair]
        best = None
        for t, m in enumerate(self.moment_of[:, b]):
            if m < 0 or abs(self.moments[m][0] - time) > 2e-3:
                continue
            kind, lon, lat, _ = self.h["centres"][self.moments[m][1]]
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
    same(sorted(ours.h["correlations"]), sorted(int(p) for p in uv.polarization_array), "polarizations")
    by_number = np.argsort(uv.telescope.antenna_numbers)
    same([a[1] for a in ours.h["antennas"]], np.asarray(uv.telescope.antenna_numbers)[by_number], "antenna numbers")
    same([a[0] for a in ours.h["antennas"]], np.asarray(uv.telescope.antenna_names)[by_number], "antenna names")
    if ours.h["site"]["origin"] == "header":
        same([a[2] for a in ours.h["antennas"]], np.asarray(uv.telescope.antenna_positions)[by_number], "antenna positions")


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
