#include "io/hdf5.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

namespace nocturne::hdf5 {
namespace {

herr_t collect(unsigned n, H5E_error2_t const* entry, void* out)
{
    auto& text = *static_cast<std::string*>(out);
    if (entry->desc && entry->desc[0] && n < 12) {
        if (!text.empty()) text += " < ";
        text += entry->desc;
    }
    return 0;
}

char const* const space_advice = "see whether its disk is full, then run again";
char const* const rewrite_advice = "copy the file again from its source, or take it out of the group";

/// What stat says of an input: Error(input_missing) or Error(bad_input) before HDF5 sees it.
void check_plain_file(std::string const& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        throw Error(Code::input_missing, "cannot open the file", std::strerror(errno), "check the path");
    if (!S_ISREG(status.st_mode))
        throw Error(Code::bad_input, "not a file", "it is a directory or a device", "name a UVH5 file");
    if (access(path.c_str(), R_OK) != 0)
        throw Error(Code::input_missing, "cannot read the file", std::strerror(errno), "check its permissions");
    if (status.st_size == 0) throw Error(Code::bad_input, "the file is empty", "0 bytes", rewrite_advice);
}

}  // namespace

void start()
{
    static bool const once = [] {
        for (char const* name : {"HDF5_PLUGIN_PATH", "HDF5_VOL_CONNECTOR", "HDF5_DRIVER"}) unsetenv(name);
        H5dont_atexit();
        H5open();
        H5PLset_loading_state(0);
        return true;
    }();
    (void)once;
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string take_error_text()
{
    std::string text;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &text);
    H5Eclear2(H5E_DEFAULT);
    return text.empty() ? "HDF5 gave no reason" : "HDF5: " + text;
}

hid_t checked(hid_t id, std::string const& what, Code code)
{
    if (id < 0) throw Error(code, what, take_error_text(), code == Code::io ? space_advice : rewrite_advice);
    return id;
}

void check_status(herr_t status, std::string const& what, Code code)
{
    if (status < 0) throw Error(code, what, take_error_text(), code == Code::io ? space_advice : rewrite_advice);
}

void finish(Handle& handle, std::string const& what)
{
    if (!handle.close()) throw Error(Code::io, "cannot write " + what, take_error_text(), space_advice);
}

Handle dataset_properties(std::string const& what)
{
    Handle properties(checked(H5Pcreate(H5P_DATASET_CREATE), "cannot write " + what, Code::io), H5Pclose);
    H5Pset_obj_track_times(properties.id(), 0);
    return properties;
}

Handle open_for_reading(std::string const& path)
{
    start();
    check_plain_file(path);
    Handle const access_list(checked(H5Pcreate(H5P_FILE_ACCESS), "cannot set up HDF5", Code::system), H5Pclose);
    H5Pset_file_locking(access_list.id(), 0, 1);
    hid_t const file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access_list.id());
    if (file < 0) {
        auto const text = take_error_text();
        bool const truncated = text.find("truncated") != std::string::npos;
        throw Error(Code::bad_input, truncated ? "the file is truncated" : "not a readable HDF5 file", text,
                    rewrite_advice);
    }
    return Handle(file, H5Fclose);
}

bool has(hid_t parent, std::string const& name)
{
    if (H5Lexists(parent, name.c_str(), H5P_DEFAULT) <= 0) {
        H5Eclear2(H5E_DEFAULT);
        return false;
    }
    H5L_info_t info{};
    check_status(H5Lget_info(parent, name.c_str(), &info, H5P_DEFAULT), "cannot read the link " + name);
    if (info.type != H5L_TYPE_HARD)
        throw Error(Code::bad_input, name + " is a link that leads elsewhere",
                    info.type == H5L_TYPE_EXTERNAL ? "external link" : "soft or user-defined link",
                    "store the data in the file itself (h5repack, or copy it with pyuvdata)");
    return true;
}

Handle open_group(hid_t parent, std::string const& name)
{
    if (!has(parent, name)) throw Error(Code::bad_input, name + " is missing", "not a UVH5 file", rewrite_advice);
    return Handle(checked(H5Gopen2(parent, name.c_str(), H5P_DEFAULT), "cannot open the group " + name), H5Gclose);
}

Handle open_dataset(hid_t parent, std::string const& name)
{
    if (!has(parent, name)) throw Error(Code::bad_input, name + " is missing", "not in the file", rewrite_advice);
    Handle dataset(checked(H5Dopen2(parent, name.c_str(), H5P_DEFAULT), "cannot open the dataset " + name), H5Dclose);
    Handle const properties(checked(H5Dget_create_plist(dataset.id()), "cannot read the layout of " + name), H5Pclose);
    if (H5Pget_layout(properties.id()) == H5D_VIRTUAL)
        throw Error(Code::bad_input, name + " is a virtual dataset", "its values lie in other files", rewrite_advice);
    if (H5Pget_external_count(properties.id()) > 0)
        throw Error(Code::bad_input, name + " has external storage", "its values lie in other files", rewrite_advice);
    return dataset;
}

}  // namespace nocturne::hdf5
