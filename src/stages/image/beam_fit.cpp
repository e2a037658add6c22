// Enters: the pixels of a PSF. Leaves: its beam.
#include "stages/image/beam_fit.hpp"

#include "nocturne/lobe.hpp"

namespace nocturne {

Beam fit_beam(View<float const, 2> psf, double cell_rad)
{
    if (psf.extent[0] < 3 || psf.extent[1] < 3) return {};
    auto const widths = widths_of_peak(psf, psf.extent[0] / 2, psf.extent[1] / 2);
    return {widths.major * cell_rad, widths.minor * cell_rad, widths.pa_rad};
}

}  // namespace nocturne
