// Links that lead out of the file, in circles, or through code that a file names.
#include "tests/fuzz/hdf5_tools.hpp"
#include "tests/fuzz/hostile.hpp"

namespace nocturne::test {
namespace {

void external_link(hid_t file, char const* name, char const* target)
{
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", target, file, name, H5P_DEFAULT, H5P_DEFAULT);
}

void soft_link(hid_t file, char const* name, char const* target)
{
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Lcreate_soft(target, file, name, H5P_DEFAULT, H5P_DEFAULT);
}

/// A link of a class that only a plug-in knows.
void user_link(hid_t file, char const* name)
{
    H5L_class_t link_class{};
    link_class.version = H5L_LINK_CLASS_T_VERS;
    link_class.id = static_cast<H5L_type_t>(187);
    link_class.comment = "of a test";
    link_class.trav_func = [](auto...) -> hid_t { return -1; };
    H5Lregister(&link_class);
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Lcreate_ud(file, name, link_class.id, "payload", 7, H5P_DEFAULT, H5P_DEFAULT);
    H5Lunregister(link_class.id);
}

}  // namespace

std::vector<Hostile> hostile_links()
{
    return {
        {"external link as visdata",
         [](hid_t f) { external_link(f, "Data/visdata", "/x"); },
         {"visdata", "external link"}},
        {"external link as Header",
         [](hid_t f) { external_link(f, "Header", "/Header"); },
         {"Header", "external link"}},
        {"external link as Data", [](hid_t f) { external_link(f, "Data", "/Data"); }, {"Data", "external link"}},
        {"external link to itself",
         [](hid_t f) { external_link(f, "Header/latitude", "/Header/latitude"); },
         {"latitude", "external link"}},
        {"soft link as flags", [](hid_t f) { soft_link(f, "Data/flags", "/Data/nsamples"); }, {"flags", "soft"}},
        {"soft link in a circle",
         [](hid_t f) { soft_link(f, "Header/time_array", "/Header/time_array"); },
         {"time_array", "soft"}},
        {"soft link to nowhere", [](hid_t f) { soft_link(f, "Header/longitude", "/nowhere"); }, {"longitude", "soft"}},
        {"soft link as Data", [](hid_t f) { soft_link(f, "Data", "/Header"); }, {"Data", "soft"}},
        {"user-defined link as nsamples", [](hid_t f) { user_link(f, "Data/nsamples"); }, {"nsamples", "user-defined"}},
        {"user-defined link as Header", [](hid_t f) { user_link(f, "Header"); }, {"Header", "user-defined"}},
    };
}

std::vector<Hostile> hostile_objects()
{
    return {
        {"a group that holds itself",
         [](hid_t f) {
             H5Ldelete(f, "Header/latitude", H5P_DEFAULT);
             H5Lcreate_hard(f, "Header", f, "Header/latitude", H5P_DEFAULT, H5P_DEFAULT);
         },
         {"latitude"}},
        {"the root as Data",
         [](hid_t f) {
             H5Ldelete(f, "Data", H5P_DEFAULT);
             H5Lcreate_hard(f, "/", f, "Data", H5P_DEFAULT, H5P_DEFAULT);
         },
         {"Data/visdata", "missing"}},
        {"a dataset as Header",
         [](hid_t f) {
             Handle const set(H5Dopen2(f, "Data/flags", H5P_DEFAULT), H5Dclose);
             H5Ldelete(f, "Header", H5P_DEFAULT);
             H5Lcreate_hard(f, "Data/flags", f, "Header", H5P_DEFAULT, H5P_DEFAULT);
         },
         {"Header"}},
        {"a group as visdata",
         [](hid_t f) {
             H5Ldelete(f, "Data/visdata", H5P_DEFAULT);
             Handle const group(H5Gcreate2(f, "Data/visdata", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
         },
         {"visdata"}},
        {"a committed type as flags",
         [](hid_t f) {
             H5Ldelete(f, "Data/flags", H5P_DEFAULT);
             Handle const type(H5Tcopy(H5T_NATIVE_INT8), H5Tclose);
             H5Tcommit2(f, "Data/flags", type.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
         },
         {"flags"}},
    };
}

}  // namespace nocturne::test
