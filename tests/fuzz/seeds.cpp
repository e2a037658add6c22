// Enters: the writer of the tests, and the golden files. Leaves: seeds.
#include "tests/fuzz/seeds.hpp"

#include "tests/fuzz/hdf5_tools.hpp"
#include "tests/unit/io/small_group.hpp"

#include <filesystem>
#include <fstream>

namespace nocturne::test {
namespace {

std::string slurp(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Takes the bytes of one dataset's samples out of `is_structure`.
void unmark(hid_t set, std::vector<bool>& is_structure)
{
    auto const clear = [&](haddr_t offset, hsize_t bytes) {
        for (hsize_t i = 0; offset != HADDR_UNDEF && i < bytes && offset + i < is_structure.size(); ++i)
            is_structure[offset + i] = false;
    };
    Handle const properties(H5Dget_create_plist(set), H5Pclose), space(H5Dget_space(set), H5Sclose);
    if (H5Pget_layout(properties.id()) != H5D_CHUNKED) return clear(H5Dget_offset(set), H5Dget_storage_size(set));
    hsize_t n = 0;
    H5Dget_num_chunks(set, space.id(), &n);
    for (hsize_t i = 0; i < n; ++i) {
        hsize_t offset[8], bytes = 0;
        haddr_t address = 0;
        unsigned mask = 0;
        if (H5Dget_chunk_info(set, space.id(), i, offset, &mask, &address, &bytes) >= 0) clear(address, bytes);
    }
}

Seed seed_of(std::string const& name, std::string const& path)
{
    Seed seed{name, slurp(path), {}};
    std::vector<bool> is_structure(seed.bytes.size(), true);
    {
        hdf5::start();
        Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
        for (std::string const item : {"Data/visdata", "Data/flags", "Data/nsamples"}) {
            Handle const set(H5Dopen2(file.id(), item.c_str(), H5P_DEFAULT), H5Dclose);
            unmark(set.id(), is_structure);
        }
    }
    for (std::size_t i = 0; i < is_structure.size(); ++i)
        if (is_structure[i]) seed.structure.push_back(static_cast<std::uint32_t>(i));
    return seed;
}

void chunked(hid_t properties)
{
    hsize_t const cut[4] = {64, 1, 5, 1};
    H5Pset_chunk(properties, 4, cut);
}

/// The same content in the newest format: version 3 superblock, version 2 object headers, other chunk indices.
std::string newest(Scratch const& dir, std::string const& old)
{
    auto const path = dir / "newest.hdf5";
    Handle const access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_libver_bounds(access.id(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    Handle const from(H5Fopen(old.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    Handle const to(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
    H5Ocopy(from.id(), "Header", to.id(), "Header", H5P_DEFAULT, H5P_DEFAULT);
    Handle const data(H5Gcreate2(to.id(), "Data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    repack(from.id(), to.id(), chunked);
    return path;
}

}  // namespace

std::vector<Seed> make_seeds()
{
    Scratch const dir;
    std::vector<Seed> seeds;
    auto const path = SmallSubband(0).write(dir, 0);
    seeds.push_back(seed_of("chunked", path));
    auto const changed = [&](char const* name, std::function<void(hid_t)> const& change) {
        auto const copy = dir / name;
        std::filesystem::copy_file(path, copy);
        change_file(copy, change);
        seeds.push_back(seed_of(name, copy));
    };
    changed("contiguous", [](hid_t f) { repack(f, f, [](hid_t) {}); });
    changed("gzip", [](hid_t f) {
        repack(f, f, [](hid_t p) {
            chunked(p);
            H5Pset_shuffle(p);
            H5Pset_deflate(p, 6);
        });
    });
    changed("big-endian", [](hid_t f) {
        auto const values = doubles_of(f, "Data/nsamples");
        replace(f, "Data/nsamples", {H5T_IEEE_F32BE, {300, 1, 10, 2}, nullptr, chunked});
        overwrite(f, "Data/nsamples", H5T_NATIVE_DOUBLE, values.data());
    });
    seeds.push_back(seed_of("newest", newest(dir, path)));
    std::string const golden = std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/uvh5/";
    seeds.push_back(seed_of("ata", golden + "ata_3c286.uvh5"));
    seeds.push_back(seed_of("hera", golden + "hera_zen.2458661.uvh5"));
    return seeds;
}

}  // namespace nocturne::test
