// Runs one kernel of the installed library; exit 0 where it flagged what it must.
#include "kernels/zeros.hpp"
#include "nocturne/version.hpp"

#include <cstdio>

int main()
{
    using namespace nocturne;
    auto const device = make_device("kokkos");
    Buffer<Vis> vis(device, 4);
    Buffer<std::uint8_t> flag(device, 4), is_auto(device, 1);
    vis.clear();
    flag.clear();
    is_auto.clear();
    run(device, ZerosArgs{vis.view(1, 1, 2, 2), flag.view(1, 1, 2, 2), is_auto.view(1)});
    finish(device);
    std::printf("nocturne %s\n", code_version());
    for (auto bits : flag.to_host())
        if (bits != flag_zero) return 1;
    return 0;
}
