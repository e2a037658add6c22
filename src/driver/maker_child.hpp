// The process that makes tables with casacore, which ends its process where it cannot write. Enters: a hidden verb, the place of the
// product, questions. Leaves: answers, or an Error(io) that names the product.
#pragma once

#include "driver/child.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

class MakerChild {
public:
    static constexpr double patience_s = 3600;  ///< a slow medium is no error; the watchdog of the job is another one's

    /// `path`: under which name the user is to have the product. Throws ChildError(not_started).
    MakerChild(std::string verb, std::string purpose, std::string path);

    /// Throws the child's Error; Error(io), where it died over what it wrote: a full disk by that name; ChildError otherwise.
    nlohmann::json ask(nlohmann::json const& question);
    /// Ends it once it has nothing to do; see Child::end().
    void end() { child_.end(); }

private:
    Child child_;
    std::string path_;
};

}  // namespace nocturne
