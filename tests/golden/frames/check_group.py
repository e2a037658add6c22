#!/usr/bin/env python3
"""A simulated group against pyuvdata and an exact sum; prints figures, exits 1 where they miss.

  check_group.py finals2000A GROUP [PREDICTION]

GROUP: `nocturne simulate --smearing none --beam none …`. Its first file is phased to the truth's centre with pyuvdata's own
functions (position angle over 1e-6 rad) and compared with sum(S exp(2 pi i f/c (ul + vm + w(n-1)))) over the truth's sources.
PREDICTION: `nocturne predict` of all sources but one: GROUP - PREDICTION must then peak at the missing source's place.
"""
import glob
import json
import sys

import numpy as np
from astropy.utils import iers
from pyuvdata import UVData
from pyuvdata.utils import phasing

C = 299792458.0
iers.conf.auto_download = False


def phased(path, ra, dec):
    uv = UVData()
    uv.read(path, file_type="uvh5", run_check=False)
    site = uv.telescope.location
    times, inverse = np.unique(uv.time_array, return_inverse=True)
    lst = np.array([uv.lst_array[inverse == i][0] for i in range(len(times))])
    app_ra, app_dec = phasing.calc_app_coords(lon_coord=ra, lat_coord=dec, coord_frame="icrs", coord_epoch=2000.0,
                                              coord_type="sidereal", time_array=times, lst_array=lst, telescope_loc=site)
    angle = phasing.calc_frame_pos_angle(time_array=times, app_ra=app_ra, app_dec=app_dec, telescope_loc=site,
                                         ref_frame="icrs", offset_pos=1e-6)
    common = dict(use_ant_pos=True, antenna_positions=uv.telescope.antenna_positions,
                  antenna_numbers=uv.telescope.antenna_numbers, ant_1_array=uv.ant_1_array, ant_2_array=uv.ant_2_array,
                  lst_array=uv.lst_array, telescope_lat=site.lat.rad, telescope_lon=site.lon.rad)
    new = phasing.calc_uvw(app_ra=app_ra[inverse], app_dec=app_dec[inverse], frame_pa=angle[inverse], **common)
    meridian = np.full(len(inverse), uv.extra_keywords["phase_center_dec"])
    old = phasing.calc_uvw(app_ra=uv.lst_array, app_dec=meridian, frame_pa=np.zeros(len(inverse)), **common)
    turns = (new[:, 2] - old[:, 2])[:, None] * uv.freq_array / C
    return new, uv.freq_array, uv.data_array[:, :, 0] * np.exp(-2j * np.pi * turns), np.abs(uv.uvw_array - old).max()


def cosines(ra, dec, ra0, dec0):
    d = ra - ra0
    return np.array([np.cos(dec) * np.sin(d), np.sin(dec) * np.cos(dec0) - np.cos(dec) * np.sin(dec0) * np.cos(d),
                     np.sin(dec) * np.sin(dec0) + np.cos(dec) * np.cos(dec0) * np.cos(d) - 1])


def main(finals, group, prediction=None):
    iers.earth_orientation_table.set(iers.IERS_A.open(finals))
    truth = json.load(open(group + "/truth.json"))
    ra0, dec0 = (np.deg2rad(truth["centre"][k]) for k in ("ra_deg", "dec_deg"))
    path = sorted(glob.glob(group + "/*_sb00.hdf5"))[0]
    uvw, freq, vis, uvw_error = phased(path, ra0, dec0)
    fringe = {s["name"]: np.exp(2j * np.pi * (uvw @ cosines(*np.deg2rad((s["ra_deg"], s["dec_deg"])), ra0, dec0))[:, None] * freq / C)
              for s in truth["sources"]}
    model = sum(s["flux_jy"] * (freq / 1.4e9) ** s["spix"] * fringe[s["name"]] for s in truth["sources"])
    worst = np.abs(vis - model).max() / sum(s["flux_jy"] for s in truth["sources"])
    print(f"uvw of the file against hour angle 0: {uvw_error * 1e3:.3f} mm (float32); visibilities: {worst:.1e} of the flux")
    good = worst < 1e-4 and uvw_error < 5e-4
    if prediction:
        _, _, other, _ = phased(prediction + "/" + path.split("/")[-1], ra0, dec0)
        cross = np.hypot(*uvw.T[:2]) > 0
        peaks = {name: np.mean(((vis - other) * f.conj()).real[cross]) for name, f in fringe.items()}
        name = max(peaks, key=peaks.get)
        flux = next(s["flux_jy"] for s in truth["sources"] if s["name"] == name)
        print(f"left by the prediction: {name}, exact sum at its place {peaks[name] / flux:.6f} of its flux")
        good &= abs(peaks[name] / flux - 1) < 1e-3
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
