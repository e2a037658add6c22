#!/usr/bin/env python3
"""Golden numbers of frames: pyuvdata and astropy on the same Earth table as ours.

  make_golden.py finals2000A DSA110_Station_Coordinates.csv > frames.txt

Lines: "versions …"; "site latitude longitude altitude" (rad, rad, m); "antenna x y z" (m, ITRS axes from the site);
"case jd dec" (apparent declination, rad) followed by "meridian ra dec", "zenith ra dec", "lst x" of that time, by
"centre ra dec" (ICRS: the meridian direction half an hour earlier) and, toward that centre, "apparent ra dec", "angle x"
(frame position angle, offset_pos 1e-6) and "uvw u v w" of each antenna.
"""
import csv
import sys

import astropy
import astropy.units as u
import erfa
import numpy as np
import pyuvdata
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers
from pyuvdata.utils import phasing
from pyuvdata.utils.times import get_lst_for_time

iers.conf.auto_download = False


def meridian(dec, time, site):
    c = SkyCoord(ha=0 * u.hourangle, dec=dec * u.rad, frame="hadec", obstime=time, location=site).transform_to("icrs")
    return c.ra.rad, c.dec.rad


def main(finals, stations):
    iers.earth_orientation_table.set(iers.IERS_A.open(finals))
    site = EarthLocation(lat=37.2333752 * u.deg, lon=-118.2834051 * u.deg, height=1182.6 * u.m)
    rows = [r for r in csv.reader(open(stations)) if len(r) > 4 and r[1].startswith("DSA-")]
    chosen = [r for r in rows if r[1] in ("DSA-001", "DSA-051", "DSA-103", "DSA-108", "DSA-113", "DSA-116")]
    p = EarthLocation(lat=[float(r[2]) for r in chosen] * u.deg, lon=[float(r[3]) for r in chosen] * u.deg,
                      height=[float(r[4]) for r in chosen] * u.m)
    positions = np.array([(p.x - site.x).to_value("m"), (p.y - site.y).to_value("m"), (p.z - site.z).to_value("m")]).T
    n = len(positions)
    print(f"versions pyuvdata {pyuvdata.__version__} astropy {astropy.__version__} pyerfa {erfa.__version__}")
    print("site", *[repr(float(v)) for v in (site.lat.rad, site.lon.rad, site.height.to_value("m"))])
    for x in positions:
        print("antenna", *[repr(float(v)) for v in x])
    for day, dec in [("2026-01-25T22:26:05", 16.1), ("2026-03-01T05:00:00", 54.57), ("2025-09-22T08:05:10", -20.0),
                     ("2025-09-22T07:55:00", 85.0), ("2025-06-30T23:59:58", 37.2), ("2024-11-03T05:19:00", 0.0),
                     ("2016-12-31T23:59:59", 71.0), ("2025-09-22T08:31:00", 54.57)]:
        time = Time(Time(day, scale="utc").jd, format="jd", scale="utc")
        dec = np.deg2rad(dec)
        jd = np.array([time.jd])
        print("case", repr(float(time.jd)), repr(float(dec)))
        print("meridian", *[repr(float(v)) for v in meridian(dec, time, site)])
        zenith = SkyCoord(az=0 * u.rad, alt=90 * u.deg, frame="altaz", obstime=time, location=site).transform_to("icrs")
        print("zenith", repr(float(zenith.ra.rad)), repr(float(zenith.dec.rad)))
        lst = get_lst_for_time(jd, telescope_loc=site)
        print("lst", repr(float(lst[0])))
        ra, de = meridian(dec, time - 0.5 * u.hour, site)
        print("centre", repr(float(ra)), repr(float(de)))
        app_ra, app_dec = phasing.calc_app_coords(lon_coord=ra, lat_coord=de, coord_frame="icrs", coord_epoch=2000.0,
                                                  coord_type="sidereal", time_array=jd, lst_array=lst, telescope_loc=site)
        print("apparent", repr(float(app_ra[0])), repr(float(app_dec[0])))
        angle = phasing.calc_frame_pos_angle(time_array=jd, app_ra=app_ra, app_dec=app_dec, telescope_loc=site,
                                             ref_frame="icrs", offset_pos=1e-6)
        print("angle", repr(float(angle[0])))
        uvw = phasing.calc_uvw(app_ra=np.repeat(app_ra, n), app_dec=np.repeat(app_dec, n), frame_pa=np.repeat(angle, n),
                               lst_array=np.repeat(lst, n), use_ant_pos=True,
                               antenna_positions=np.vstack([np.zeros(3), positions]), antenna_numbers=np.arange(n + 1),
                               ant_1_array=np.zeros(n, int), ant_2_array=np.arange(1, n + 1),
                               telescope_lat=site.lat.rad, telescope_lon=site.lon.rad)
        for x in uvw:
            print("uvw", *[repr(float(v)) for v in x])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
