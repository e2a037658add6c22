// Errors and gauge of Jones matrices. A matrix moves by δ: V = J1 M J2ᴴ by δ1 Z12 + (δ2 Z21)ᴴ, Z12 = M J2ᴴ, Z21 = Mᴴ J1ᴴ; the normal matrix of the parts of all δ has
// Re tr(δ D δᴴ) in its diagonal blocks and Re tr(δ1 Z12 δ2 Z21) beside them.
#include "stages/solve/inverse.hpp"
#include "stages/solve/jones.hpp"

#include <array>
#include <cmath>
#include <complex>

namespace nocturne {
namespace {

using Complex = std::complex<double>;
using Matrix = std::array<Complex, 4>;

constexpr Index few_for_leverage = 32;
constexpr double unpolarised = 1e-5;  // of the model's power
constexpr double free_share = 1e-5;   // of the mean diagonal of the normal matrix

Matrix matrix_of(JonesMatrices const& matrices, Index cell)
{
    Matrix m;
    for (std::size_t e = 0; e < 4; ++e) {
        auto const v = matrices.value[static_cast<std::size_t>(4 * cell) + e];
        m[e] = Complex(v.re, v.im);
    }
    return m;
}

Matrix product(Matrix const& a, Matrix const& b)
{
    return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]};
}

/// Eigenvalues and eigenvectors (columns of `v`) of a symmetric 8 × 8 matrix, by Jacobi's rotations; the eigenvalues stand on its diagonal afterwards.
using Eight = std::array<std::array<double, 8>, 8>;

void rotate(Eight& m, Eight& v, std::size_t p, std::size_t q)
{
    if (std::abs(m[p][q]) < 1e-300) return;
    double const theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
    double const t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::hypot(theta, 1)), c = 1 / std::hypot(t, 1),
                 s = t * c;
    for (std::size_t k = 0; k < 8; ++k) {
        double const a = m[k][p], b = m[k][q];
        m[k][p] = c * a - s * b;
        m[k][q] = s * a + c * b;
    }
    for (std::size_t k = 0; k < 8; ++k) {
        double const a = m[p][k], b = m[q][k], d = v[k][p], e = v[k][q];
        m[p][k] = c * a - s * b;
        m[q][k] = s * a + c * b;
        v[k][p] = c * d - s * e;
        v[k][q] = s * d + c * e;
    }
}

Eight diagonalise(Eight& m)
{
    Eight v{};
    for (std::size_t k = 0; k < 8; ++k) v[k][k] = 1;
    for (int sweep = 0; sweep < 12; ++sweep)
        for (std::size_t q = 1; q < 8; ++q)
            for (std::size_t p = 0; p < q; ++p) rotate(m, v, p, q);
    return v;
}

/// The normal matrix of one column.
class Normal {
public:
    Normal(JonesMatrices& matrices, JonesRows const& rows, Index column)
        : matrices_(matrices), rows_(rows), column_(column), place_(static_cast<std::size_t>(rows.n_antennas), -1)
    {
        for (Index a = 0; a < rows.n_antennas; ++a)
            if (!matrices.flag[static_cast<std::size_t>(cell(a))]) {
                place_[static_cast<std::size_t>(a)] = std::ssize(antennas_);
                antennas_.push_back(a);
            }
        n_ = 8 * antennas_.size();
    }

    void set_variances()
    {
        if (antennas_.empty()) return;
        a_.assign(n_ * n_, 0);
        for (std::size_t i = 0; i < antennas_.size(); ++i) add_own(i);
        for (std::size_t j = 1; j < antennas_.size(); ++j)
            for (std::size_t i = 0; i < j; ++i) add_pair(i, j);
        double trace = 0;
        for (std::size_t k = 0; k < n_; ++k) trace += a_[k * n_ + k];
        double const lift = trace / static_cast<double>(n_);
        auto const free = directions(free_share * lift);
        for (auto const& v : free)
            for (std::size_t r = 0; r < n_; ++r)
                for (std::size_t c = 0; c < n_; ++c) a_[r * n_ + c] += lift * v[r] * v[c];
        auto diagonal = inverse_diagonal(a_, n_);
        for (auto const& v : free)
            for (std::size_t k = 0; k < n_; ++k) diagonal[k] -= diagonal[k] >= 0 ? v[k] * v[k] / lift : 0;
        double const noise = matrices_.noise[static_cast<std::size_t>(column_)];
        for (std::size_t i = 0; i < antennas_.size(); ++i)
            for (std::size_t e = 0; e < 4; ++e) {
                double const both = diagonal[8 * i + 2 * e] + diagonal[8 * i + 2 * e + 1];
                matrices_.variance[static_cast<std::size_t>(4 * cell(antennas_[i])) + e] =
                    both > 0 ? noise * both / 2 : HUGE_VAL;
            }
    }

private:
    Index cell(Index antenna) const { return column_ * rows_.n_antennas + antenna; }
    double& at(std::size_t r, std::size_t c) { return a_[r * n_ + c]; }

    void add_own(std::size_t i)
    {
        float const* d = &matrices_.information[static_cast<std::size_t>(4 * cell(antennas_[i]))];
        for (std::size_t row = 0; row < 2; ++row) {
            std::size_t const u = 8 * i + 4 * row, v = u + 2;
            at(u, u) = at(u + 1, u + 1) = d[0];
            at(v, v) = at(v + 1, v + 1) = d[1];
            at(u, v) = at(v, u) = at(u + 1, v + 1) = at(v + 1, u + 1) = d[2];
            at(u, v + 1) = at(v + 1, u) = d[3];
            at(u + 1, v) = at(v, u + 1) = -static_cast<double>(d[3]);
        }
    }

    void add_pair(std::size_t i, std::size_t j)
    {
        auto const row = rows_.row[static_cast<std::size_t>(antennas_[i] * rows_.n_antennas + antennas_[j])];
        if (row < 0) return;
        float const* sums = rows_.at(row, column_);
        if (!(sums[JonesSumsArgs::count] > 0)) return;
        auto const jp = matrix_of(matrices_, cell(antennas_[i])), jq = matrix_of(matrices_, cell(antennas_[j]));
        for (Index ab = 0; ab < 4; ++ab)
            for (Index cd = 0; cd < 4; ++cd) {
                Index const a = ab / 2, b = ab % 2, c = cd / 2, d = cd % 2;
                Complex sum;
                for (Index e = 0; e < 2; ++e)
                    for (Index f = 0; f < 2; ++f) {
                        Index const s = jones_slot(e, d, b, f);
                        sum += Complex(sums[32 + s], sums[48 + s]) * std::conj(jq[static_cast<std::size_t>(2 * c + e)] *
                                                                               jp[static_cast<std::size_t>(2 * a + f)]);
                    }
                std::size_t const r = 8 * i + 2 * static_cast<std::size_t>(ab),
                                  k = 8 * j + 2 * static_cast<std::size_t>(cd);
                at(r, k) = at(k, r) = sum.real();
                at(r + 1, k + 1) = at(k + 1, r + 1) = -sum.real();
                at(r, k + 1) = at(k + 1, r) = at(r + 1, k) = at(k, r + 1) = -sum.imag();
            }
    }

    /// Of the directions δ = J T, T one matrix for all antennas: orthonormal ones whose square in the normal matrix is below `least`.
    std::vector<std::vector<double>> directions(double least) const
    {
        std::vector<std::vector<double>> all, free;
        for (std::size_t k = 0; k < 8; ++k) {
            Matrix t{};
            t[k / 2] = k % 2 ? Complex(0, 1) : 1;
            std::vector<double> v;
            for (auto antenna : antennas_)
                for (auto value : product(matrix_of(matrices_, cell(antenna)), t)) {
                    v.push_back(value.real());
                    v.push_back(value.imag());
                }
            for (auto const& other : all) add(v, other, -dot(v, other));
            double const size = std::sqrt(dot(v, v));
            for (auto& value : v) value /= size;
            all.push_back(std::move(v));
        }
        Eight squares;
        for (std::size_t k = 0; k < 8; ++k) {
            std::vector<double> through(n_);
            for (std::size_t r = 0; r < n_; ++r)
                for (std::size_t c = 0; c < n_; ++c) through[r] += a_[r * n_ + c] * all[k][c];
            for (std::size_t l = 0; l < 8; ++l) squares[l][k] = dot(all[l], through);
        }
        auto const vectors = diagonalise(squares);
        for (std::size_t k = 0; k < 8; ++k) {
            if (squares[k][k] > least) continue;
            free.emplace_back(n_);
            for (std::size_t l = 0; l < 8; ++l) add(free.back(), all[l], vectors[l][k]);
        }
        return free;
    }
    static double dot(std::vector<double> const& a, std::vector<double> const& b)
    {
        double sum = 0;
        for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
        return sum;
    }
    static void add(std::vector<double>& to, std::vector<double> const& v, double factor)
    {
        for (std::size_t k = 0; k < to.size(); ++k) to[k] += factor * v[k];
    }

    JonesMatrices& matrices_;
    JonesRows const& rows_;
    Index column_;
    std::vector<Index> place_, antennas_;
    std::size_t n_ = 0;
    std::vector<double> a_;
};

void set_by_blocks(JonesMatrices& matrices, Index n_antennas, Index column)
{
    double const noise = matrices.noise[static_cast<std::size_t>(column)];
    for (Index a = 0; a < n_antennas; ++a) {
        auto const cell = static_cast<std::size_t>(column * n_antennas + a);
        if (matrices.flag[cell]) continue;
        float const* d = &matrices.information[4 * cell];
        double const det = static_cast<double>(d[0]) * d[1] - std::norm(Complex(d[2], d[3]));
        for (std::size_t e = 0; e < 4; ++e) matrices.variance[4 * cell + e] = noise * d[e % 2 == 0 ? 1 : 0] / det;
    }
}

/// U of J = H U, H Hermitian: (J + |det J| J⁻ᴴ) / tr H.
Matrix unitary_part(Matrix const& j)
{
    Complex const det = j[0] * j[3] - j[1] * j[2], turn = det / std::abs(det);
    Matrix u{j[0] + turn * std::conj(j[3]), j[1] - turn * std::conj(j[2]), j[2] - turn * std::conj(j[1]),
             j[3] + turn * std::conj(j[0])};
    double const size = std::sqrt((std::norm(u[0]) + std::norm(u[1]) + std::norm(u[2]) + std::norm(u[3])) / 2);
    for (auto& e : u) e /= size;
    return u;
}

Matrix gauge_of(Matrix const& j, JonesFreedom freedom)
{
    auto const phase = [](Complex z) { return std::abs(z) > 0 ? z / std::abs(z) : Complex(1); };
    if (freedom == JonesFreedom::unitary) return unitary_part(j);
    auto const first = phase(j[0]);
    return {first, 0, 0, freedom == JonesFreedom::phases ? phase(j[3]) : first};
}

}  // namespace

JonesFreedom freedom_of(JonesRows const& rows)
{
    double parallel = 0, cross = 0, difference = 0;
    for (Index r = 0; r < rows.n_rows; ++r)
        for (Index column = 0; column < rows.n_columns; ++column) {
            float const* power = rows.at(r, column) + 32;
            double const sum = static_cast<double>(power[jones_slot(0, 0, 0, 0)]) + power[jones_slot(1, 1, 1, 1)];
            parallel += sum;
            difference += std::max(0.0, sum - 2 * static_cast<double>(power[jones_slot(0, 1, 0, 1)]));
            cross += static_cast<double>(power[jones_slot(1, 1, 0, 0)]) + power[jones_slot(0, 0, 1, 1)];
        }
    if (cross > unpolarised * parallel) return JonesFreedom::phase;
    return difference > unpolarised * parallel ? JonesFreedom::phases : JonesFreedom::unitary;
}

void set_jones_errors(JonesMatrices& matrices, JonesRows const& rows)
{
    matrices.noise.clear();
    matrices.variance.assign(matrices.value.size(), 0);
    for (Index column = 0; column < rows.n_columns; ++column) {
        auto const& result = matrices.result[static_cast<std::size_t>(column)];
        double const degrees = 8 * result.count - 8.0 * result.antennas + 1,
                     chi2 = result.power_data - result.explained;
        matrices.noise.push_back(result.antennas > 0 && degrees > 0 && chi2 > 0 ? chi2 / degrees : 0);
        if (rows.n_antennas < few_for_leverage)
            Normal(matrices, rows, column).set_variances();
        else
            set_by_blocks(matrices, rows.n_antennas, column);
    }
}

void fix_jones_gauge(JonesMatrices& matrices, Index n_antennas, Index reference, JonesFreedom freedom)
{
    for (Index column = 0; column < std::ssize(matrices.result); ++column) {
        auto const solved = [&](Index a) { return !matrices.flag[static_cast<std::size_t>(column * n_antennas + a)]; };
        Index chosen = reference;
        for (Index a = 0; a < n_antennas && !solved(chosen); ++a)
            if (solved(a)) chosen = a;
        if (!solved(chosen)) continue;
        auto const u = gauge_of(matrix_of(matrices, column * n_antennas + chosen), freedom);
        Matrix const back{std::conj(u[0]), std::conj(u[2]), std::conj(u[1]), std::conj(u[3])};
        for (Index a = 0; a < n_antennas; ++a) {
            if (!solved(a)) continue;
            Index const cell = column * n_antennas + a;
            auto const turned = product(matrix_of(matrices, cell), back);
            for (std::size_t e = 0; e < 4; ++e)
                matrices.value[static_cast<std::size_t>(4 * cell) + e] = {static_cast<float>(turned[e].real()),
                                                                          static_cast<float>(turned[e].imag())};
        }
    }
}

}  // namespace nocturne
