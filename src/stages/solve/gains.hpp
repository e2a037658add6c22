// Solved gains before they become tables, and what is done to them. Enters: rows of sums. Leaves: gains with their errors.
#pragma once

#include "stages/solve/rows.hpp"

namespace nocturne {

/// What became of a solution. Weak ones took part in the solve, and their antennas do no more.
enum GainFlag : std::uint8_t { gain_good, gain_none, gain_weak };

/// What gains and model leave of sums over time, of sixteen channels or of a hand; ratio 0: not known.
struct LeftOver {
    double ratio = 0;  ///< its power over that of noise, which differences of channels tell
    double share = 0;  ///< what is more than noise, of the model's power
    double count = 0;  ///< how many differences
};

/// Axes [hand][antenna][column]; results [hand][column].
struct Gains {
    Index n_hands = 0, n_antennas = 0, n_columns = 0;
    std::vector<std::complex<double>> value;  ///< 1 where flagged
    std::vector<float> information;           ///< StefcalArgs::information; not of joined pieces
    std::vector<std::uint8_t> flag;           ///< GainFlag
    std::vector<StefcalResult> result;
    std::vector<double> amplitude_var;  ///< of ln|g|
    std::vector<double> phase_var;      ///< rad², against the mean phase of the antennas with good solutions
    std::vector<double> noise;          ///< [hand][column]: variance of one part of a visibility of weight 1, Jy²
    std::vector<float> residual;        ///< χ² a sample of the antenna's baselines over that of all; 0: not known
    std::vector<LeftOver> left;         ///< [hand][column], where a sixteen that was looked at begins

    std::size_t at(Index hand, Index antenna, Index column) const
    {
        return static_cast<std::size_t>((hand * n_antennas + antenna) * n_columns + column);
    }
    /// The same by parts, 0 where flagged.
    GainParts parts() const;
};

/// Gains of columns that ranks solve for by turns. Every rank makes one and takes the pieces that are its own; `join` brings them together, bit by bit.
class SharedGains {
public:
    SharedGains(Index n_hands, Index n_antennas, Index n_columns);
    /// Columns [first, first + piece.n_columns); variances and noise are set.
    void take(Gains const& piece, Index first);
    Gains join(Exchange const& exchange);

private:
    /// Of a gain: value, variances, residual, flag.
    struct Cell {
        std::complex<double> value;
        double amplitude_var = 0, phase_var = 0;
        float residual = 0;
        std::uint32_t flag = 0;
    };
    /// Of a column.
    struct Solve {
        StefcalResult result;
        double noise = 0;
        LeftOver left;
    };
    Index n_hands_, n_antennas_, n_columns_;
    std::vector<float> cells_, solves_;  ///< their bits
};

struct GainTask {
    Device const& device;
    SolveSums const& sums;
    SolveSettings const& settings;
    SolveMode mode = SolveMode::amplitude_and_phase;
    Index reference = 0;
};

/// All columns of `rows`; the fourth and fifth plane, where they are, become power_data and count of the results.
Gains solve_rows(SolveRows const& rows, GainTask const& task);

/// Errors from the normal equations of the solved gains: their exact inverse for fewer than 32 antennas or where one has lost more than a
/// fifth of its baselines, else the closed form for equal weights. Solutions whose |g| is below `least` standard errors become weak;
/// phases are against the mean of the rest. `noise` [hand][column] must be set.
void set_errors(Gains& gains, SolveRows const& rows, std::vector<AntennaPair> const& pairs, double least);

/// From χ² over degrees of freedom, where the results have data.
void set_noise(Gains& gains, SolveMode mode);

/// What the gains leave of each antenna's baselines, of rows with five planes; these begin at column `of.first` of `of.count` in all. Of many
/// columns every few sixteenths alone are looked at.
void set_residuals(Gains& gains, SolveRows const& rows, std::vector<AntennaPair> const& pairs, ColumnRange of);

/// The median of each hand's sixteens; nothing where they are too few to tell.
std::vector<LeftOver> left_of_hands(Gains const& gains);

/// Variance of the noise of each antenna's hand, [hand][antenna]; all 1 in a hand where none stands out.
struct HandNoise {
    std::vector<double> of_baselines;  ///< mean over its baselines, against that over all
    std::vector<double> own;           ///< against the usual one; that of a baseline is the product of its two
    std::vector<double> of_parts;      ///< of_baselines by parts of the band, [hand][antenna][part]
    Index parts = 1;

    /// What weights of an antenna's baselines are divided by: 1 but for lost hands, and for those that are noisy beyond measure.
    /// The others count alike: what stands out there may be the model's errors, which least squares of equal weights bear better.
    std::vector<double> divisors(std::vector<std::uint8_t> const& lost) const;
};
HandNoise measure_noise(Gains const& gains);

/// Errors of a band's channels are of the antenna's own noise there; good solutions below `least` standard errors become weak.
void scale_errors_of_band(Gains& gains, HandNoise const& noise, double least);
/// The same of intervals, by the means over the band.
void scale_errors(Gains& gains, HandNoise const& noise, double least);

/// Divides the weights of baselines by what `divisor` [hand][antenna] has for their two antennas.
void weigh_rows(SolveRows& rows, std::vector<AntennaPair> const& pairs, std::vector<double> const& divisor);

/// Hands of antennas of whose solutions more than half are weak, [hand][antenna].
std::vector<std::uint8_t> lost_hands(Gains const& gains);

/// Makes every good solution of these weak. Were there any?
bool weaken(Gains& gains, std::vector<std::uint8_t> const& lost);

/// Antennas that have no solution in a hand from here on.
void drop_hands(Gains& gains, Index hand, std::vector<std::uint8_t> const& antennas);

/// Weak solutions are none from here on, and their gains 1; so are the rest of a column that has good ones of fewer than `least_antennas`.
void drop_weak(Gains& gains, Index least_antennas);

}  // namespace nocturne
