// A child that reads files as a job does after they passed the probe. Enters: paths. Leaves: "read", or the error that a job would
// report; tests see to it that it never dies.
#include "driver/attempt.hpp"
#include "driver/parent_link.hpp"
#include "driver/reader_source.hpp"
#include "nocturne/device.hpp"

#include <algorithm>

namespace {

using namespace nocturne;

/// All baselines, span by span.
void read_whole(std::string const& path, Device const& device)
{
    auto const source = open_group({{path}, 16, "", std::uint64_t(32) << 20}, device);
    auto const n = static_cast<Index>(source->header().baselines.size());
    Index const span = source->span_baselines();
    for (Index first = 0; first < n; first += span) source->load(first, std::min(span, n - first));
}

}  // namespace

int main()
{
    auto parent = ParentLink::begin();
    auto const device = make_device("kokkos", 0);
    while (auto const message = parent.receive()) {
        auto const failure = attempt([&] { read_whole(message->text, device); });
        bool const defect = failure && (failure->code() == Code::defect || failure->code() == Code::system);
        if (!parent.send(!failure ? "read" : (defect ? "defect: " : "refused: ") + std::string(failure->what()))) break;
    }
    return 0;
}
