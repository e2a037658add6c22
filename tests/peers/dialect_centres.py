"""Makers of UVH5 dialects: phase centres."""
import json

import h5py
import numpy as np
from dialect_tools import DIALECTS, base, change, dialect, joined, write


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
phased("phased, CIRS", refused="frame", lon=1.2, lat=-0.5, phase_frame="cirs")
phased("phased, ecliptic", lon=1.2, lat=-0.5, phase_frame="barycentrictrueecliptic")
phased("driftscan", lon=0.3, lat=1.4, cat_type="driftscan", phase_frame="altaz")


@dialect("proper motion")
def proper_motion(o, path):
    uv = base(o)
    uv.phase(lon=1.2, lat=-0.5, cat_name="there", phase_frame="icrs", pm_ra=3000, pm_dec=-2000)
    write(uv, path)


@dialect("a near star")
def near_star(o, path):
    uv = base(o)
    uv.phase(lon=4.7, lat=0.08, cat_name="there", phase_frame="icrs", pm_ra=-800, pm_dec=10300, dist=1.8285, vrad=-110.5)
    write(uv, path)


phased("a distance alone", lon=1.2, lat=-0.5, phase_frame="icrs", dist=20)


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


phased("near field", lon=1.2, lat=-0.5, phase_frame="icrs", cat_type="near_field", dist=300e3)


@dialect("near field without w", refused="has no w")
def near_field_without_w(o, path):
    DIALECTS["near field"][0](o, path)
    with h5py.File(path, "r+") as f:
        f["Header/uvw_array"][...] = 0


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


def draft(word, of):
    """The catalogue as pyuvdata's draft of the format had it: JSON text, named after the source."""
    def make(o, path):
        DIALECTS[of][0](o, path)
        plain = lambda v: None if isinstance(v, h5py.Empty) else v.decode() if isinstance(v, bytes) else np.asarray(v).tolist()
        with h5py.File(path, "r+") as f:
            entries = {int(k): {name: plain(item[()]) for name, item in entry.items()} for k, entry in f["Header/phase_center_catalog"].items()}
            del f["Header/phase_center_catalog"]
            catalogue = f["Header"].create_group("phase_center_catalog")
            for k, entry in entries.items():
                catalogue[entry.pop("cat_name") or "none"] = np.bytes_(json.dumps({"cat_id": k, **entry}))
    dialect(word)(make)


draft("catalogue of the draft, as JSON", "phased, FK5 of 2019")
draft("catalogue of the draft, two centres", "two centres by turns, one of them unphased")
draft("catalogue of the draft, ephemeris", "ephemeris of 7 entries")
draft("catalogue of the draft, proper motion", "proper motion")


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


def nameless(kind):
    def make(o, path):
        DIALECTS["legacy " + kind][0](o, path)
        with h5py.File(path, "r+") as f:
            del f["Header/object_name"]
    dialect("legacy %s without object_name" % kind)(make)


nameless("phased")
nameless("drift")


@dialect("legacy, phase type nobody knows")
def legacy_unknown(o, path):
    change(o, path, lambda f: legacy(f, "wandering"))


@dialect("catalogue without phase_center_id_array", refused="phase_center_id_array")
def no_ids(o, path):
    change(o, path, lambda f: f.__delitem__("Header/phase_center_id_array"))
