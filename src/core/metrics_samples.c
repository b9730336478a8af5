/// Observations in bounded memory, for percentiles.
///
/// The first PG_METRIC_EXACT_SAMPLES are kept as they are. Later ones are counted in logarithmic
/// bins, as in DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch
/// with Relative-Error Guarantees", VLDB 2019): bin borders grow by a factor of at most (1 + e) /
/// (1 - e) with e = 1 %, so that the value which stands for a bin is within e of all in it. Instead
/// of a logarithm the index takes the exponent of the double and a cubic in its mantissa; the
/// cubic's slope is steepest relative to the logarithm's at 10/7, hence 7 / (10 ln 1.0202) = 35
/// bins for each power of two.
#include "metrics_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MANTISSA_BITS = 52,
    EXPONENT_BIAS = 1023,
    BELOW_LOWEST_BOUND = 6, ///< powers of two that the lowest bin lies below the lowest bound
    DEFAULT_BASE = -20,     ///< about 1e-6, when no bound is positive
};

/// Binary exponent of a positive, normal double; less than -1022 for a subnormal one.
static int exponent_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (int)(bits >> MANTISSA_BITS & 0x7FF) - EXPONENT_BIAS;
}

/// `fraction` (1 <= fraction < 2) times 2^exponent.
static double compose(double fraction, int exponent)
{
    uint64_t bits = (uint64_t)(exponent + EXPONENT_BIAS) << MANTISSA_BITS;
    double power;
    memcpy(&power, &bits, sizeof power);
    return fraction * power;
}

/// Grows from 0 to 1 with `s` in [0, 1], close to log2(1 + s).
static double cubic(double s)
{
    return ((6.0 / 35.0 * s - 3.0 / 5.0) * s + 10.0 / 7.0) * s;
}

/// The `s` whose cubic is `target`.
static double inverse_cubic(double target)
{
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (cubic(middle) < target)
            low = middle;
        else
            high = middle;
    }
    return high;
}

int pg__samples_base(const double *bounds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(bounds[i] > 0))
            continue;
        int base = exponent_of(bounds[i]) - BELOW_LOWEST_BOUND;
        int highest = EXPONENT_BIAS - SAMPLES_OCTAVES;
        return base < -1022 ? -1022 : base > highest ? highest : base;
    }
    return DEFAULT_BASE;
}

static size_t bin_of(const pg_samples *samples, double value)
{
    if (!(value > 0))
        return 0;
    int octave = exponent_of(value) - samples->base;
    if (octave < 0)
        return 0;
    if (octave >= SAMPLES_OCTAVES)
        return SAMPLES_BINS - 1;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | (uint64_t)EXPONENT_BIAS << MANTISSA_BITS;
    double fraction;
    memcpy(&fraction, &bits, sizeof fraction);
    // Should the product round up to the next octave, its first bin is as near.
    int step = (int)(cubic(fraction - 1) * SAMPLES_PER_OCTAVE);
    return 1 + (size_t)octave * SAMPLES_PER_OCTAVE + (size_t)step;
}

/// The value that stands for a bin: its relative distance to both borders is the same.
static double bin_value(const pg_samples *samples, size_t bin, double min, double max)
{
    if (bin == 0)
        return min;
    if (bin == SAMPLES_BINS - 1)
        return max;
    int octave = (int)(bin - 1) / SAMPLES_PER_OCTAVE;
    int step = (int)(bin - 1) % SAMPLES_PER_OCTAVE;
    double low = 1 + inverse_cubic((double)step / SAMPLES_PER_OCTAVE);
    double high = 1 + inverse_cubic((double)(step + 1) / SAMPLES_PER_OCTAVE);
    double value = compose(2 * low * high / (low + high), samples->base + octave);
    return value < min ? min : value > max ? max : value;
}

void pg__samples_clear(pg_samples *samples)
{
    for (size_t i = 0; i < PG_METRIC_EXACT_SAMPLES; i++)
        atomic_store_explicit(&samples->exact[i], (double)NAN, memory_order_relaxed);
    for (size_t i = 0; i < SAMPLES_BINS; i++)
        atomic_store_explicit(&samples->bins[i], 0, memory_order_relaxed);
    atomic_store_explicit(&samples->exact_count, 0, memory_order_relaxed);
}

void pg__samples_add_many(pg_samples *samples, double value, uint64_t count)
{
    // The margin keeps threads that pass the check together from wrapping the count.
    const uint64_t limit = UINT32_MAX - UINT32_C(1024);
    _Atomic uint32_t *bin = &samples->bins[bin_of(samples, value)];
    uint64_t held = atomic_load_explicit(bin, memory_order_relaxed);
    uint64_t room = held < limit ? limit - held : 0;
    atomic_fetch_add_explicit(bin, (uint32_t)(count < room ? count : room), memory_order_relaxed);
}

void pg__samples_add(pg_samples *samples, double value)
{
    if (atomic_load_explicit(&samples->exact_count, memory_order_relaxed) <
        PG_METRIC_EXACT_SAMPLES) {
        uint32_t slot = atomic_fetch_add_explicit(&samples->exact_count, 1, memory_order_relaxed);
        if (slot < PG_METRIC_EXACT_SAMPLES) {
            atomic_store_explicit(&samples->exact[slot], value, memory_order_relaxed);
            return;
        }
    }
    pg__samples_add_many(samples, value, 1);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/// Copies the exact observations in ascending order; returns their number.
static size_t sorted_exact(const pg_samples *samples, double *out)
{
    size_t count = 0;
    for (size_t i = 0; i < PG_METRIC_EXACT_SAMPLES; i++) {
        double value = atomic_load_explicit(&samples->exact[i], memory_order_relaxed);
        if (!isnan(value))
            out[count++] = value;
    }
    if (count > 0)
        qsort(out, count, sizeof *out, compare_doubles);
    return count;
}

double pg__samples_percentile(const pg_samples *samples, double p, double min, double max)
{
    double exact[PG_METRIC_EXACT_SAMPLES];
    size_t exact_count = sorted_exact(samples, exact);
    uint64_t total = exact_count;
    for (size_t bin = 0; bin < SAMPLES_BINS; bin++)
        total += atomic_load_explicit(&samples->bins[bin], memory_order_relaxed);
    if (total == 0)
        return 0;
    uint64_t rank = (uint64_t)((double)total * p);
    if (rank >= total)
        rank = total - 1;
    if (total == exact_count)
        return exact[rank];

    // Both lists ascend: walk them together until `rank` observations lie below.
    uint64_t below = 0;
    size_t next = 0;
    for (size_t bin = 0; bin < SAMPLES_BINS; bin++) {
        uint64_t count = atomic_load_explicit(&samples->bins[bin], memory_order_relaxed);
        if (count == 0)
            continue;
        double value = bin_value(samples, bin, min, max);
        for (; next < exact_count && exact[next] <= value; next++, below++)
            if (below == rank)
                return exact[next];
        below += count;
        if (below > rank)
            return value;
    }
    return next < exact_count ? exact[next + (rank - below)] : max;
}
