#include "driver/data_places.hpp"

#include "driver/inspect.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"

#include <algorithm>
#include <filesystem>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

bool is_data(fs::directory_entry const& entry)
{
    std::error_code odd;
    if (entry.is_directory(odd)) return is_measurement_set(entry.path().string());
    return named_like_hdf5(entry.path().string()) && !is_incomplete_name(entry.path().string());
}

bool holds_data(fs::path const& directory)
{
    std::error_code failed;
    fs::directory_iterator const at(directory, failed);
    return !failed && std::any_of(begin(at), end(at), is_data);
}

}  // namespace

DataPlace look_into(std::string const& directory)
{
    DataPlace place;
    std::error_code failed;
    for (fs::directory_iterator at(directory, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code odd;
        if (at->path().filename().string().front() == '.') continue;
        if (is_data(*at))
            ++place.data_files;
        else if (!at->is_directory(odd))
            ++place.other_files;
        else if (holds_data(at->path()))
            place.below.push_back(at->path().filename().string());
    }
    std::sort(place.below.begin(), place.below.end());
    return place;
}

std::string nothing_in(std::string const& directory)
{
    auto const place = look_into(directory);
    auto const n = place.below.size();
    auto text = "no data files in " + directory + ": ";
    text += place.other_files == 0 ? "it holds no files"
                                   : "it holds " + std::to_string(place.other_files) +
                                         (place.other_files == 1 ? " file of another kind" : " files of other kinds");
    if (n > 0)
        text += "; " + std::to_string(n) + (n == 1 ? " sub-directory has some" : " sub-directories have some") +
                ": name one, such as " + (fs::path(directory) / place.below.front()).string();
    return text;
}

}  // namespace nocturne
