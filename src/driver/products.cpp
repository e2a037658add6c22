// Enters: a finished group, its images on the ranks that made them. Leaves: its files as one set, and the rows that describe them.
#include "driver/products.hpp"

#include "driver/attempt.hpp"
#include "driver/flag_files.hpp"
#include "driver/group_report.hpp"
#include "driver/home.hpp"
#include "driver/image_shares.hpp"
#include "driver/older_products.hpp"
#include "driver/product_rows.hpp"
#include "driver/tiers.hpp"
#include "driver/whole_set.hpp"
#include "io/png_writer.hpp"
#include "io/solutions.hpp"
#include "qa/figures.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace nocturne {
namespace {

/// A file that is not an image, as its row will say.
struct Companion {
    std::string path, type, product;
};

/// The set as one rank of the team sees it.
class Writing {
public:
    Writing(GroupState& state, ProductContext const& context, Ranks const& team)
        : state_(state), context_(context), team_(team), set_(context.stem + ".xxh128")
    {}

    WrittenProducts run()
    {
        shares_ = share_images(state_, team_);
        team_.agree(attempt([&] { write_share(); }));
        auto const parts = team_.gather(team_.leader() ? "" : packed(rows_, sealed_));
        team_.agree(attempt([&] {
            if (team_.leader()) finish(parts);
        }));
        if (!team_.leader()) set_.release();
        return std::move(written_);
    }

private:
    void write_share();
    void write_companions();
    void write_candidates();
    void write_plots();
    std::string snapshot_path(std::int64_t integration) const;
    std::string plane_path(int plane, Product product) const;
    void write_cube(FitsHeader const& header);
    void list_cube();
    void finish(std::vector<std::string> const& parts);
    void list_files();
    void tell_older() const;
    void add_text(Companion companion, std::string const& bytes);
    db::ProductRow row_of(std::string const& path, std::string type, std::string product) const;
    std::string path_of(std::string const& tail) const { return context_.stem + tail; }

    GroupState& state_;
    ProductContext const& context_;
    Ranks const& team_;
    ProductSet set_;
    std::vector<ImageShare> shares_;
    std::vector<db::ImageRow> rows_;     ///< of the images that this rank wrote; on the leader, in the end, of all
    std::vector<ProductRecord> sealed_;  ///< the same of files
    std::vector<Companion> companions_;  ///< on the leader
    std::optional<GroupReport> report_;  ///< on the leader
    WrittenProducts written_;
};

/// This rank's FITS files, synced; on the leader all of the report but the checksums of what others write.
void Writing::write_share()
{
    if (team_.leader())  // of a run that was killed
        remove_stray_temporaries(std::filesystem::path(context_.stem).parent_path().string());
    auto const header = fits_header(state_, context_);
    for (auto const& share : shares_) {
        if (share.writer != team_.rank()) continue;
        auto const& image = *find_product(state_.images, share.product);
        if (is_quicklook(context_.tier)) continue;
        auto const path = path_of(std::string("-") + name(share.product) + ".fits");
        rows_.push_back(image_row(image, state_, path, write_fits(set_.add(path), image, header)));
        rows_.back().tier = context_.tier;
    }
    for (auto const& image : state_.spectra)
        write_fits(set_.add(path_of(std::string("-") + name(image.product) + ".fits")), image, header);
    if (!is_quicklook(context_.tier)) write_cube(header);
    for (auto const& snapshot : state_.snapshots)
        write_fits(set_.add(snapshot_path(snapshot.integration)), snapshot.image, without_counts(header));
    if (team_.leader()) write_companions();
    sealed_ = set_.seal();
}

void Writing::add_text(Companion companion, std::string const& bytes)
{
    set_.add(companion.path).write(bytes);
    companions_.push_back(std::move(companion));
}

std::string Writing::snapshot_path(std::int64_t integration) const
{
    char tail[40];
    std::snprintf(tail, sizeof tail, "-t%03lld.fits", static_cast<long long>(integration));
    return path_of(tail);
}

std::string Writing::plane_path(int plane, Product product) const
{
    char number[16];
    std::snprintf(number, sizeof number, "-ch%04d-", plane);
    return path_of(number + std::string(name(product)) + ".fits");
}

/// What this rank made of a cube, and of its channels.
void Writing::write_cube(FitsHeader const& header)
{
    for (auto const& [plane, image] : state_.planes)
        write_fits(set_.add(plane_path(plane, image.product)), image, without_counts(header));
    for (auto const& cube : state_.cubes) write_fits(set_.add(path_of("-cube.fits")), cube, header);
}

/// Rows of a cube and of the images of its channels, whichever rank wrote them.
void Writing::list_cube()
{
    auto const names = std::filesystem::path(context_.stem).filename().string();
    for (auto const& file : sealed_) {
        auto const path = std::filesystem::path(file.path).filename().string();
        if (path == names + "-cube.fits") written_.files.push_back(product_row(file, "SCIENCE", "cube"));
        if (path.starts_with(names + "-ch") && path.ends_with(".fits"))
            written_.files.push_back(product_row(file, "SCIENCE", "channel"));
    }
}

/// The list, and the names of the snapshots that any rank wrote: those that hold a candidate.
void Writing::write_candidates()
{
    add_text({path_of("-candidates.csv"), "SCIENCE", "candidates"}, candidates_csv(state_.candidates));
    for (auto const& one : state_.candidates) {
        auto const path = snapshot_path(one.integration);
        written_.candidates.push_back({one, std::filesystem::absolute(path).string(), "", ""});
        bool const listed = std::any_of(companions_.begin(), companions_.end(),
                                        [&](Companion const& companion) { return companion.path == path; });
        if (!listed) companions_.push_back({path, "SCIENCE", "snapshot"});
    }
}

/// Of the solutions that are kept, and of flags, each a picture.
void Writing::write_plots()
{
    auto const add = [&](std::string const& name, Index width, Index height, std::vector<std::uint8_t> const& rgb) {
        if (width > 0) add_text({path_of("-" + name + ".png"), "PLOT", name}, encode_png(width, height, rgb));
    };
    for (auto const& lines : report_->solutions) {
        auto const picture = picture_of_lines(lines);
        add(lines.name, picture.width, picture.height, picture.rgb);
    }
    if (!state_.flag_account) return;
    auto const flags = draw_occupancy(*state_.flag_account);
    add("flags", flags.width, flags.height, flags.rgb);
}

/// CLEAN's components are on every rank, its primary beam was made on the leader.
void Writing::write_companions()
{
    auto const* const model = find_product(state_.images, Product::model);
    if (model && !is_quicklook(context_.tier))
        add_text({path_of("-components.csv"), "SCIENCE", "components"},
                 components_csv(state_.components, model->geometry, find_product(state_.images, Product::pb)));
    for (auto product : {Product::alpha, Product::alpha_error})
        if (state_.has_spectra)
            companions_.push_back({path_of(std::string("-") + name(product) + ".fits"), "SCIENCE", name(product)});
    if (state_.snapshots_searched > 0) write_candidates();
    if (context_.solutions != SolutionsKept::none) {
        bool const registered = context_.solutions == SolutionsKept::registered;
        auto const path = path_of(registered ? "-solutions.h5" : "-selfcal.h5");
        write_solutions(set_.add(path), state_.solutions, context_.code_version);
        companions_.push_back({path, "SCIENCE", registered ? solutions_product : "selfcal_solutions"});
    }
    report_ = describe_group(state_, context_, best_product(shares_));
    if (context_.solutions != SolutionsKept::none) write_plots();
    if (report_->pictures.empty()) return;
    auto const picture = with_colour_bar(report_->pictures.front().picture);
    written_.picture_path = path_of(".png");
    add_text({written_.picture_path, "PLOT", "thumbnail"}, encode_png(picture.width, picture.height, picture.rgb));
}

db::ProductRow Writing::row_of(std::string const& path, std::string type, std::string product) const
{
    auto const found = std::find_if(sealed_.begin(), sealed_.end(), [&](ProductRecord const& r) {
        return std::filesystem::absolute(r.path) == std::filesystem::absolute(path);
    });
    NOCT_CHECK(found != sealed_.end(), "a product that no rank wrote");
    return product_row(*found, std::move(type), std::move(product));
}

/// Rows of all files so far: images in the order of products, then the others.
void Writing::list_files()
{
    for (auto const& share : shares_) {
        if (is_quicklook(context_.tier)) break;
        auto const row = std::find_if(rows_.begin(), rows_.end(),
                                      [&](db::ImageRow const& r) { return r.product == name(share.product); });
        NOCT_CHECK(row != rows_.end(), "an image that no rank wrote");
        written_.images.push_back(*row);
        written_.files.push_back(row_of(row->path, "SCIENCE", row->product));
        written_.files.back().datasum = row->datasum;
    }
    for (auto const& companion : companions_)
        written_.files.push_back(row_of(companion.path, companion.type, companion.product));
    list_cube();
}

/// The leader's part when all has been written.
void Writing::finish(std::vector<std::string> const& parts)
{
    std::vector<ProductRecord> others;
    for (std::size_t rank = 1; rank < parts.size(); ++rank) unpack(parts[rank], rows_, others);
    sealed_.insert(sealed_.end(), others.begin(), others.end());
    set_.take(std::move(others));
    list_files();
    for (auto const& file : written_.files)
        report_->outputs.push_back({without_home(file.path), file.xxh128, static_cast<std::uint64_t>(file.bytes)});
    written_.report_path = path_of("-report.html");
    set_.add(written_.report_path).write(render_report(*report_));
    if (context_.ms) set_.add(context_.ms->take_product());
    sealed_ = set_.commit(context_.before_renaming);
    for (auto const& trouble : set_.left_over()) spdlog::warn("{}", trouble);
    tell_older();
    written_.files.push_back(row_of(written_.report_path, "LOG", "report"));
    if (!context_.ms) return;
    written_.files.push_back(product_row(sealed_.back(), "SCIENCE", measurement_set_product));
    written_.files.back().quality_json = files_of_set(sealed_.back().path);
}

/// Products of an earlier run with other settings stay where this one makes none of their kind.
void Writing::tell_older() const
{
    std::set<std::string> ours;
    for (auto const& record : sealed_) ours.insert(std::filesystem::path(record.path).filename().string());
    auto const older = older_products(context_.stem, ours);
    if (!older.empty())
        spdlog::warn("group {}: {}-… of an earlier run with other settings stay beside the new products: {}",
                     state_.header.group_id, context_.stem, older);
}

}  // namespace

WrittenProducts write_products(GroupState& state, ProductContext const& context, Ranks const& team)
{
    return Writing(state, context, team).run();
}

}  // namespace nocturne
