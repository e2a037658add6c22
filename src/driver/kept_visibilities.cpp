// Enters: blocks. Leaves: a .npz file.
#include "driver/kept_visibilities.hpp"

#include "io/npz_writer.hpp"
#include "nocturne/error.hpp"

namespace nocturne {

KeptVisibilities::KeptVisibilities(std::string path, int ranks) : path_(std::move(path))
{
    if (!path_.empty() && ranks > 1)
        throw Error(Code::usage, "--keep-visibilities with " + std::to_string(ranks) + " ranks a group",
                    "one rank collects them", "run without mpirun, or with --ranks-per-group 1");
}

VisibilitySink KeptVisibilities::sink()
{
    if (path_.empty()) return {};
    return [this](ImagedVisibilities&& block) {
        uvw_m_.insert(uvw_m_.end(), block.uvw_m.begin(), block.uvw_m.end());
        vis_.insert(vis_.end(), block.vis.begin(), block.vis.end());
        weight_.insert(weight_.end(), block.weight.begin(), block.weight.end());
    };
}

void KeptVisibilities::write(std::vector<double> const& freq_hz) const
{
    if (path_.empty()) return;
    auto const rows = static_cast<Index>(uvw_m_.size() / 3), channels = static_cast<Index>(freq_hz.size());
    ProductFile file(path_);
    NpzWriter npz(file);
    npz.add("uvw_m", NpyType::f64, {rows, 3}, uvw_m_.data());
    npz.add("freq_hz", NpyType::f64, {channels}, freq_hz.data());
    npz.add("vis", NpyType::c64, {rows, channels}, vis_.data());
    npz.add("weight", NpyType::f32, {rows, channels}, weight_.data());
    npz.finish();
    file.commit();
}

}  // namespace nocturne
