// A group written and read back: axes, missing subbands, consistency, flags and weights, filters and layouts.
#include "io/hdf5.hpp"
#include "io/header_parts.hpp"
#include "io/uvh5_header.hpp"
#include "tests/unit/io/plain_sink.hpp"
#include "tests/unit/io/small_group.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>

namespace nocturne {
namespace {

using test::SmallSubband;

/// The error that reading the group makes, "" where it is read.
std::string failure_of(std::vector<std::string> const& paths)
{
    try {
        GroupReader const reader(paths, 4);
        return "";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input) << error.what();
        return error.what();
    }
}

void expect_values(GroupReader& reader, std::vector<int> const& present)
{
    test::PlainSink sink(reader.header(), SmallSubband::nb);
    reader.read(0, SmallSubband::nb, sink);
    for (Index t = 0; t < SmallSubband::nt; ++t)
        for (Index b = 0; b < SmallSubband::nb; ++b)
            for (Index c = 0; c < sink.nc; ++c)
                for (Index p = 0; p < SmallSubband::np; ++p) {
                    int const subband =
                        3 - static_cast<int>(c / SmallSubband::nc);  // falling subbands on a rising axis
                    auto const v = sink.vis[sink.at(t, b, c, p)];
                    if (std::find(present.begin(), present.end(), subband) == present.end()) {
                        ASSERT_TRUE(std::isnan(v.real()));
                        continue;
                    }
                    ASSERT_EQ(v.real(), SmallSubband::expected(t, b, SmallSubband::nc - 1 - c % SmallSubband::nc, p));
                    ASSERT_EQ(v.imag(), subband + 0.5);
                }
}

TEST(Group, comes_back_as_it_was_written)
{
    test::Scratch const dir;
    GroupReader reader(test::write_small_group(dir, {2, 0, 3, 1}), 4);
    auto const& h = reader.header();
    EXPECT_EQ(h.group_id, "2026-03-01T05:00:00");
    EXPECT_EQ(h.centres.front().kind, PhaseReference::meridian);
    EXPECT_DOUBLE_EQ(h.centres.front().direction.dec.value(), 0.9);
    ASSERT_EQ(h.freq_hz.size(), 40U);
    EXPECT_DOUBLE_EQ(h.freq_hz.back(), 1.49e9);
    EXPECT_DOUBLE_EQ(h.freq_hz.front(), 1.49e9 - 39 * 250e3);
    EXPECT_EQ(h.n_present(), 4);
    EXPECT_EQ(h.subbands[0].first_channel, 30);
    EXPECT_NEAR(h.time_mjd_s[3] - h.time_mjd_s[0], 3 * 12.885, 1e-4);
    EXPECT_EQ(h.antennas[4].number, 8);
    EXPECT_EQ(h.baselines[2].ant2, 1);
    EXPECT_TRUE(reader.is_whole());
    auto const survey = reader.survey(0, SmallSubband::nb);
    EXPECT_TRUE(survey.weight_is_constant);
    EXPECT_EQ(survey.weight, 12);
    EXPECT_EQ(survey.has_flags, std::vector<bool>(4, false));
    expect_values(reader, {0, 1, 2, 3});
    reader.avoid_index();
    expect_values(reader, {0, 1, 2, 3});
    reader.set_batch_bytes(1 << 20);
    expect_values(reader, {0, 1, 2, 3});
}

TEST(Group, missing_subbands_keep_their_channels)
{
    test::Scratch const dir;
    GroupReader reader(test::write_small_group(dir, {3, 1}), 4);
    auto const& h = reader.header();
    ASSERT_EQ(h.freq_hz.size(), 40U);
    EXPECT_NEAR(h.freq_hz.back(), 1.49e9, 1e-3);
    EXPECT_EQ(h.n_present(), 2);
    EXPECT_FALSE(reader.is_whole());
    EXPECT_EQ(h.subbands[0].n_channels, 0);
    EXPECT_EQ(h.subbands[0].first_channel, 30);
    expect_values(reader, {3, 1});
}

TEST(Group, files_that_differ_are_named)
{
    using Change = std::function<void(Uvh5Subband&)>;
    std::pair<char const*, Change> const changes[] = {
        {"times", [](auto& s) { s.time_mjd_s[4] += 0.02; }},
        {"integration times",
         [](auto& s) {
             for (double& length : s.integration_s) length /= 2;
         }},
        {"antennas", [](auto& s) { s.antennas[1].position_m[0] += 0.01; }},
        {"phase centre", [](auto& s) { s.phase_center_dec_rad += 1e-6; }},
        {"correlations",
         [](auto& s) {
             s.correlations = {Correlation::XX, Correlation::XY};
         }},
        {"spacing", [](auto& s) { s.freq_hz[5] += 1000; }},
        {"place in the band",
         [](auto& s) {
             for (double& f : s.freq_hz) f -= 100e3;
         }},
        {"telescope", [](auto& s) { s.site.altitude_m += 1; }},
    };
    for (auto const& [word, change] : changes) {
        test::Scratch const dir;
        auto paths = test::write_small_group(dir, {0, 1});
        SmallSubband other(2);
        change(other.content);
        paths.push_back(other.write(dir, 2));
        auto const text = failure_of(paths);
        EXPECT_NE(text.find(word), std::string::npos) << word << ": " << text;
        EXPECT_NE(text.find("_sb02"), std::string::npos) << text;
    }
}

std::vector<FileHeader> two_headers()
{
    test::Scratch const dir;
    std::vector<FileHeader> files;
    for (auto const& path : test::write_small_group(dir, {0, 1})) files.push_back(read_file_header(path));
    return files;
}

/// Up to 10 ms they are taken for those of the first file, and that is said.
TEST(Group, other_times_are_noted)
{
    test::Scratch const dir;
    auto paths = test::write_small_group(dir, {0});
    SmallSubband other(1);
    for (double& t : other.content.time_mjd_s) t += 0.004;
    paths.push_back(other.write(dir, 1));
    auto const first = read_file_header(paths[0]), second = read_file_header(paths[1], &first);
    EXPECT_TRUE(first.notes.empty());
    ASSERT_EQ(second.notes.size(), 1U);
    EXPECT_NE(second.notes[0].find("up to 4 ms from"), std::string::npos) << second.notes[0];
    EXPECT_NE(second.notes[0].find("0.29 mm a kilometre"), std::string::npos) << second.notes[0];
}

/// A row that the first file lacks has the integration time and the w of a file that has it.
TEST(Group, rows_that_the_first_file_lacks_are_described_by_another)
{
    auto files = two_headers();
    auto one = *files[0].rows, two = *files[1].rows;
    auto const n = one.time_mjd_s.size() * one.baselines.size();
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    two.exposure_s.assign(n, 12.885);
    two.stopped_w_m.assign(n, 1);
    two.exposure_s[5] = 6.5;
    two.stopped_w_m[5] = 7;
    one.present.assign(n, 1);
    one.present[5] = 0;
    one.integration_s.assign(one.integration_s.size(), 12.885);  // all that it has are whole
    one.stopped_w_m.assign(n, 1);
    one.stopped_w_m[5] = none;
    auto const joined = [&] {
        files[0].rows = std::make_shared<RowMap const>(one);
        files[1].rows = std::make_shared<RowMap const>(two);
        return join_headers(files, 4);
    };
    auto const group = joined();
    EXPECT_EQ(group.exposure_s, two.exposure_s);
    EXPECT_EQ(group.stopped_w_m, two.stopped_w_m);
    EXPECT_TRUE(group.present.empty());
    EXPECT_TRUE(group.offset_s.empty());
    auto const refusal = [&] {
        try {
            joined();
        } catch (Error const& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    two.stopped_w_m[4] += 0.01;
    EXPECT_NE(refusal().find("other w"), std::string::npos) << refusal();
    two.exposure_s[4] /= 2;
    EXPECT_NE(refusal().find("other integration times"), std::string::npos) << refusal();
}

/// Each file lacks a row of the other's, and says one length for all it has: both lengths count.
TEST(Group, rows_of_two_files_have_each_their_own_integration_time)
{
    auto files = two_headers();
    auto one = *files[0].rows, two = *files[1].rows;
    auto const n = one.time_mjd_s.size() * one.baselines.size();
    one.present.assign(n, 1);
    two.present.assign(n, 0);
    one.present[n - 1] = 0;
    two.present[n - 1] = 1;
    for (double& s : two.integration_s) s /= 2;
    files[0].rows = std::make_shared<RowMap const>(one);
    files[1].rows = std::make_shared<RowMap const>(two);
    auto const group = join_headers(files, 4);
    ASSERT_EQ(group.exposure_s.size(), n);
    EXPECT_EQ(group.exposure_s[n - 1], two.integration_s.back());
    EXPECT_EQ(group.exposure_s[n - 2], one.integration_s.back());
}

/// Where a file does not say how long a row is, what another one says counts, and nothing else of it goes unchecked.
TEST(Group, guessed_integration_times_give_way)
{
    auto files = two_headers();
    auto stated = *files[0].rows, guessed = stated;
    auto const n = stated.time_mjd_s.size() * stated.baselines.size();
    guessed.n_without_length = 1;
    guessed.rows.integration_s[0] = 0;
    auto const cell = static_cast<std::size_t>(guessed.target[0]);
    guessed.exposure_s.assign(n, stated.integration_s.front());
    guessed.exposure_s[cell] *= 3;
    for (bool const first : {true, false}) {
        files[first ? 0 : 1].rows = std::make_shared<RowMap const>(guessed);
        files[first ? 1 : 0].rows = std::make_shared<RowMap const>(stated);
        EXPECT_DOUBLE_EQ(join_headers(files, 4).exposure_s.at(cell), stated.integration_s.front()) << first;
    }
    EXPECT_EQ(join_headers(files, 4).integration_s, stated.integration_s);
    auto const refused = [&](RowMap const& other) {
        files[1].rows = std::make_shared<RowMap const>(other);
        EXPECT_THROW(join_headers(files, 4), Error);
    };
    auto longer = guessed, moved = guessed;
    longer.exposure_s[cell + 1] /= 2;
    refused(longer);
    stated.stopped_w_m.assign(n, 1);
    moved.stopped_w_m.assign(n, 1);
    files[0].rows = std::make_shared<RowMap const>(stated);
    moved.stopped_w_m[cell] = 4;  // of the very row whose length is a guess
    refused(moved);
}

TEST(Group, phase_centres_are_numbered_as_in_the_first_file)
{
    auto const centre = [](char const* name, double ra) {
        return PhaseCentre{PhaseReference::icrs, {Radians(ra), Radians(0.5)}, name, false};
    };
    std::vector<PhaseCentre> const like{centre("a", 1), centre("b", 2), centre("c", 1)};
    FileHeader header;
    Rows rows;
    rows.time_mjd_s = {1, 2, 3};
    auto const ordered = [&](std::vector<PhaseCentre> own, std::vector<std::int32_t> of_rows) {
        header.centres = std::move(own);
        rows.centre = std::move(of_rows);
        order_centres(like, header, rows);
        return rows.centre;
    };
    using Numbers = std::vector<std::int32_t>;
    EXPECT_EQ(ordered({centre("c", 1), centre("b", 2), centre("a", 1)}, {0, 1, 2}), (Numbers{2, 1, 0}));
    EXPECT_EQ(header.centres.size(), 3U);
    EXPECT_EQ(ordered({centre("b", 2)}, {}), (Numbers{1, 1, 1})) << "rows of the others are missing";
    EXPECT_EQ(header.centres.size(), 3U);
    EXPECT_EQ(ordered({centre("d", 3)}, {}), Numbers{}) << "left as it is, and refused later";
    EXPECT_EQ(header.centres.front().name, "d");
}

TEST(Group, other_baselines_are_named)
{
    test::Scratch const dir;
    SmallSubband one(0), two(1);
    for (auto* content : {&one.content, &two.content}) content->antennas.push_back({"6", 10, {7, 7, 7}, 4.65});
    two.content.baselines[14] = {0, 5};
    auto const text = failure_of({one.write(dir, 0), two.write(dir, 1)});
    EXPECT_NE(text.find("other baselines"), std::string::npos) << text;
}

TEST(Group, a_subband_that_is_there_twice_or_beyond_is_named)
{
    test::Scratch const dir, other;
    auto paths = test::write_small_group(dir, {0, 1});
    paths.push_back(test::write_small_group(other, {1}).front());
    EXPECT_NE(failure_of(paths).find("subband 1 is there twice"), std::string::npos);
    paths.back() = test::write_small_group(other, {7}).front();
    EXPECT_NE(failure_of(paths).find("beyond the 4 expected"), std::string::npos);
}

TEST(Group, flags_and_nsamples_that_vary_are_sent)
{
    test::Scratch const dir;
    SmallSubband subband(0);
    std::vector<std::uint8_t> flag(3000 * 2, 0);
    std::vector<float> nsamples(3000 * 2, 4);
    flag[1234] = 1;
    nsamples[4321] = 0;
    subband.content.flag = make_view(static_cast<std::uint8_t const*>(flag.data()), 20, 15, 10, 2);
    subband.content.nsamples = make_view(static_cast<float const*>(nsamples.data()), 20, 15, 10, 2);
    GroupReader reader({subband.write(dir, 0)});
    auto const survey = reader.survey(0, 15);
    EXPECT_FALSE(survey.weight_is_constant);
    EXPECT_TRUE(survey.has_flags[0]);
    test::PlainSink sink(reader.header(), 15);
    reader.read(0, 15, survey, sink);
    auto const where = [&](Index i) { return sink.at(i / 300, i / 20 % 15, 9 - i / 2 % 10, i % 2); };
    for (Index i = 0; i < 6000; ++i) {
        ASSERT_EQ(sink.flag[where(i)], i == 1234) << i;
        ASSERT_EQ(sink.nsamples[where(i)], i == 4321 ? 0 : 4) << i;
    }
    auto const part = reader.survey(0, 1);  // the bands of baseline 0 hold those samples too, or not: both are right
    EXPECT_EQ(part.has_flags.size(), 1U);
}

/// Copies the datasets with other creation properties: what h5repack would do.
void repack(std::string const& path, std::function<void(hid_t)> const& choose)
{
    hdf5::start();
    hdf5::Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    for (std::string const name : {"Data/visdata", "Data/flags", "Data/nsamples"}) {
        hdf5::Handle const from(H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
        hdf5::Handle const type(H5Dget_type(from.id()), H5Tclose), space(H5Dget_space(from.id()), H5Sclose);
        std::vector<char> bytes(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())) *
                                H5Tget_size(type.id()));
        H5Dread(from.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
        H5Ldelete(file.id(), name.c_str(), H5P_DEFAULT);
        hsize_t dims[4];
        H5Sget_simple_extent_dims(space.id(), dims, nullptr);
        hdf5::Handle const fixed(H5Screate_simple(4, dims, nullptr), H5Sclose),
            properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        choose(properties.id());
        hdf5::Handle const to(
            H5Dcreate2(file.id(), name.c_str(), type.id(), fixed.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
            H5Dclose);
        ASSERT_GE(H5Dwrite(to.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), 0);
    }
}

TEST(Group, every_layout_reads_alike)
{
    auto const chunked = [](hid_t p, hsize_t r, hsize_t c, hsize_t q) {
        hsize_t const cut[4] = {r, 1, c, q};
        H5Pset_chunk(p, 4, cut);
    };
    std::pair<char const*, std::function<void(hid_t)>> const layouts[] = {
        {"contiguous", [](hid_t) {}},
        {"odd chunks", [&](hid_t p) { chunked(p, 7, 3, 2); }},
        {"deflate", [&](hid_t p) { chunked(p, 64, 4, 1), H5Pset_deflate(p, 4); }},
        {"shuffle and deflate", [&](hid_t p) { chunked(p, 64, 4, 1), H5Pset_shuffle(p), H5Pset_deflate(p, 4); }},
        {"fletcher32, which only HDF5 undoes", [&](hid_t p) { chunked(p, 64, 4, 2), H5Pset_fletcher32(p); }},
        {"one chunk", [&](hid_t p) { chunked(p, 300, 10, 2); }},
    };
    for (auto const& [name, choose] : layouts) {
        SCOPED_TRACE(name);
        test::Scratch const dir;
        auto const paths = test::write_small_group(dir, {0, 1, 2, 3});
        for (auto const& path : paths) repack(path, choose);
        GroupReader reader(paths, 4);
        EXPECT_TRUE(reader.survey(0, SmallSubband::nb).weight_is_constant);
        expect_values(reader, {0, 1, 2, 3});
        reader.avoid_index();
        expect_values(reader, {0, 1, 2, 3});
    }
}

}  // namespace
}  // namespace nocturne
