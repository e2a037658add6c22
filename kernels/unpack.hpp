// Kernel `unpack`: spreads samples as a file holds them (chunks of rows × channels × correlations) over a block. Enters: a
// batch of chunks of one dataset of one file, and where its rows go. Leaves: the block's vis, flag or weight where data
// arrived.
#pragma once

#include "nocturne/chunk_batch.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Contract between the reader, this kernel and the caller:
/// 1. The caller fills `flag` with flag_missing before the first batch; samples of missing subbands and absent rows stay so. Where
///    every sample is to come in a vis batch, any flags will do.
/// 2. A vis batch writes V as single precision (conjugated, XY and YX exchanged, where the row is swapped) and makes
///    the flag 0. Integers become floats without scaling. Values that are not finite are left for kernel `zeros`.
/// 3. A flag batch sets flag_file where the file's flag is not 0, and clears no bit.
/// 4. An nsamples batch writes `weight`; where it is 0, negative or not finite, weight becomes 0 and flag_file is set.
/// The vis batches of a file come before its flag and nsamples batches; other orders are free. Datasets that are constant (all flags false, one positive nsamples) are not sent at all.
/// Shapes: vis, flag, weight [integration][baseline][channel][correlation], equal extents; `weight` and `vis` may be empty
/// (null) where the batch is of another kind. `batch.data` and `batch.rows` are in the device's memory. Aliasing: none.
/// Source: pyuvdata's memo on UVH5 for the meaning of the datasets; conjugate_bls for swapped rows.
struct UnpackArgs {
    ChunkBatch batch;
    View<Vis, 4> vis;
    View<std::uint8_t, 4> flag;
    View<float, 4> weight;
};

/// Host: throws Error(defect) where shapes do not fit; rows are trusted.
void check(UnpackArgs const& args);

/// For a block in the host's memory: where it holds these rows' visibilities, for a reader to fill with what a vis batch would
/// write; their flags become 0. Null where the block does not hold such rows one after another.
Vis* lend_rows(UnpackArgs const& block, RowRun const& rows);

/// Reads one sample as (re, im); flags and nsamples have im = 0.
struct UnpackLoad {
    Element element;

    NOCT_INLINE Vis operator()(void const* data, Index at) const
    {
        switch (element) {
            case Element::complex_f32:
                return static_cast<Vis const*>(data)[at];
            case Element::complex_f64:
                return pair(static_cast<double const*>(data), at);
            case Element::complex_i16:
                return pair(static_cast<std::int16_t const*>(data), at);
            case Element::complex_i32:
                return pair(static_cast<std::int32_t const*>(data), at);
            case Element::u8:
                return {static_cast<float>(static_cast<std::uint8_t const*>(data)[at]), 0};
            case Element::f32:
                return {static_cast<float const*>(data)[at], 0};
            case Element::f64:
                return {static_cast<float>(static_cast<double const*>(data)[at]), 0};
        }
        return {};
    }

    template<class T>
    NOCT_INLINE static Vis pair(T const* data, Index at)
    {
        return {static_cast<float>(data[2 * at]), static_cast<float>(data[2 * at + 1])};
    }
};

/// One sample: row r of the batch, file channel c, file correlation p.
struct UnpackCell {
    UnpackArgs args;

    NOCT_INLINE void operator()(Index r, Index c, Index p) const
    {
        RowTarget const to = args.batch.rows(r);
        if (to.integration >= 0) place(to, c, p, args.batch.offset(r, c, p));
    }

    /// The sample `at` elements into batch.data goes to where file channel c and correlation p of row `to` belong.
    NOCT_INLINE void place(RowTarget const& to, Index c, Index p, Index at) const
    {
        auto const& b = args.batch;
        Index const q = to.swapped ? b.swapped_correlation[p] : p;
        if (q < 0) return;
        Index const channel = b.first_channel + c * b.channel_step;
        Vis const value = UnpackLoad{b.element}(b.data, at);
        std::uint8_t& flag = args.flag(to.integration, to.baseline, channel, q);
        if (b.kind == DatasetKind::vis) {
            args.vis(to.integration, to.baseline, channel, q) = {value.re, to.swapped ? -value.im : value.im};
            flag = 0;
        } else if (b.kind == DatasetKind::flag) {
            if (value.re != 0) flag |= flag_file;
        } else {
            bool const usable = value.re > 0 && value.re < 3.0e38F;
            args.weight(to.integration, to.baseline, channel, q) = usable ? value.re : 0;
            if (!usable) flag |= flag_file;
        }
    }
};

void launch(KokkosDevice const&, UnpackArgs const&);
void launch(CudaDevice const&, UnpackArgs const&);

}  // namespace nocturne
