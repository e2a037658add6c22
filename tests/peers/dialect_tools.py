"""What makers of UVH5 dialects share: DIALECTS[name] = (make(o, path), word with which the file is refused or None); o.base is the
file they start from. Needs numpy, h5py and pyuvdata."""
import warnings

import h5py
import numpy as np
from pyuvdata import UVData

warnings.filterwarnings("ignore")
LAX = dict(run_check=False, check_extra=False, run_check_acceptability=False)
DIALECTS = {}


def dialect(*words, refused=None):
    def register(make):
        DIALECTS[" ".join(words) or make.__name__.replace("_", " ")] = (make, refused)
        return make
    return register


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


def joined(parts):
    whole = parts[0].copy()
    for part in parts[1:]:
        whole = whole.fast_concat(part, "blt", run_check=False)
    whole.Ntimes, whole.Nbls = len(np.unique(whole.time_array)), len(np.unique(whole.baseline_array))
    whole.blts_are_rectangular = whole.time_axis_faster_than_bls = whole.blt_order = None
    whole.set_lsts_from_time_array()
    return whole


def four_polarizations(o):
    uv = base(o)
    other = base(o, 2)
    other.polarization_array = np.array([-7, -8])
    return uv.fast_concat(other, "polarization", run_check=False)
