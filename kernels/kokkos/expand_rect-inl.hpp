// For the launch of `expand`, compiled once per instruction set: one rectangle as products of matrices, in the cheaper order
// of the two axes.
#if defined(NOCTURNE_EXPAND_RECT_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_EXPAND_RECT_INL
#        undef NOCTURNE_EXPAND_RECT_INL
#    else
#        define NOCTURNE_EXPAND_RECT_INL
#    endif

#    include "kernels/expand.hpp"
#    include "kernels/kokkos/product-inl.hpp"

#    include <utility>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

/// Real and imaginary parts, each rows of time nodes or integrations, twice in scratch: a product goes to the spare one.
class ExpandRect {
public:
    static Index row_floats(Index width) { return NodeRect::round_up(width) + NodeRect::padding; }
    static Index scratch_floats(Index width) { return 4 * NodeRect::max_times * row_floats(width); }

    ExpandRect(ExpandArgs const& args, Index r, Index width, float* scratch)
        : args_(args), rect_(args.rects(r)), stride_(row_floats(width)), width_(rect_.freq_nodes)
    {
        Index const set = NodeRect::max_times * stride_;
        for (int part = 0; part < 2; ++part) {
            rows_of_[part] = scratch + 2 * part * set;
            spare_[part] = rows_of_[part] + set;
        }
    }

    void run()
    {
        load();
        bool const time_last = rect_.freq_matrix >= 0 && rect_.time_first();
        if (rect_.time_matrix >= 0 && !time_last) along_time();
        if (rect_.freq_matrix >= 0) along_frequency(time_last ? rect_.time_nodes : rect_.n_times);
        if (time_last) along_time();
        store();
    }

private:
    void load()
    {
        for (Index pt = 0; pt < rect_.time_nodes; ++pt) {
            Vis const* const y = args_.y.data + rect_.first_value - args_.first_value + pt * rect_.freq_nodes;
            float *const re = rows_of_[0] + pt * stride_, *const im = rows_of_[1] + pt * stride_;
            for (Index p = 0; p < rect_.freq_nodes; ++p) {
                re[p] = y[p].re;
                im[p] = y[p].im;
            }
            for (Index p = rect_.freq_nodes; p < NodeRect::round_up(rect_.freq_nodes); ++p) re[p] = im[p] = 0;
        }
    }

    void along_time()
    {
        Rows const k{args_.matrices.data + rect_.time_by_sample(), NodeRect::round_up(rect_.time_nodes)};
        for (int part = 0; part < 2; ++part) {
            product(k, {rows_of_[part], stride_}, rect_.n_times, rect_.time_nodes, width_, spare_[part], stride_);
            std::swap(rows_of_[part], spare_[part]);
        }
    }

    void along_frequency(Index rows)
    {
        Rows const k{args_.matrices.data + rect_.freq_by_node(), NodeRect::round_up(rect_.n_channels)};
        for (int part = 0; part < 2; ++part) {
            product({rows_of_[part], stride_}, k, rows, rect_.freq_nodes, rect_.n_channels, spare_[part], stride_);
            std::swap(rows_of_[part], spare_[part]);
        }
        width_ = rect_.n_channels;
    }

    void store() const
    {
        hn::ScalableTag<float> const d;
        auto const lanes = static_cast<Index>(hn::Lanes(d));
        for (Index t = 0; t < rect_.n_times; ++t) {
            Vis* const to =
                &args_.vis(rect_.first_time + t, rect_.baseline - args_.first_baseline, rect_.first_channel);
            float const *const re = rows_of_[0] + t * stride_, *const im = rows_of_[1] + t * stride_;
            Index c = 0;
            for (; c + lanes <= rect_.n_channels; c += lanes)
                hn::StoreInterleaved2(hn::LoadU(d, re + c), hn::LoadU(d, im + c), d, &to[c].re);
            for (; c < rect_.n_channels; ++c) to[c] = {re[c], im[c]};
        }
    }

    ExpandArgs const& args_;
    NodeRect const rect_;
    Index stride_, width_;
    float *rows_of_[2], *spare_[2];
};

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
