#include "driver/products_that_stand.hpp"

#include <cstdint>
#include <filesystem>
#include <map>

namespace nocturne {
namespace {

/// A Measurement Set is its users' to change.
bool stands(db::ListedProduct const& product)
{
    std::error_code missing;
    if (std::filesystem::is_directory(product.path, missing)) return true;
    auto const bytes = std::filesystem::file_size(product.path, missing);
    return !missing && bytes == static_cast<std::uintmax_t>(product.bytes);
}

}  // namespace

nlohmann::ordered_json to_json(db::ListedProduct const& product)
{
    return {{"group_id", product.group_id}, {"product", product.product}, {"type", product.type},
            {"path", product.path},         {"bytes", product.bytes},     {"xxh128", product.xxh128},
            {"run_id", product.run_id}};
}

db::ListedProduct made_product(nlohmann::json const& document)
{
    return {document.at("group_id"), document.at("run_id"), document.at("product"), document.at("type"),
            document.at("path"),     document.at("xxh128"), document.at("bytes"),   true};
}

nlohmann::ordered_json to_json(db::ProductRow const& row, std::string const& group_id, std::string const& run_id)
{
    return to_json(db::ListedProduct{group_id, run_id, row.product, row.type, row.path, row.xxh128, row.bytes, true});
}

std::vector<db::ListedProduct> products_that_stand(std::vector<db::ListedProduct> const& before,
                                                   std::vector<db::ListedProduct> const& made)
{
    std::map<std::string, db::ListedProduct> by_path;
    for (auto const* part : {&before, &made})
        for (auto const& product : *part)
            if (stands(product)) by_path[product.path] = product;
    std::vector<db::ListedProduct> all;
    for (auto& [path, product] : by_path) all.push_back(std::move(product));
    return all;
}

}  // namespace nocturne
