// A pass that stands for others among a group's own: it says of itself what they would.
#pragma once

#include "nocturne/stage.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Name (with `ending` behind it), scope and fields of another pass.
class StandInPass : public Pass {
public:
    explicit StandInPass(Pass const& like, std::string const& ending = "")
        : name_(like.name() + ending), scope_(like.scope()), reads_(like.reads()), writes_(like.writes())
    {}
    std::string name() const override { return name_; }
    Scope scope() const override { return scope_; }
    std::vector<Field> reads() const override { return reads_; }
    std::vector<Field> writes() const override { return writes_; }

private:
    std::string name_;
    Scope scope_;
    std::vector<Field> reads_, writes_;
};

}  // namespace nocturne
