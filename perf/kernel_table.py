#!/usr/bin/env python3
"""Scans the shape parameter of the Kaiser-Bessel gridding kernel and prints the table of src/stages/image/gridding_kernel.cpp.

kernel_table.py [--compare]     needs numpy and scipy; about a minute

For support W and oversampling s, an axis of the image reaches |nu| = 1/(2s) cycles per cell. A point at a random fraction of
a cell leaves in pixel nu the relative rms error e(nu) = sqrt(sum_{k != 0} F(nu + k)^2) / F(nu), F the Fourier transform of
the kernel. The shape b/W is the one with the least max e, which is at the edge. --compare prints the exponential of a
semicircle (Barnett et al. 2019) beside it: it is 1.3 to 1.7 times worse everywhere."""
import argparse
import numpy as np
from scipy.special import i0e

SUPPORTS = range(4, 9)
OVERSAMPLINGS = (1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2, 2.5, 3.0)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)


def kaiser_bessel(x, b):
    root = np.sqrt(1 - x * x)
    return i0e(b * root) * np.exp(b * (root - 1)) / i0e(b)


def semicircle(x, b):
    return np.exp(b * (np.sqrt(1 - x * x) - 1))


def errors(kernel, support, b, nu, images=12):
    """e(nu); the substitution x = sin(theta) removes the root at the kernel's ends."""
    theta = NODES * np.pi / 2
    x, weight = np.sin(theta), WEIGHTS * np.cos(theta)
    f = np.concatenate([nu + k for k in range(-images, images + 1)])
    transform = (kernel(x, b) * weight) @ np.cos(np.pi * support * x[:, None] * f[None, :])
    transform = transform.reshape(2 * images + 1, -1)
    centre = transform[images]
    return np.sqrt((transform**2).sum(0) - centre**2) / abs(centre)


def tune(kernel, support, oversampling):
    nu = np.linspace(0, 0.5 / oversampling, 21)
    shapes = np.linspace(1.6, 2.8, 121) * support
    for _ in range(2):
        worst = [errors(kernel, support, b, nu).max() for b in shapes]
        i = int(np.argmin(worst))
        best, least = shapes[i], worst[i]
        step = shapes[1] - shapes[0]
        shapes = np.linspace(best - step, best + step, 21)
    return best / support, least


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--compare", action="store_true")
compare = parser.parse_args().compare
for support in SUPPORTS:
    for oversampling in OVERSAMPLINGS:
        shape, error = tune(kaiser_bessel, support, oversampling)
        line = "    {%d, %.2f, %.4f, %.3e}," % (support, oversampling, shape, error)
        if compare:
            line += "  // semicircle: %.3e" % tune(semicircle, support, oversampling)[1]
        print(line, flush=True)
