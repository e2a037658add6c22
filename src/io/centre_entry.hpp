// Entries of a file's catalogue of phase centres. Enters: Header/phase_center_catalog. Leaves: what an entry says, by name, wherever
// it is stored: a group of the catalogue, or, in files of pyuvdata's draft of the format, JSON text.
#pragma once

#include "io/header_fields.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nocturne {

/// Getters throw Error(bad_input) naming the item: absent, of another type, not finite.
class CentreEntry {
public:
    virtual ~CentreEntry() = default;
    virtual bool has_value(std::string const& name) const = 0;  ///< there, and not None
    virtual std::string text(std::string const& name) const = 0;
    virtual double number(std::string const& name) const = 0;
    virtual std::vector<double> numbers(std::string const& name) const = 0;  ///< one axis

    virtual std::string name() const = 0;  ///< "" where it has none
    double number_or(std::string const& name, double otherwise) const
    {
        return has_value(name) ? number(name) : otherwise;
    }
};

/// Opens the catalogue and says what its entries are.
class CentreCatalogue {
public:
    /// `header` holds phase_center_catalog; `file_bytes` caps what is read. Throws Error(bad_input).
    CentreCatalogue(hdf5::Fields const& header, std::uint64_t file_bytes);

    /// Error(bad_input) where the catalogue has no such entry.
    std::unique_ptr<CentreEntry> entry(std::int64_t id) const;

private:
    void read_draft();

    struct Draft {
        std::string name, text;
    };

    hdf5::Handle group_;
    std::uint64_t file_bytes_;
    bool is_draft_ = false;
    std::map<std::int64_t, Draft> drafts_;  ///< JSON by cat_id
};

}  // namespace nocturne
