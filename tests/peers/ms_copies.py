"""Copies of a Measurement Set that say the same in another way. For ms_read.py and ms_roundtrip.py; needs python-casacore."""
import os
import shutil

import casacore.tables as ct
import numpy as np


def rewrite(path, change):
    with ct.table(path, ack=False, readonly=False) as t:
        change(t)


def whole(source, path):
    """A copy without keywords that name a table which is not there: casacore does not copy rows of such a set."""
    shutil.copytree(source, path)
    with ct.table(path, ack=False, readonly=False) as t:
        for key, value in t.getkeywords().items():
            if isinstance(value, str) and value.startswith("Table: ") and not os.path.exists(os.path.join(path, key)):
                t.removekeyword(key)


def chosen_rows(source, path, choose):
    whole(source, path + ".all")
    with ct.table(path + ".all", ack=False) as t, t.selectrows(choose(t.nrows())) as some:
        some.copy(path, deep=True, valuecopy=True).close()
    shutil.rmtree(path + ".all")


def shuffled(source, path):
    chosen_rows(source, path, lambda n: np.random.default_rng(1).permutation(n))


def missing(source, path):
    chosen_rows(source, path, lambda n: [r for r in range(n) if r % 7 != 3])


def exchanged(source, path):
    """Every second row as (ant2, ant1): V conjugated, cross-hands exchanged, UVW reversed."""
    shutil.copytree(source, path)

    def change(t):
        r = slice(1, None, 2)
        a, b, d, u = t.getcol("ANTENNA1"), t.getcol("ANTENNA2"), t.getcol("DATA"), t.getcol("UVW")
        f, order = t.getcol("FLAG"), list(range(d.shape[2]))
        if len(order) == 4:
            order = [0, 2, 1, 3]
        a[r], b[r] = b[r].copy(), a[r].copy()
        d[r] = d[r][:, :, order].conj()
        f[r] = f[r][:, :, order]
        u[r] = -u[r]
        for name, value in (("ANTENNA1", a), ("ANTENNA2", b), ("DATA", d), ("UVW", u), ("FLAG", f)):
            t.putcol(name, value)
        if "WEIGHT_SPECTRUM" in t.colnames():
            w = t.getcol("WEIGHT_SPECTRUM")
            w[r] = w[r][:, :, order]
            t.putcol("WEIGHT_SPECTRUM", w)
    rewrite(path, change)


def descending(source, path):
    shutil.copytree(source, path)

    def change(t):
        for name in ("DATA", "FLAG", "WEIGHT_SPECTRUM"):
            if name in t.colnames():
                t.putcol(name, np.ascontiguousarray(t.getcol(name)[:, ::-1]))
    rewrite(path, change)
    rewrite(path + "/SPECTRAL_WINDOW", lambda t: t.putcol("CHAN_FREQ", np.ascontiguousarray(t.getcol("CHAN_FREQ")[:, ::-1])))


def row_flags(source, path):
    shutil.copytree(source, path)
    rewrite(path, lambda t: t.putcol("FLAG_ROW", np.arange(t.nrows()) % 3 == 0))


COPIES = {"as it is": None, "shuffled": shuffled, "missing rows": missing, "exchanged antennas": exchanged,
          "descending": descending, "rows flagged": row_flags}


# ---- copies that other readers do not compare -----------------------------------------------------------------------------------

def odd_weights(source, path):
    """Weights that cannot be used, without a flag."""
    shutil.copytree(source, path)

    def change(t):
        name = "WEIGHT_SPECTRUM" if "WEIGHT_SPECTRUM" in t.colnames() else "WEIGHT"
        w = t.getcol(name)
        w.reshape(-1)[::97], w.reshape(-1)[1::101], w.reshape(-1)[2::103] = 0, -1, np.nan
        t.putcol(name, w)
    rewrite(path, change)


def two_windows(source, path):
    """The upper half of the channels, of the second half of the rows, as a window of its own before the other one."""
    shutil.copytree(source, path)
    with ct.table(path, ack=False, readonly=False) as t:
        n, half = t.nrows(), t.nrows() // 2
        if n % 2:
            return False
        t.putcol("DATA_DESC_ID", np.repeat([1, 0], [half, half]).astype("i4"))
        for name in ("TIME", "TIME_CENTROID", "ANTENNA1", "ANTENNA2", "UVW", "FIELD_ID", "SCAN_NUMBER", "INTERVAL", "EXPOSURE"):
            c = t.getcol(name)
            c[half:] = c[:half]
            t.putcol(name, c)
    with ct.table(path + "/SPECTRAL_WINDOW", ack=False, readonly=False) as t:
        t.addrows(1)
        for name in t.colnames():
            if t.iscelldefined(name, 0):
                t.putcell(name, 1, t.getcell(name, 0))
        f = t.getcell("CHAN_FREQ", 0)
        t.putcell("CHAN_FREQ", 0, f + 2 * abs(f[-1] - f[0]) + 1e6)
        t.putcell("NAME", 1, "the lower one")
    with ct.table(path + "/DATA_DESCRIPTION", ack=False, readonly=False) as t:
        t.addrows(1)
        t.putcell("SPECTRAL_WINDOW_ID", 1, 1)
        t.putcell("POLARIZATION_ID", 1, t.getcell("POLARIZATION_ID", 0))
        t.putcell("FLAG_ROW", 1, False)


def two_fields(source, path):
    """Later rows look elsewhere."""
    with ct.table(source + "/FIELD", ack=False) as t:
        if t.nrows() > 1:
            return False  # it has several
    shutil.copytree(source, path)
    with ct.table(path + "/FIELD", ack=False, readonly=False) as t:
        t.addrows(1)
        for name in t.colnames():
            if t.iscelldefined(name, 0):
                t.putcell(name, 1, t.getcell(name, 0))
        t.putcell("PHASE_DIR", 1, t.getcell("PHASE_DIR", 0) + 0.01)
        t.putcell("NAME", 1, "elsewhere")
    rewrite(path, lambda t: t.putcol("FIELD_ID", (t.getcol("TIME") > np.median(t.getcol("TIME"))).astype("i4")))


def more_columns(source, path):
    shutil.copytree(source, path)
    with ct.table(path, ack=False, readonly=False) as t:
        for name in ("CORRECTED_DATA", "MODEL_DATA"):
            if name not in t.colnames():
                t.addcols(ct.makecoldesc(name, t.getcoldesc("DATA")), {"TYPE": "TiledShapeStMan", "NAME": name, "SPEC": {"DEFAULTTILESHAPE": [4, 8, 64]}})
                t.putcol(name, t.getcol("DATA") * 2)
        t.addcols(ct.makescacoldesc("NOTE", "text"))
        t.putcol("NOTE", ["row %d" % r for r in range(t.nrows())])


MORE_COPIES = {"odd weights": odd_weights, "two windows": two_windows, "two fields": two_fields, "more columns": more_columns}
