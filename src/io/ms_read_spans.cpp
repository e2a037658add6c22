// Samples of a Measurement Set: rows are read in pieces that stay in cache, and spread over the block from there.
#include "io/ms_reader_state.hpp"
#include "nocturne/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nocturne {
namespace {

constexpr std::size_t piece_bytes = 1 << 19;  // of DATA: with flags and weights it stays in a host's L2

bool is_number(Vis v) { return std::isfinite(v.re) && std::isfinite(v.im); }

/// One correlation of one row, from a buffer to the block. Steps count elements.
struct Line {
    std::complex<float> const *vis, *model;  ///< model: null where none is wanted
    std::uint8_t const* flags;
    float const* weights;  ///< null: not wanted
    Index step, weight_step;
    float sign;             ///< of the imaginary part
    std::uint8_t row_flag;  ///< flag_file where the whole row is flagged
    bool four = false;      ///< the set has all four correlations

    struct To {
        Vis* vis;
        std::uint8_t* flag;
        float* weight;
        Vis* model;
    };

    Vis turned(std::complex<float> v) const { return {v.real(), sign * v.imag()}; }

    /// One of four correlations that nobody measured (`all4`): 0, without weight and not flagged.
    bool unmeasured(std::uint8_t flagged, float weight, Vis value) const
    {
        return four && row_flag == 0 && flagged == 0 && weight == 0 && value.re == 0 && value.im == 0;
    }

    void place(ms::Window const& w, To out, Index step_out) const
    {
        auto const n = static_cast<Index>(w.channel.size());
        for (Index c = 0; c < n; ++c) {
            Index const to = (w.step ? w.channel[0] + c * w.step : w.channel[static_cast<std::size_t>(c)]) * step_out;
            out.vis[to] = turned(vis[c * step]);
            std::uint8_t mark = flags[c * step] ? std::uint8_t(flag_file) : row_flag;
            if (out.weight) {
                bool const good = ms::usable(weights[c * weight_step]);
                out.weight[to] = good ? weights[c * weight_step] : 0;
                if (!good)
                    mark =
                        unmeasured(flags[c * step], weights[c * weight_step], out.vis[to]) ? flag_missing : flag_file;
            }
            if (out.model) {
                out.model[to] = turned(model[c * step]);
                if (!is_number(out.model[to])) mark = flag_file;
            }
            out.flag[to] = mark;
        }
    }
};

/// A whole row whose channels and correlations lie as the block's do: one pass over memory.
void place_straight(Line const& row, Index n, Line::To out)
{
    for (Index i = 0; i < n; ++i) out.vis[i] = row.turned(row.vis[i]);
    for (Index i = 0; i < n; ++i)
        out.flag[i] = static_cast<std::uint8_t>((row.flags[i] ? flag_file : 0) | row.row_flag);
    for (Index i = 0; out.model && i < n; ++i) {
        out.model[i] = row.turned(row.model[i]);
        out.flag[i] = static_cast<std::uint8_t>(out.flag[i] | (is_number(out.model[i]) ? 0 : flag_file));
    }
    for (Index i = 0; out.weight && i < n; ++i) {
        bool const good = ms::usable(row.weights[i]);
        out.weight[i] = good ? row.weights[i] : 0;
        if (!good) out.flag[i] = row.unmeasured(row.flags[i], row.weights[i], out.vis[i]) ? flag_missing : flag_file;
    }
}

}  // namespace

/// One polarization whose rows stand both ways round: the hand that a row lacks was written as a flagged 0 without weight.
void mark_lacking_hands(std::vector<Correlation> const& hands, MsTarget const& to)
{
    if (!to.weight.data || hands.size() != 2 || antennas_exchanged(hands[0]) != hands[1]) return;
    for (Index i = 0; i < to.vis.size(); ++i)
        if (to.flag.data[i] != 0 && to.vis.data[i].re == 0 && to.vis.data[i].im == 0 && to.weight.data[i] == 0)
            to.flag.data[i] = flag_missing;
}

/// Rows of one window that are read at once.
struct MsReader::State::Piece {
    std::uint32_t const* rows;
    std::size_t n;
    Index first_baseline;
};

/// One row from the buffers (`at` = its place in the piece) to its cell.
void MsReader::State::place_row(std::uint32_t row, std::size_t at, Index first_baseline, MsTarget const& to) const
{
    auto const& w = axes.windows[static_cast<std::size_t>(window[row])];
    Index const nb = static_cast<Index>(header.baselines.size()), np = n_correlations(), n_hands = to.vis.extent[3],
                nc = static_cast<Index>(w.channel.size());
    Index const integration = rows.target[row] / nb, baseline = rows.target[row] % nb - first_baseline;
    bool const turned = rows.swapped[row] != 0, spectrum = static_cast<bool>(weight_spectrum);
    auto const piece = static_cast<Index>(at);
    Line line{vis_buffer.data() + piece * nc * np,
              model ? model_buffer.data() + piece * nc * np : nullptr,
              flag_buffer.data() + piece * nc * np,
              weight_buffer.data() + (spectrum ? piece * nc * np : piece * np),
              np,
              spectrum ? np : 0,
              turned == axes.conjugated ? 1.0F : -1.0F,
              flag_row[row] ? std::uint8_t(flag_file) : std::uint8_t(0),
              np == 4};
    auto const cell = [&](Index c, Index p) {
        return Line::To{&to.vis(integration, baseline, c, p), &to.flag(integration, baseline, c, p),
                        to.weight.data ? &to.weight(integration, baseline, c, p) : nullptr,
                        to.model.data ? &to.model(integration, baseline, c, p) : nullptr};
    };
    if (!turned && np == n_hands && w.step == 1 && (spectrum || !to.weight.data))
        return place_straight(line, nc * np, cell(w.channel[0], 0));
    for (Index p = 0; p < np; ++p, ++line.vis, line.model += model ? 1 : 0, ++line.flags, ++line.weights) {
        auto const hand = axes.correlations[static_cast<std::size_t>(p)];
        Index const q = turned ? place_of(antennas_exchanged(hand), header.correlations) : p;
        line.place(w, cell(0, q), n_hands);
    }
}

void MsReader::State::read_piece(Piece const& piece, MsTarget const& to)
{
    auto const& w = axes.windows[static_cast<std::size_t>(window[piece.rows[0]])];
    auto const nc = static_cast<Index>(w.channel.size());
    auto const samples = piece.n * static_cast<std::size_t>(nc * n_correlations());
    std::vector<std::int64_t> const shape{n_correlations(), nc};
    data.read(piece.rows, piece.n, shape, vis_buffer.data());
    flag.read(piece.rows, piece.n, shape, flag_buffer.data());
    if (model) model.read(piece.rows, piece.n, shape, model_buffer.data());
    bytes += samples * ((model ? 2 : 1) * sizeof(Vis) + 1);
    if (to.weight.data && weight_spectrum) {
        weight_spectrum.read(piece.rows, piece.n, shape, weight_buffer.data());
        bytes += samples * sizeof(float);
    } else if (to.weight.data) {
        weight.read(piece.rows, piece.n, {n_correlations()}, weight_buffer.data());
    }
    for (std::size_t i = 0; i < piece.n; ++i) place_row(piece.rows[i], i, piece.first_baseline, to);
}

void MsReader::State::read(Index first_baseline, Index n, MsTarget const& to)
{
    NOCT_CHECK(first_baseline >= 0 && n > 0 && first_baseline + n <= static_cast<Index>(header.baselines.size()),
               "baselines to read lie outside the group");
    NOCT_CHECK(to.vis.extent[1] == n && to.vis.contiguous() && to.flag.contiguous(),
               "the target has another shape than what is read");
    NOCT_CHECK(to.weight.data || constant_weight > 0, "weights that vary need memory");
    NOCT_CHECK(static_cast<bool>(model) == (to.model.data != nullptr), "a model and its memory come together");
    if (!rows.complete || header.correlations.size() > axes.correlations.size()) {  // some rows lack a cross hand
        auto const size = static_cast<std::size_t>(to.vis.size());
        std::memset(static_cast<void*>(to.vis.data), 0, size * sizeof(Vis));
        std::memset(to.flag.data, flag_missing, size);
        if (to.weight.data) std::memset(to.weight.data, 0, size * sizeof(float));
        if (to.model.data) std::memset(static_cast<void*>(to.model.data), 0, size * sizeof(Vis));
    }
    auto const at = [&](Index b) { return static_cast<std::ptrdiff_t>(first[static_cast<std::size_t>(b)]); };
    std::vector<std::uint32_t> wanted(by_baseline.begin() + at(first_baseline),
                                      by_baseline.begin() + at(first_baseline + n));
    std::sort(wanted.begin(), wanted.end());
    for (std::size_t begin = 0; begin < wanted.size();) {
        int const w = window[wanted[begin]];
        auto const cell = axes.windows[static_cast<std::size_t>(w)].channel.size() * axes.correlations.size();
        auto const most = std::max<std::size_t>(1, piece_bytes / (cell * sizeof(Vis)));
        if (vis_buffer.size() < most * cell) {
            vis_buffer.resize(most * cell);
            if (model) model_buffer.resize(most * cell);
            flag_buffer.resize(most * cell);
            weight_buffer.resize(most * cell);
        }
        std::size_t end = begin + 1;
        while (end < wanted.size() && end - begin < most && window[wanted[end]] == w) ++end;
        read_piece({wanted.data() + begin, end - begin, first_baseline}, to);
        begin = end;
    }
    mark_lacking_hands(header.correlations, to);
}

}  // namespace nocturne
