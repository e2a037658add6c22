"""Makers of UVH5 dialects: storage, layouts, types and filters. Also needs hdf5plugin."""
import h5py
import hdf5plugin
import numpy as np
from dialect_tools import base, change, dialect, restored, store, write


def storage(word, refused=None, **options):
    def make(o, path):
        def edit(f):
            for name in ("Data/visdata", "Data/flags", "Data/nsamples"):
                restored(f, name, **options)
        change(o, path, edit)
    dialect(word, refused=refused)(make)


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
for codec in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
    for shuffle in (hdf5plugin.Blosc.NOSHUFFLE, hdf5plugin.Blosc.SHUFFLE, hdf5plugin.Blosc.BITSHUFFLE):
        storage("Blosc %s, shuffle %d" % (codec, shuffle), chunks=(77, 3, 2), compression=hdf5plugin.Blosc(cname=codec, shuffle=shuffle))
storage("Blosc2", chunks=(77, 3, 2), compression=hdf5plugin.Blosc2(), refused="unknown filter")
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
typed("big-endian int32, LZF", pair(">i4"), 1e8, chunks=(40, 4, 2), compression="lzf")
typed("big-endian complex128, LZF shuffle", pair(">f8"), chunks=(37, 3, 1), compression="lzf", shuffle=True)
typed("int64, bitshuffle LZ4", pair("<i8"), 1e12, chunks=(77, 3, 2), compression=hdf5plugin.Bitshuffle(cname="lz4"))
typed("big-endian int16, Blosc", pair(">i2"), 3000, chunks=(77, 3, 2), compression=hdf5plugin.Blosc(cname="zstd"))
typed("half floats, Zstandard", pair("<f2"), chunks=(77, 3, 2), compression=hdf5plugin.Zstd())
typed("big-endian complex64, LZ4", pair(">f4"), chunks=(77, 3, 2), compression=hdf5plugin.LZ4())
typed("imaginary part first", np.dtype([("i", "<f4"), ("r", "<f4")]))


@dialect("scale-offset nsamples")
def scale_offset(o, path):
    change(o, path, lambda f: restored(f, "Data/nsamples", chunks=(50, 4, 2), scaleoffset=0))


@dialect("scale-offset nsamples, LZF")
def scale_offset_lzf(o, path):
    change(o, path, lambda f: restored(f, "Data/nsamples", chunks=(50, 4, 2), scaleoffset=0, compression="lzf"))


def compressed_header(word, **options):
    @dialect("header " + word)
    def compress(o, path):
        def all_arrays(f):
            names = [name for name in f["Header"] if isinstance(f["Header"][name], h5py.Dataset) and f["Header"][name].ndim > 0]
            for name in names:
                restored(f, "Header/" + name, chunks=True, **options)
        change(o, path, all_arrays)


compressed_header("LZF", compression="lzf", shuffle=True)
compressed_header("Zstandard", compression=hdf5plugin.Zstd())
compressed_header("bitshuffle LZ4", compression=hdf5plugin.Bitshuffle(cname="lz4"))
compressed_header("gzip", compression="gzip")


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


def wide_flags(word, kind, factor, **options):
    dialect(word)(lambda o, path: change(o, path, lambda f: store(f, "Data/flags", f["Data/flags"][()].astype(kind) * factor, **options)))


wide_flags("flags int32", "i4", 1)
wide_flags("flags int32, 256 and gzip", "i4", 256, chunks=(40, 4, 2), compression="gzip")
wide_flags("flags int16, negative", "i2", -1)
wide_flags("flags uint32, big-endian", ">u4", 70000)


@dialect("flags in an enumeration of four bytes")
def flags_enum(o, path):
    kind = h5py.enum_dtype({"GOOD": 0, "BAD": 1}, basetype="i4")
    change(o, path, lambda f: store(f, "Data/flags", f["Data/flags"][()].astype("i4").astype(kind)))


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
