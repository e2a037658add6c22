// Launch of `fft` on CUDA: the plane is spread out, transformed by cuFFT and read back through the screen.
#include "kernels/fft.hpp"

#include "kernels/cuda/loop.cuh"

#include <map>
#include <mutex>
#include <utility>

#include <cufft.h>

namespace nocturne {
namespace {

void cufft_check(cufftResult status, char const* call)
{
    if (status != CUFFT_SUCCESS)
        throw Error(Code::system, std::string("cuFFT call failed: ") + call, "code " + std::to_string(status),
                    "look at `nocturne doctor` on this node; a smaller image needs less memory");
}

/// One plan per device and length, kept for the life of the program.
cufftHandle plan_for(CudaDevice const& device, Index n)
{
    static std::mutex guard;
    static std::map<std::pair<int, Index>, cufftHandle> plans;
    std::lock_guard const lock(guard);
    auto const stream = cuda_stream(device);  // plans are made on the current device
    auto found = plans.find({device.ordinal, n});
    if (found == plans.end()) {
        cufftHandle plan = 0;
        cufft_check(cufftPlan2d(&plan, static_cast<int>(n), static_cast<int>(n), CUFFT_C2C), "cufftPlan2d");
        found = plans.emplace(std::pair{device.ordinal, n}, plan).first;
    }
    cufft_check(cufftSetStream(found->second, stream), "cufftSetStream");
    return found->second;
}

void transform(CudaDevice const& device, Index n, Vis* plane, int direction)
{
    auto* const data = reinterpret_cast<cufftComplex*>(plane);
    cufft_check(cufftExecC2C(plan_for(device, n), data, data, direction), "cufftExecC2C");
}

}  // namespace

void launch(CudaDevice const& device, PlaneToImageArgs const& args)
{
    auto* const plane = reinterpret_cast<Vis*>(args.work.data);
    Index const n = args.lattice.n, kept = args.kept.n_kept;
    cuda::for_each(device, n, n, SpreadTilesCell{args, plane});
    transform(device, n, plane, CUFFT_FORWARD);
    cuda::for_each(device, kept, kept, AddScreenedCell{args, plane});
}

void launch(CudaDevice const& device, ImageToPlaneArgs const& args)
{
    auto* const plane = reinterpret_cast<Vis*>(args.work.data);
    Index const n = args.lattice.n, kept = args.kept.n_kept;
    clear(device, plane, static_cast<std::size_t>(n * n) * sizeof(Vis));
    cuda::for_each(device, kept, kept, ScreenCell{args, plane});
    transform(device, n, plane, CUFFT_INVERSE);
    cuda::for_each(device, n, n, GatherTilesCell{args, plane});
}

/// One dense plane.
Index fft_work(CudaDevice const&, Index n, Index) { return 2 * n * n; }

}  // namespace nocturne
