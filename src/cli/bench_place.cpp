#include "cli/bench_place.hpp"

#include "cli/machine.hpp"
#include "nocturne/utc_text.hpp"
#include "nocturne/version.hpp"

#include <cstdlib>

namespace nocturne::cli {

nlohmann::ordered_json bench_place()
{
    auto const processor = find_processor();
    double load[1] = {0};
    bool const known = getloadavg(load, 1) == 1;
    return {{"cpu", processor.model},
            {"cores", processor.cores_allowed},
            {"load", known ? nlohmann::ordered_json(load[0]) : nlohmann::ordered_json(nullptr)},
            {"date", utc_now()},
            {"code_version", code_version()}};
}

}  // namespace nocturne::cli
