// For the launch of `project`, compiled once per instruction set: one rectangle as products of matrices, in the cheaper
// order of the two axes, in half the multiplications where an axis looks the same from both ends. Weights that repeat from integration to integration are
// projected once.
#if defined(NOCTURNE_PROJECT_RECT_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_PROJECT_RECT_INL
#        undef NOCTURNE_PROJECT_RECT_INL
#    else
#        define NOCTURNE_PROJECT_RECT_INL
#    endif

#    include "kernels/kokkos/fold-inl.hpp"
#    include "kernels/kokkos/product-inl.hpp"
#    include "kernels/kokkos/stokes_rows-inl.hpp"
#    include "kernels/project.hpp"

#    include <cstring>
#    include <utility>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

/// The three parts re, im and weight, each rows of integrations or nodes, twice in scratch: a product goes to the spare one.
class ProjectRect {
public:
    static Index row_floats(Index width) { return NodeRect::round_up(width) + NodeRect::padding; }
    /// Floats of scratch for rectangles up to `width` channels or nodes wide.
    static Index scratch_floats(Index width)
    {
        return 2 * 3 * NodeRect::max_times * row_floats(width) + NodeRect::max_times * NodeRect::max_times;
    }

    ProjectRect(ProjectArgs const& args, Index r, Index width, float* scratch)
        : args_(args),
          rect_(args.rects(r)),
          stride_(row_floats(width)),
          width_(rect_.n_channels),
          parts_(args.psf.data ? 3 : 2)
    {
        Index const set = NodeRect::max_times * stride_;
        for (int part = 0; part < 3; ++part) {
            rows_of_[part] = scratch + 2 * part * set;
            spare_[part] = rows_of_[part] + set;
        }
        repeat_ = scratch + 6 * set;
        args_.rect_weight(r) = make_rows();
        rows_[0] = rows_[1] = rect_.n_times;
    }

    void run()
    {
        bool const time_first = rect_.time_matrix >= 0 && (rect_.freq_matrix < 0 || rect_.time_first());
        if (time_first) along_time(0, 2);
        bool const weights_first = rect_.time_matrix >= 0 && rect_.time_nodes <= rows_[2];
        if (weights_first) along_time(2, parts_);
        along_frequency();
        if (rect_.time_matrix >= 0) along_time(time_first ? 2 : 0, weights_first ? 2 : parts_);
        store();
    }

private:
    /// Row i of part 0 (re), 1 (im) or 2 (weight).
    float* row(int part, Index i) const { return rows_of_[part] + i * stride_; }

    /// Weighted samples of all integrations; weights that equal the integration before share its row. Returns Σ w.
    double make_rows()
    {
        Index const b = rect_.baseline - args_.first_baseline;
        double total = 0, last = 0;
        for (Index t = 0; t < rect_.n_times; ++t) {
            float* const weight = row(2, rows_[2]);
            StokesRow{args_.in,  args_.factor,        rect_.first_time + t,
                      b,         rect_.first_channel, rect_.n_channels,
                      row(0, t), row(1, t),           weight}
                .make();
            if (args_.weights.data)
                std::memcpy(&args_.weights(rect_.first_time + t, b, rect_.first_channel), weight,
                            sizeof(float) * static_cast<std::size_t>(rect_.n_channels));
            for (int part = 0; part < 3; ++part)
                std::memset(row(part, part == 2 ? rows_[2] : t) + rect_.n_channels, 0,
                            sizeof(float) * NodeRect::padding);
            bool const again = t > 0 && std::memcmp(weight, row(2, rows_[2] - 1),
                                                    sizeof(float) * static_cast<std::size_t>(rect_.n_channels)) == 0;
            if (!again) {
                last = sum_of_row(weight, rect_.n_channels);
                ++rows_[2];
            }
            row_of_[t] = static_cast<int>(rows_[2] - 1);
            total += last;
        }
        return total;
    }

    /// Parts [first, end): rows of integrations to rows of nodes.
    void along_time(int first, int end)
    {
        for (int part = first; part < end; ++part) {
            if (rect_.time_folded >= 0 && rows_[part] == rect_.n_times) {
                along_time_folded(part);
            } else {
                auto k = Rows{args_.matrices.data + rect_.time_by_node(), NodeRect::round_up(rect_.n_times)};
                if (part == 2) k = matrix_of_weights();
                product(k, {row(part, 0), stride_}, rect_.time_nodes, rows_[part], width_, spare_[part], stride_);
            }
            std::swap(rows_of_[part], spare_[part]);
            rows_[part] = rect_.time_nodes;
        }
    }

    void along_time_folded(int part) const
    {
        FoldedMatrix const k{rect_.time_folded, rect_.time_nodes, rect_.n_times};
        float const* const matrices = args_.matrices.data;
        fold_rows(row(part, 0), stride_, k.samples, width_);
        product({matrices + k.even_by_node(), NodeRect::round_up(k.even_samples())}, {row(part, 0), stride_},
                k.even_nodes(), k.even_samples(), width_, spare_[part], stride_);
        product({matrices + k.odd_by_node(), NodeRect::round_up(k.odd_samples())},
                {row(part, k.even_samples()), stride_}, k.odd_nodes(), k.odd_samples(), width_,
                spare_[part] + k.even_nodes() * stride_, stride_);
        fold_rows(spare_[part], stride_, k.nodes, width_);
    }

    /// K_t with the columns of integrations that share a row of weights added up.
    Rows matrix_of_weights()
    {
        Index const from = NodeRect::round_up(rect_.n_times);
        for (Index pt = 0; pt < rect_.time_nodes; ++pt) {
            float* const to = repeat_ + pt * NodeRect::max_times;
            std::memset(to, 0, sizeof(float) * NodeRect::max_times);
            for (Index t = 0; t < rect_.n_times; ++t)
                to[row_of_[t]] += args_.matrices.data[rect_.time_by_node() + pt * from + t];
        }
        return {repeat_, NodeRect::max_times};
    }

    /// All rows of all parts: channels to nodes.
    void along_frequency()
    {
        if (rect_.freq_matrix < 0) return;
        FoldedMatrix const folded{rect_.freq_folded, rect_.freq_nodes, rect_.n_channels};
        Index const odd = NodeRect::round_up(folded.even_nodes());
        bool const folds = folded.offset >= 0 && odd + NodeRect::round_up(folded.odd_nodes()) <= stride_;
        Rows const k{args_.matrices.data + rect_.freq_by_sample(), NodeRect::round_up(rect_.freq_nodes)};
        for (int part = 0; part < parts_; ++part) {
            if (folds)
                along_frequency_folded(part, folded, odd);
            else
                product({row(part, 0), stride_}, k, rows_[part], rect_.n_channels, rect_.freq_nodes, spare_[part],
                        stride_);
            std::swap(rows_of_[part], spare_[part]);
        }
        width_ = rect_.freq_nodes;
    }

    /// The odd half of a row comes out at `odd`.
    void along_frequency_folded(int part, FoldedMatrix const& k, Index odd) const
    {
        float const* const matrices = args_.matrices.data;
        for (Index i = 0; i < rows_[part]; ++i) fold_columns(row(part, i), k.samples);
        product({row(part, 0), stride_}, {matrices + k.even_by_sample(), odd}, rows_[part], k.even_samples(),
                k.even_nodes(), spare_[part], stride_);
        product({row(part, 0) + k.even_samples(), stride_},
                {matrices + k.odd_by_sample(), NodeRect::round_up(k.odd_nodes())}, rows_[part], k.odd_samples(),
                k.odd_nodes(), spare_[part] + odd, stride_);
        for (Index i = 0; i < rows_[part]; ++i) unfold_columns(spare_[part] + i * stride_, odd, k.nodes);
    }

    void store() const
    {
        bool const by_time = rect_.time_matrix < 0;
        for (Index pt = 0; pt < rect_.time_nodes; ++pt) {
            Index const at = rect_.first_value - args_.first_value + pt * rect_.freq_nodes;
            float const *re = row(0, pt), *im = row(1, pt), *weight = row(2, by_time ? row_of_[pt] : pt);
            Vis* const y = args_.y.data + at;
            for (Index p = 0; p < rect_.freq_nodes; ++p) y[p] = {re[p], im[p]};
            if (!args_.psf.data) continue;
            Vis* const psf = args_.psf.data + at;
            for (Index p = 0; p < rect_.freq_nodes; ++p) psf[p] = {weight[p], 0};
        }
    }

    ProjectArgs const& args_;
    NodeRect const rect_;
    Index stride_, width_;
    int parts_;
    float *rows_of_[3], *spare_[3], *repeat_;
    Index rows_[3] = {};
    int row_of_[NodeRect::max_times] = {};
};

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
