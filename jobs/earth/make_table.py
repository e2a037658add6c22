#!/usr/bin/env python3
"""Makes earth_orientation.txt from two files of the IERS.

  make_table.py finals2000A Leap_Second.dat > earth_orientation.txt

Columns of finals2000A: https://maia.usno.navy.mil/ser7/readme.finals2000A. Bulletin B's values are taken where there are
some, else Bulletin A's (rapid service, then predictions); rows without UT1-UTC are left out.
"""
import sys


def field(line, first, last):
    text = line[first - 1:last].strip()
    return float(text) if text else None


def main(finals, leaps):
    print("# Earth orientation and leap seconds of the IERS (finals2000A, Leap_Second.dat); written by make_table.py.")
    print("# leap MJD TAI-UTC[s]   from 0 h UTC of that day on")
    for line in open(leaps):
        if not line.startswith("#") and line.strip():
            words = line.split()
            print(f"leap {float(words[0]):.0f} {int(words[4])}")
    rows = []
    for line in open(finals):
        mjd = field(line, 8, 15)
        ut1, xp, yp = field(line, 155, 165), field(line, 135, 144), field(line, 145, 154)
        kind = "B"
        if ut1 is None or xp is None or yp is None:
            ut1, xp, yp = field(line, 59, 68), field(line, 19, 27), field(line, 38, 46)
            kind = line[57:58]
        if None not in (mjd, ut1, xp, yp):
            rows.append((mjd, ut1, xp, yp, kind))
    measured = max(row[0] for row in rows if row[4] in "BI")
    print(f"measured_until {measured:.0f}")
    print("# eop MJD UT1-UTC[s] xp[arcsec] yp[arcsec]   at 0 h UTC; predictions after measured_until")
    for mjd, ut1, xp, yp, _ in rows:
        print(f"eop {mjd:.0f} {ut1:.7f} {xp:.6f} {yp:.6f}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
