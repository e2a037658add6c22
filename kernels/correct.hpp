// Kernel `correct`: divides an image by the Fourier transforms of the gridding kernel. Enters: the sum of all planes. Leaves:
// the image, in place. It is diagonal, so it is its own transpose.
#pragma once

#include "kernels/shared/screen.hpp"
#include "nocturne/device.hpp"

namespace nocturne {

/// image[y][x] *= axis[x] · axis[y] · P(2 (θ / theta_max)² − 1); axis [n] = 1 / transform of the kernel of u and v at pixel
/// x − n/2; P the same for w, as a polynomial (lowest power first); theta as in fft.hpp.
/// Arras et al. 2021, eq. 12.
struct CorrectArgs {
    View<float, 2> image;       ///< [n][n], n even
    View<float const, 1> axis;  ///< [n]
    Screen theta;
    double theta_max = 0.5;  ///< turns
    static constexpr int terms = 12;
    float inverse_w[terms] = {};
};

inline void check(CorrectArgs const& args)
{
    Index const n = args.image.extent[0];
    NOCT_CHECK(n > 0 && n % 2 == 0 && args.image.extent[1] == n, "correct: the image must be square and even");
    NOCT_CHECK(args.axis.extent[0] == n, "correct: one factor per column is needed");
    NOCT_CHECK(screen_fits(args.theta, n), "correct: screen of another shape");
    NOCT_CHECK(args.theta_max > 0, "correct: the largest phase must be positive");
}

/// One row.
struct CorrectRow {
    CorrectArgs args;

    NOCT_INLINE void operator()(Index y) const
    {
        for (Index x = 0; x < args.image.extent[1]; ++x) pixel(y, x);
    }

    NOCT_INLINE void pixel(Index y, Index x) const
    {
        Index const row = screen_row(args.theta.extent[0], args.image.extent[0], y);
        float const ratio = static_cast<float>(args.theta(row, x)) * static_cast<float>(0x1p-32 / args.theta_max);
        float const s = 2 * ratio * ratio - 1;
        float sum = args.inverse_w[CorrectArgs::terms - 1];
        for (int i = CorrectArgs::terms - 2; i >= 0; --i) sum = sum * s + args.inverse_w[i];
        args.image(y, x) *= sum * (args.axis(x) * args.axis(y));
    }
};

void launch(KokkosDevice const&, CorrectArgs const&);
void launch(CudaDevice const&, CorrectArgs const&);

}  // namespace nocturne
