// `unpack` on every device against its oracle: every element type, chunks that do not divide the file, falling and rising
// channels, swapped rows, rows that go nowhere.
#include "kernels/unpack.hpp"

#include "tests/oracle/unpack.hpp"
#include "tests/support/devices.hpp"

#include <cstring>
#include <limits>
#include <random>

namespace nocturne {
namespace {

/// One small file and the block that it goes to.
struct Case {
    Index rows = 11, channels = 7, chunk_rows = 4, chunk_channels = 3, chunk_correlations = 1;
    Index nt = 3, nb = 5, nc = 20, first_channel = 15, step = -1;
    std::vector<int> codes{-5, -6};
    Element element = Element::complex_f32;
    bool swap = true;

    Index np() const { return static_cast<Index>(codes.size()); }
};

void append(std::vector<char>& bytes, auto value)
{
    auto const at = bytes.size();
    bytes.resize(at + sizeof value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

void append(std::vector<char>& bytes, Element element, std::complex<double> v)
{
    auto const both = [&]<class T>(T) {
        append(bytes, static_cast<T>(v.real()));
        append(bytes, static_cast<T>(v.imag()));
    };
    switch (element) {
        case Element::complex_f32:
            return both(float());
        case Element::complex_f64:
            return both(double());
        case Element::complex_i16:
            return both(std::int16_t());
        case Element::complex_i32:
            return both(std::int32_t());
        case Element::u8:
            return append(bytes, static_cast<std::uint8_t>(v.real()));
        case Element::f32:
            return append(bytes, static_cast<float>(v.real()));
        case Element::f64:
            return append(bytes, v.real());
    }
}

class Unpack : public test::OnEveryDevice {
protected:
    /// The block after one batch that holds the whole file.
    void unpack(Case const& c, DatasetKind kind, std::vector<std::complex<double>> const& file,
                std::uint8_t flag_before)
    {
        n_ = c.nt * c.nb * c.nc * c.np();
        ChunkBatch b;
        b.kind = kind;
        b.element = c.element;
        b.n_bands = (c.rows + c.chunk_rows - 1) / c.chunk_rows;
        b.n_channel_chunks = (c.channels + c.chunk_channels - 1) / c.chunk_channels;
        b.n_correlation_chunks = (c.np() + c.chunk_correlations - 1) / c.chunk_correlations;
        b.chunk_rows = c.chunk_rows;
        b.chunk_channels = c.chunk_channels;
        b.chunk_correlations = c.chunk_correlations;
        b.n_channels = c.channels;
        b.n_correlations = c.np();
        b.first_channel = c.first_channel;
        b.channel_step = c.step;
        for (Index p = 0; p < c.np(); ++p) b.swapped_correlation[p] = static_cast<std::int8_t>(partner(c, p));
        auto const bytes = chunked(c, b, file);
        auto const targets = make_targets(c, b.n_bands * b.chunk_rows);
        auto const d_bytes = to_device(device(), bytes);
        auto const d_rows = to_device(device(), targets);
        Buffer<Vis> d_vis(device(), n_);
        Buffer<float> d_weight(device(), n_);
        d_vis.clear();
        d_weight.clear();
        auto const d_flag = to_device(device(), std::vector<std::uint8_t>(n_, flag_before));
        b.data = d_bytes.data();
        b.rows = d_rows.view(d_rows.size());
        UnpackArgs const args{b, d_vis.view(c.nt, c.nb, c.nc, c.np()), d_flag.view(c.nt, c.nb, c.nc, c.np()),
                              d_weight.view(c.nt, c.nb, c.nc, c.np())};
        run(device(), args);
        finish(device());
        vis_ = d_vis.to_host();
        flag_ = d_flag.to_host();
        weight_ = d_weight.to_host();
    }

    static Index partner(Case const& c, Index p)
    {
        int const code = c.codes[p], wanted = code == -7 ? -8 : code == -8 ? -7 : code;
        for (Index q = 0; q < c.np(); ++q)
            if (c.codes[q] == wanted) return q;
        return -1;
    }

    /// Padding is 77, so that a kernel that reads it is seen.
    static std::vector<char> chunked(Case const& c, ChunkBatch const& b, std::vector<std::complex<double>> const& file)
    {
        std::vector<char> bytes;
        for (Index band = 0; band < b.n_bands; ++band)
            for (Index cf = 0; cf < b.n_channel_chunks; ++cf)
                for (Index cp = 0; cp < b.n_correlation_chunks; ++cp)
                    for (Index i = 0; i < b.chunk_elements(); ++i) {
                        Index const r = band * b.chunk_rows + i / (b.chunk_channels * b.chunk_correlations);
                        Index const f = cf * b.chunk_channels + i / b.chunk_correlations % b.chunk_channels;
                        Index const p = cp * b.chunk_correlations + i % b.chunk_correlations;
                        bool const valid = r < c.rows && f < c.channels && p < c.np();
                        append(bytes, c.element, valid ? file[(r * c.channels + f) * c.np() + p] : 77.0);
                    }
        return bytes;
    }

    std::vector<RowTarget> make_targets(Case const& c, Index n)
    {
        std::mt19937 random(3);
        std::vector<RowTarget> targets(n);
        rows_.clear();
        for (Index r = 0; r < c.rows; ++r) {
            Index const cell = (r * 4) % (c.nt * c.nb);  // 4 and 15 share no factor: all different
            RowTarget to{static_cast<std::int32_t>(cell / c.nb), static_cast<std::int32_t>(cell % c.nb),
                         static_cast<std::int32_t>(c.swap && random() % 2)};
            if (r % 5 == 3) to.integration = -1;
            targets[r] = to;
            rows_.push_back({to.integration, to.baseline, to.swapped != 0});
        }
        return targets;
    }

    std::vector<long> channels_of(Case const& c) const
    {
        std::vector<long> out;
        for (Index f = 0; f < c.channels; ++f) out.push_back(c.first_channel + f * c.step);
        return out;
    }

    std::vector<std::complex<double>> random_file(Case const& c)
    {
        std::mt19937 random(11);
        std::vector<std::complex<double>> file(c.rows * c.channels * c.np());
        for (auto& v : file)
            v = {static_cast<double>(random() % 2001) - 1000, static_cast<double>(random() % 2001) - 1000};
        return file;
    }

    void expect_flags_to_add(Case const& c)
    {
        auto file = random_file(c);
        for (std::size_t i = 0; i < file.size(); ++i) file[i] = i % 3 == 0;
        unpack(c, DatasetKind::flag, file, flag_zero);
        auto const expected = oracle::unpack_vis(file, rows_, channels_of(c), c.codes);
        Index n_set = 0;
        for (auto const f : flag_) n_set += (f & flag_file) != 0;
        Index n_expected = 0;
        for (auto const& [place, v] : expected) {
            auto const [t, b, f, p] = place;
            n_expected += v.real() != 0;
            ASSERT_EQ(flag_[((t * c.nb + b) * c.nc + f) * c.np() + p], flag_zero | (v.real() != 0 ? flag_file : 0));
        }
        EXPECT_EQ(n_set, n_expected);
        EXPECT_GT(n_set, 0);
    }

    void expect_vis_as_oracle(Case const& c)
    {
        auto const file = random_file(c);
        unpack(c, DatasetKind::vis, file, flag_missing);
        auto const expected = oracle::unpack_vis(file, rows_, channels_of(c), c.codes);
        for (Index i = 0; i < n_; ++i) {
            oracle::Place const place{i / c.np() / c.nc / c.nb, i / c.np() / c.nc % c.nb, i / c.np() % c.nc,
                                      i % c.np()};
            auto const found = expected.find(place);
            bool const there = found != expected.end();
            ASSERT_EQ(flag_[i], there ? 0 : flag_missing) << i;
            ASSERT_EQ(vis_[i].re, there ? found->second.real() : 0) << i;
            ASSERT_EQ(vis_[i].im, there ? found->second.imag() : 0) << i;
        }
    }

    Index n_ = 0;
    std::vector<Vis> vis_;
    std::vector<std::uint8_t> flag_;
    std::vector<float> weight_;
    std::vector<oracle::UnpackedRow> rows_;
};

TEST_P(Unpack, spreads_visibilities_of_every_type)
{
    for (auto const element :
         {Element::complex_f32, Element::complex_f64, Element::complex_i16, Element::complex_i32}) {
        Case c;
        c.element = element;
        expect_vis_as_oracle(c);
    }
}

TEST_P(Unpack, spreads_the_layout_of_dsa110)
{
    for (Index const step : {-1, 1})
        for (Index const chunk : {12, 4, 5}) {
            Case c;
            c.channels = 24;
            c.chunk_channels = chunk;
            c.nc = 48;
            c.step = step;
            c.first_channel = step < 0 ? 47 : 8;
            c.swap = false;
            expect_vis_as_oracle(c);
        }
}

/// One block of the file after another, or chunks of all correlations: 1 to 4 of them, aligned or not, rising and falling.
TEST_P(Unpack, spreads_rows_whose_correlations_stand_together)
{
    std::vector<std::vector<int>> const all{{-5}, {-5, -6}, {-5, -6, -7}, {-5, -7, -8, -6}};
    for (auto const& codes : all)
        for (auto const element :
             {Element::complex_f32, Element::complex_f64, Element::complex_i16, Element::complex_i32})
            for (Index const step : {-1, 1})
                for (Index const chunk : {24, 8, 5}) {
                    Case c;
                    c.codes = codes;
                    c.element = element;
                    c.channels = 24;
                    c.chunk_channels = chunk;
                    c.chunk_correlations = c.np();
                    c.nc = 48;
                    c.step = step;
                    c.first_channel = step < 0 ? 39 : 8;
                    c.swap = chunk == 5;
                    expect_vis_as_oracle(c);
                }
}

TEST_P(Unpack, exchanges_cross_hands_of_swapped_rows)
{
    Case c;
    c.codes = {-5, -7, -8, -6};
    for (Index const chunk : {1, 2, 3, 4}) {
        c.chunk_correlations = chunk;
        expect_vis_as_oracle(c);
    }
    c.codes = {-7};  // XY alone: a swapped row has none
    expect_vis_as_oracle(c);
    c.codes = {1};
    expect_vis_as_oracle(c);
}

TEST_P(Unpack, flags_add_to_what_is_there)
{
    Case c;
    c.element = Element::u8;
    expect_flags_to_add(c);
    c.chunk_correlations = 2;
    c.chunk_channels = 7;
    c.swap = false;
    expect_flags_to_add(c);
    c.step = 1;
    c.first_channel = 2;
    expect_flags_to_add(c);
}

TEST_P(Unpack, nsamples_that_are_no_weight_flag_the_sample)
{
    double const values[] = {
        0, -1, 12, 0.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};
    for (auto const element : {Element::f32, Element::f64}) {
        Case c;
        c.element = element;
        c.swap = false;
        auto file = random_file(c);
        for (std::size_t i = 0; i < file.size(); ++i) file[i] = values[i * i % 6];
        unpack(c, DatasetKind::nsamples, file, 0);
        Index looked = 0;
        for (Index r = 0; r < c.rows; ++r)
            for (Index f = 0; f < c.channels && rows_[r].integration >= 0; ++f)
                for (Index p = 0; p < c.np(); ++p, ++looked) {
                    Index const i =
                        ((rows_[r].integration * c.nb + rows_[r].baseline) * c.nc + c.first_channel + f * c.step) *
                            c.np() +
                        p;
                    auto const [weight, flag] =
                        oracle::unpack_nsamples(file[(r * c.channels + f) * c.np() + p].real(), 0);
                    ASSERT_EQ(weight_[i], weight);
                    ASSERT_EQ(flag_[i], flag);
                }
        EXPECT_GT(looked, 50);
    }
}

TEST_P(Unpack, refuses_channels_beyond_the_block)
{
    Case c;
    c.first_channel = 5;  // seven channels that fall from 5 end at −1
    EXPECT_THROW(unpack(c, DatasetKind::vis, random_file(c), 0), Error);
}

TEST(LendRows, gives_packed_rows_and_clears_their_flags)
{
    std::vector<Vis> vis(3 * 4 * 5 * 2);
    std::vector<std::uint8_t> flag(vis.size(), flag_missing);
    UnpackArgs const block{{}, make_view(vis.data(), 3, 4, 5, 2), make_view(flag.data(), 3, 4, 5, 2), {}};
    EXPECT_EQ(lend_rows(block, {5, 3, 5, 2}), vis.data() + 50);
    for (std::size_t i = 0; i < flag.size(); ++i) ASSERT_EQ(flag[i], i >= 50 && i < 80 ? 0 : flag_missing) << i;
    EXPECT_EQ(lend_rows(block, {5, 3, 4, 2}), nullptr);
    EXPECT_EQ(lend_rows(block, {5, 3, 5, 1}), nullptr);
    EXPECT_THROW(lend_rows(block, {10, 3, 5, 2}), Error);
    auto gaps = block;
    gaps.vis.extent[1] = 3;  // baselines of a larger block
    EXPECT_EQ(lend_rows(gaps, {0, 1, 5, 2}), nullptr);
}

INSTANTIATE_TEST_SUITE_P(devices, Unpack, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
