"""Makers of UVH5 dialects: rows, frequencies and polarizations, headers."""
import h5py
import numpy as np
from dialect_tools import base, change, dialect, four_polarizations, joined, restored, store, write


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


@dialect("baseline-dependent averaging 1, 2")
def averaged_two(o, path):
    write(averaged(base(o), [1, 2]), path)


@dialect("baseline-dependent averaging 1, 2, 4, 10")
def averaged_four(o, path):
    write(averaged(base(o), [1, 2, 4, 10]), path)


@dialect("a row twice")
def row_twice(o, path):
    uv = base(o)
    write(joined([uv, uv.select(blt_inds=[4], inplace=False, run_check=False)]), path)


@dialect("a time twice, with other values")
def time_twice(o, path):
    uv = base(o)
    again = uv.select(blt_inds=np.arange(uv.Nbls), inplace=False, run_check=False)
    again.data_array = again.data_array * 2
    write(joined([uv, again]), path)


@dialect("every row twice")
def rows_twice(o, path):
    uv = base(o)
    write(joined([uv, uv]), path)


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
