#include "driver/gpu_sums.hpp"

#include <mpi.h>
#if defined(OPEN_MPI) && __has_include(<mpi-ext.h>)
#    include <mpi-ext.h>
#endif

namespace nocturne {

bool mpi_takes_gpu_memory()
{
#if defined(MPIX_CUDA_AWARE_SUPPORT)  // Open MPI
    return MPIX_Query_cuda_support() == 1;
#elif defined(MPIX_GPU_SUPPORT_CUDA)  // MPICH and its kin
    int takes = 0;
    return MPIX_GPU_query_support(MPIX_GPU_SUPPORT_CUDA, &takes) == MPI_SUCCESS && takes != 0;
#else
    return false;
#endif
}

std::string describe_gpu_memory_in_mpi()
{
#if defined(MPIX_CUDA_AWARE_SUPPORT) && MPIX_CUDA_AWARE_SUPPORT || defined(MPIX_GPU_SUPPORT_CUDA)
    return "MPI was built for memory of GPUs: sums of ranks go to it as they are where it says so at run time, else by "
           "way of pinned memory";
#elif defined(MPIX_CUDA_AWARE_SUPPORT)
    return "MPI was built without CUDA: sums of ranks go by way of pinned memory of the host";
#else
    return "MPI does not say whether it takes memory of GPUs: sums of ranks go by way of pinned memory of the host";
#endif
}

}  // namespace nocturne
