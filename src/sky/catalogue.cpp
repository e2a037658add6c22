#include "sky/catalogue.hpp"

#include "nocturne/error.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <sqlite3.h>

namespace nocturne {
namespace {

int zone_of(double dec_deg) { return static_cast<int>(std::floor((dec_deg + 90) / zone_deg)); }

/// One connection; every failure is an Error that names the file.
class Database {
public:
    Database(std::string path, int mode, Code failure) : path_(std::move(path)), failure_(failure)
    {
        sqlite3* raw = nullptr;
        int const result = sqlite3_open_v2(path_.c_str(), &raw, mode, nullptr);
        connection_.reset(raw);
        check(result);
    }

    void run(char const* sql) { check(sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr)); }

    void check(int result) const
    {
        if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE) return;
        throw Error(failure_, "catalogue " + path_, sqlite3_errmsg(connection_.get()),
                    failure_ == Code::bad_input ? "name a file made by nocturne catalog build, or a CSV"
                                                : "see the reason, then run the same command again");
    }

    sqlite3* get() const { return connection_.get(); }

private:
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close(connection); }
    };
    std::string path_;
    Code failure_;
    std::unique_ptr<sqlite3, Close> connection_;
};

class Statement {
public:
    Statement(Database const& database, char const* sql) : database_(database)
    {
        sqlite3_stmt* raw = nullptr;
        database.check(sqlite3_prepare_v2(database.get(), sql, -1, &raw, nullptr));
        statement_.reset(raw);
    }
    Statement& bind(int at, double value)
    {
        database_.check(sqlite3_bind_double(statement_.get(), at, value));
        return *this;
    }
    Statement& bind(int at, int value)
    {
        database_.check(sqlite3_bind_int(statement_.get(), at, value));
        return *this;
    }
    Statement& bind(int at, std::string const& value)
    {
        database_.check(
            sqlite3_bind_text(statement_.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
        return *this;
    }
    bool step()
    {
        int const result = sqlite3_step(statement_.get());
        database_.check(result);
        return result == SQLITE_ROW;
    }
    void again() { database_.check(sqlite3_reset(statement_.get())); }
    Source source() const
    {
        auto* const s = statement_.get();
        auto const* const name = reinterpret_cast<char const*>(sqlite3_column_text(s, 4));
        return {name ? name : "",
                {degrees(sqlite3_column_double(s, 0)), degrees(sqlite3_column_double(s, 1))},
                sqlite3_column_double(s, 2),
                sqlite3_column_double(s, 3)};
    }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    Database const& database_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

bool is_sqlite(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error(Code::input_missing, "cannot read the catalogue " + path, "no such readable file",
                    "check the path");
    char begin[16] = {};
    file.read(begin, sizeof begin);
    return std::memcmp(begin, "SQLite format 3", sizeof begin) == 0;
}

void fill(Database& database, std::vector<Source> const& sources, std::string const& note)
{
    database.run(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL; BEGIN;"
        "CREATE TABLE about(note TEXT, reference_hz REAL, zone_deg REAL);"
        "CREATE TABLE source(zone INTEGER NOT NULL, ra_deg REAL NOT NULL, dec_deg REAL NOT NULL, flux_jy REAL NOT NULL,"
        " spix REAL NOT NULL, name TEXT NOT NULL)");
    Statement about(database, "INSERT INTO about VALUES (?, ?, ?)");
    about.bind(1, note).bind(2, source_reference_hz).bind(3, zone_deg).step();
    Statement insert(database, "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?)");
    for (auto const& source : sources) {
        double const dec = source.direction.dec.value() / degree_rad;
        double ra = std::fmod(source.direction.ra.value() / degree_rad, 360.0);
        if (ra < 0) ra += 360;
        insert.bind(1, zone_of(dec)).bind(2, ra).bind(3, dec).bind(4, source.flux_jy).bind(5, source.spix);
        insert.bind(6, source.name).step();
        insert.again();
    }
    database.run("CREATE INDEX source_on_sky ON source(zone, ra_deg); COMMIT");
}

/// Half the width in right ascension of a circle around `centre`, degrees; 180 where it holds a pole.
double half_width_deg(Direction centre, Radians radius)
{
    double const dec = centre.dec.value(), r = radius.value();
    if (std::abs(dec) + r >= pi / 2) return 180;
    return std::asin(std::min(1.0, std::sin(r) / std::cos(dec))) / degree_rad + 1e-9;
}

/// Of a wide circle: in one walk through the file, where zone by zone would be thousands of questions.
std::vector<Source> query_sky(Database& database, Direction centre, Radians radius, double least_flux_jy)
{
    Statement select(database,
                     "SELECT ra_deg, dec_deg, flux_jy, spix, name FROM source WHERE flux_jy >= ? ORDER BY zone, "
                     "ra_deg, dec_deg, name");
    select.bind(1, least_flux_jy);
    std::vector<Source> found;
    while (select.step()) {
        auto source = select.source();
        if (separation(source.direction, centre) <= radius) found.push_back(std::move(source));
    }
    return found;
}

std::vector<Source> query_circle(std::string const& path, Direction centre, Radians radius, double least_flux_jy)
{
    constexpr double wide_rad = 10 * degree_rad;

    Database database(path, SQLITE_OPEN_READONLY, Code::bad_input);
    if (radius.value() > wide_rad) return query_sky(database, centre, radius, least_flux_jy);
    Statement select(database,
                     "SELECT ra_deg, dec_deg, flux_jy, spix, name FROM source WHERE zone = ? AND ra_deg BETWEEN ? AND ?"
                     " AND flux_jy >= ? ORDER BY ra_deg, dec_deg, name");
    double const dec = centre.dec.value() / degree_rad, r = radius.value() / degree_rad,
                 half = half_width_deg(centre, radius);
    double const ra = std::fmod(centre.ra.value() / degree_rad + 720, 360.0);
    std::vector<Source> found;
    for (int zone = zone_of(std::max(-90.0, dec - r)); zone <= zone_of(std::min(90.0, dec + r)); ++zone)
        for (double const turn : {-360.0, 0.0, 360.0}) {  // the same right ascension, a turn away
            double const low = std::max(0.0, ra - half + turn), high = std::min(360.0, ra + half + turn);
            if (low > high || (half >= 180 && turn != 0)) continue;
            select.bind(1, zone).bind(2, half >= 180 ? 0.0 : low).bind(3, half >= 180 ? 360.0 : high);
            select.bind(4, least_flux_jy);
            while (select.step()) {
                auto source = select.source();
                if (separation(source.direction, centre) <= radius) found.push_back(std::move(source));
            }
            select.again();
        }
    return found;
}

}  // namespace

void write_catalogue(std::string const& path, std::vector<Source> const& sources, std::string const& note)
{
    std::string const part = path + ".part";
    std::error_code failed;
    std::filesystem::remove(part, failed);
    try {
        Database database(part, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, Code::cannot_create);
        fill(database, sources, note);
    } catch (Error const&) {
        std::filesystem::remove(part, failed);
        throw;
    }
    std::filesystem::rename(part, path, failed);
    if (failed)
        throw Error(Code::cannot_create, "cannot name the catalogue " + path, failed.message(), "name another path");
}

std::vector<Source> sources_around(std::string const& path, Direction centre, Radians radius, double least_flux_jy)
{
    if (is_sqlite(path)) return query_circle(path, centre, radius, least_flux_jy);
    auto all = read_sources(path);
    std::erase_if(all, [&](Source const& source) {
        return source.flux_jy < least_flux_jy || separation(source.direction, centre) > radius;
    });
    return all;
}

std::vector<Source> sources_of_strip(std::string const& path, Radians low, Radians high)
{
    std::vector<Source> found;
    if (is_sqlite(path)) {
        Database database(path, SQLITE_OPEN_READONLY, Code::bad_input);
        Statement select(database,
                         "SELECT ra_deg, dec_deg, flux_jy, spix, name FROM source WHERE zone BETWEEN ? AND ? ORDER BY "
                         "zone, ra_deg, name");
        select.bind(1, zone_of(low.value() / degree_rad)).bind(2, zone_of(high.value() / degree_rad));
        while (select.step()) found.push_back(select.source());
    } else
        found = read_sources(path);
    std::erase_if(found,
                  [&](Source const& source) { return source.direction.dec < low || source.direction.dec > high; });
    return found;
}

}  // namespace nocturne
