// Which devices there are: asks each back end that was built in.
#include "nocturne/device.hpp"
#include "nocturne/nearest.hpp"

namespace nocturne {

std::vector<DeviceInfo> find_devices_of(KokkosDevice const&);
#if defined(NOCTURNE_HAS_CUDA)
std::vector<DeviceInfo> find_devices_of(CudaDevice const&);
#endif

std::vector<DeviceInfo> find_devices()
{
    auto all = find_devices_of(KokkosDevice{});
#if defined(NOCTURNE_HAS_CUDA)
    for (auto& info : find_devices_of(CudaDevice{})) all.push_back(std::move(info));
#endif
    return all;
}

Device make_device(std::string const& backend, int ordinal)
{
    std::vector<std::string> const known{"auto", "cuda", "kokkos"};
    if (backend != "auto" && backend != "cuda" && backend != "kokkos")
        throw Error(Code::bad_config, "unknown backend '" + backend + "'", "one of auto, cuda, kokkos is expected",
                    "choose one" + did_you_mean(backend, known));
    std::vector<DeviceInfo> gpus;
    std::string why = "this program was built without CUDA";
    for (auto& info : find_devices()) {
        if (info.backend != "cuda") continue;
        if (info.usable)
            gpus.push_back(std::move(info));
        else
            why = info.why_not;
    }
    if (backend == "kokkos" || (backend == "auto" && gpus.empty())) return KokkosDevice{};
    if (gpus.empty())
        throw Error(Code::system, "no CUDA device", why, "run on a node with a GPU, or with --backend kokkos");
    return gpus[static_cast<std::size_t>(ordinal) % gpus.size()].device;
}

}  // namespace nocturne
