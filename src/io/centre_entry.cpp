#include "io/centre_entry.hpp"

#include "io/damaged.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using hdf5::Fields;
using nlohmann::json;

std::string const where = "Header/phase_center_catalog";

/// As the format has it: a group for each entry.
class StoredEntry : public CentreEntry {
public:
    StoredEntry(hdf5::Handle group, std::string const& key, std::uint64_t file_bytes)
        : group_(std::move(group)), fields_(group_.id(), where + "/" + key, file_bytes)
    {}
    bool has_value(std::string const& name) const override { return fields_.has_value(name); }
    std::string text(std::string const& name) const override { return fields_.text(name); }
    double number(std::string const& name) const override { return fields_.number(name); }
    std::vector<double> numbers(std::string const& name) const override
    {
        return fields_.numbers(name, fields_.shape(name));
    }
    std::string name() const override { return fields_.is_text("cat_name") ? fields_.text("cat_name") : std::string(); }

private:
    hdf5::Handle group_;
    Fields fields_;
};

/// As the draft had it: {"cat_type": "sidereal", "cat_lon": 1.2, …}.
class DraftEntry : public CentreEntry {
public:
    DraftEntry(json entry, std::string key) : entry_(std::move(entry)), key_(std::move(key)) {}
    bool has_value(std::string const& name) const override
    {
        auto const at = entry_.find(name);
        return at != entry_.end() && !at->is_null();
    }
    std::string text(std::string const& name) const override
    {
        auto const& item = there(name);
        if (!item.is_string()) throw wrong(name, "text");
        return item;
    }
    double number(std::string const& name) const override { return finite(name, there(name)); }
    std::vector<double> numbers(std::string const& name) const override
    {
        auto const& item = there(name);
        std::vector<double> values;
        if (item.is_array())
            for (auto const& one : item) values.push_back(finite(name, one));
        else
            values.push_back(finite(name, item));
        return values;
    }
    std::string name() const override { return key_; }

private:
    json const& there(std::string const& name) const
    {
        if (!has_value(name))
            throw bad_header(where + "/" + key_ + "/" + name + " is missing", "an entry stored as JSON");
        return entry_.at(name);
    }
    double finite(std::string const& name, json const& item) const
    {
        if (!item.is_number() || !std::isfinite(item.get<double>())) throw wrong(name, "a finite number");
        return item.get<double>();
    }
    Error wrong(std::string const& name, std::string const& wanted) const
    {
        return bad_header(where + "/" + key_ + "/" + name + " has the wrong type", wanted + " is expected");
    }

    json entry_;
    std::string key_;
};

hsize_t n_links(hid_t group)
{
    H5G_info_t info{};
    hdf5::check_status(H5Gget_info(group, &info), "cannot read " + where);
    return info.nlinks;
}

std::string key_at(hid_t group, hsize_t index)
{
    std::string key(4096, '\0');  // a longer name is cut, and not found
    auto const bytes =
        H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, key.data(), key.size(), H5P_DEFAULT);
    if (bytes < 0) throw bad_header("cannot read " + where, hdf5::take_error_text());
    key.resize(std::min(static_cast<std::size_t>(bytes), key.size() - 1));
    return key;
}

bool is_dataset(hid_t group, std::string const& key)
{
    H5O_info_t info{};
    hdf5::has(group, key);  // refuses links that lead elsewhere
    hdf5::check_status(H5Oget_info_by_name(group, key.c_str(), &info, H5P_DEFAULT), "cannot read " + where + "/" + key);
    return info.type == H5O_TYPE_DATASET;
}

}  // namespace

CentreCatalogue::CentreCatalogue(Fields const& header, std::uint64_t file_bytes) : file_bytes_(file_bytes)
{
    H5O_info_t info{};
    hdf5::check_status(H5Oget_info_by_name(header.group(), "phase_center_catalog", &info, H5P_DEFAULT),
                       "cannot read " + where);
    if (info.type != H5O_TYPE_GROUP) throw bad_header(where + " has the wrong type", "it is not a group");
    group_ = hdf5::open_group(header.group(), "phase_center_catalog");
    read_draft();
}

/// Where the first item is a dataset (as pyuvdata tells), all entries are text, named after the source.
void CentreCatalogue::read_draft()
{
    constexpr hsize_t most_entries = 100'000;
    auto const n = n_links(group_.id());
    is_draft_ = n > 0 && is_dataset(group_.id(), key_at(group_.id(), 0));
    if (!is_draft_) return;
    if (n > most_entries) throw bad_header(where + " has too many entries", std::to_string(n));
    Fields const fields(group_.id(), where, file_bytes_);
    for (hsize_t i = 0; i < n; ++i) {
        auto const key = key_at(group_.id(), i);
        auto text = fields.text(key);
        auto const entry = json::parse(text, nullptr, false);
        auto const id = entry.is_object() ? entry.find("cat_id") : entry.end();
        if (!entry.is_object() || id == entry.end() || !id->is_number_integer())
            throw bad_header(where + "/" + key + " is not an entry", "JSON with a cat_id is expected");
        drafts_[id->get<std::int64_t>()] = {key, std::move(text)};
    }
}

std::unique_ptr<CentreEntry> CentreCatalogue::entry(std::int64_t id) const
{
    auto const key = std::to_string(id);
    auto const draft = drafts_.find(id);
    if (is_draft_ ? draft == drafts_.end() : !hdf5::has(group_.id(), key))
        throw bad_header(where + "/" + key + " is missing", "phase_center_id_array names it");
    if (is_draft_) return std::make_unique<DraftEntry>(json::parse(draft->second.text), draft->second.name);
    return std::make_unique<StoredEntry>(hdf5::open_group(group_.id(), key), key, file_bytes_);
}

}  // namespace nocturne
