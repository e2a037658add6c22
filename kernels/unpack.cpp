// Checks of `unpack`, and rows that need none of it, on the host.
#include "kernels/unpack.hpp"

#include <cstring>

namespace nocturne {
namespace {

template<class T>
bool is_packed(View<T, 4> const& view)
{
    Index step = 1;
    for (int axis = 3; axis >= 0; step *= view.extent[axis--])
        if (view.stride[axis] != step) return false;
    return true;
}

}  // namespace

Vis* lend_rows(UnpackArgs const& block, RowRun const& rows)
{
    auto const& vis = block.vis;
    auto const& flag = block.flag;
    bool const alike = vis.extent[2] == rows.n_channels && vis.extent[3] == rows.n_correlations;
    if (!alike || !is_packed(vis) || !is_packed(flag)) return nullptr;
    NOCT_CHECK(rows.first >= 0 && rows.first + rows.n <= vis.extent[0] * vis.extent[1],
               "unpack: rows beyond the block");
    Index const row = rows.n_channels * rows.n_correlations;
    std::memset(flag.data + rows.first * row, 0, static_cast<std::size_t>(rows.n * row));
    return vis.data + rows.first * row;
}

void check(UnpackArgs const& args)
{
    auto const& b = args.batch;
    NOCT_CHECK(b.chunk_rows > 0 && b.chunk_channels > 0 && b.chunk_correlations > 0, "unpack: a chunk without extent");
    NOCT_CHECK(b.rows.extent[0] == b.n_bands * b.chunk_rows, "unpack: one target per row of the batch is needed");
    NOCT_CHECK(b.n_channels <= b.n_channel_chunks * b.chunk_channels, "unpack: fewer chunks than channels");
    NOCT_CHECK(b.n_correlations <= b.n_correlation_chunks * b.chunk_correlations,
               "unpack: fewer chunks than correlations");
    NOCT_CHECK(b.n_correlations <= args.flag.extent[3] && b.n_correlations <= ChunkBatch::max_correlations,
               "unpack: a file has correlations that the block lacks");
    for (Index p = 0; p < b.n_correlations; ++p)
        NOCT_CHECK(b.swapped_correlation[p] < args.flag.extent[3], "unpack: correlations beyond the block");
    NOCT_CHECK(b.channel_step == 1 || b.channel_step == -1, "unpack: channels rise or fall by one");
    Index const last = b.first_channel + (b.n_channels - 1) * b.channel_step;
    Index const low = b.channel_step > 0 ? b.first_channel : last, high = b.channel_step > 0 ? last : b.first_channel;
    NOCT_CHECK(low >= 0 && high < args.flag.extent[2], "unpack: channels beyond the block");
    bool const complex = b.element == Element::complex_f32 || b.element == Element::complex_f64 ||
                         b.element == Element::complex_i16 || b.element == Element::complex_i32;
    NOCT_CHECK(complex == (b.kind == DatasetKind::vis), "unpack: the element does not suit the dataset");
    for (int axis = 0; axis < 4; ++axis) {
        if (b.kind == DatasetKind::vis)
            NOCT_CHECK(args.vis.extent[axis] == args.flag.extent[axis], "unpack: vis and flag differ in shape");
        if (b.kind == DatasetKind::nsamples)
            NOCT_CHECK(args.weight.extent[axis] == args.flag.extent[axis], "unpack: weight and flag differ in shape");
    }
}

}  // namespace nocturne
