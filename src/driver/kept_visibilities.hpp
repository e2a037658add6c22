// --keep-visibilities: what enters the image, before compression, as a .npz file; what an exact sum needs.
#pragma once

#include "nocturne/imaged_visibilities.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Collects blocks of one rank (12 bytes a visibility) and writes uvw_m [row][3] (metres), freq_hz [channel], vis
/// [row][channel] (complex64, Jy, Stokes I) and weight [row][channel] (imaging weight, 0 = not used); a row is a baseline
/// at an integration. The dirty image is Σ w Re(V exp(−2πi f/c (u l + v m + w (n−1)))) / Σ w over them.
class KeptVisibilities {
public:
    /// `path` "" keeps nothing. Throws Error(usage) where several ranks share the group.
    KeptVisibilities(std::string path, int ranks);
    /// Empty where nothing is kept. Refers to this object.
    VisibilitySink sink();
    /// Writes the file through a ProductFile; throws Error(cannot_create, io).
    void write(std::vector<double> const& freq_hz) const;

private:
    std::string path_;
    std::vector<double> uvw_m_;
    std::vector<Vis> vis_;
    std::vector<float> weight_;
};

}  // namespace nocturne
