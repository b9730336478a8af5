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

/// The value that stands for a bin within the range: its relative distance to both borders is the
/// same.
static double bin_value(const pg_samples *samples, size_t bin, double min, double max)
{
    int octave = (int)(bin - 1) / SAMPLES_PER_OCTAVE;
    int step = (int)(bin - 1) % SAMPLES_PER_OCTAVE;
    double low = 1 + inverse_cubic((double)step / SAMPLES_PER_OCTAVE);
    double high = 1 + inverse_cubic((double)(step + 1) / SAMPLES_PER_OCTAVE);
    double value = compose(2 * low * high / (low + high), samples->base + octave);
    return value < min ? min : value > max ? max : value;
}

/// The borders of a bin that is wide: below the range or above it. All else that is known of it is
/// the least and the greatest observation.
static void wide_borders(const pg_samples *samples, size_t bin, double min, double max, double *low,
                         double *high)
{
    *low = bin == 0 ? min : compose(1, samples->base + SAMPLES_OCTAVES);
    *high = bin == 0 ? compose(1, samples->base) : max;
    *low = *low < min ? min : *low;
    *high = *high > max ? max : *high;
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

/// Observations in ascending order, as far as they have been counted.
typedef struct walk {
    const pg_samples *samples;
    double exact[PG_METRIC_EXACT_SAMPLES]; ///< ascending
    size_t exact_count;
    size_t next;    ///< of `exact`
    uint64_t below; ///< observations that have been passed
    uint64_t rank;  ///< of the wanted one
    double min, max;
} walk;

/// Exact observations from the next on that are not above `value`.
static uint64_t exact_up_to(const walk *w, double value)
{
    size_t i = w->next;
    while (i < w->exact_count && w->exact[i] <= value)
        i++;
    return i - w->next;
}

/// Passes the exact observations that are not above `value`; true when the wanted one is among
/// them.
static bool pass_exact(walk *w, double value, double *out)
{
    uint64_t count = exact_up_to(w, value);
    if (w->below + count > w->rank) {
        *out = w->exact[w->next + (size_t)(w->rank - w->below)];
        return true;
    }
    w->next += (size_t)count;
    w->below += count;
    return false;
}

/// Passes the observations of a bin and the exact ones before them; true when the wanted one is
/// there.
static bool pass_bin(walk *w, size_t bin, uint64_t count, double *out)
{
    double value = bin_value(w->samples, bin, w->min, w->max);
    if (pass_exact(w, value, out))
        return true;
    w->below += count;
    *out = value;
    return w->below > w->rank;
}

/// The same for a wide bin, whose observations count as evenly spread.
static bool pass_wide_bin(walk *w, size_t bin, uint64_t count, double *out)
{
    double low;
    double high;
    wide_borders(w->samples, bin, w->min, w->max, &low, &high);
    if (pass_exact(w, low, out))
        return true;
    uint64_t exact = exact_up_to(w, high);
    if (w->below + exact + count <= w->rank) {
        w->next += (size_t)exact;
        w->below += exact + count;
        return false;
    }
    double wanted = (double)(w->rank - w->below) + 0.5;
    double spread = high - low;
    double share = 1;
    for (double from = 0, to = 1; isfinite(spread) && to - from > 1e-12;) {
        share = (from + to) / 2;
        double passed = (double)exact_up_to(w, low + share * spread) + share * (double)count;
        *(passed < wanted ? &from : &to) = share;
    }
    *out = isfinite(spread) ? low + share * spread : bin == 0 ? high : low;
    return true;
}

double pg__samples_percentile(const pg_samples *samples, double p, double min, double max)
{
    walk w = {.samples = samples, .min = min, .max = max};
    w.exact_count = sorted_exact(samples, w.exact);
    uint64_t total = w.exact_count;
    for (size_t bin = 0; bin < SAMPLES_BINS; bin++)
        total += atomic_load_explicit(&samples->bins[bin], memory_order_relaxed);
    if (total == 0)
        return 0;
    w.rank = (uint64_t)((double)total * p);
    if (w.rank >= total)
        w.rank = total - 1;
    if (total == w.exact_count)
        return w.exact[w.rank];
    if (w.rank == 0)
        return min;
    if (w.rank == total - 1)
        return max;
    for (size_t bin = 0; bin < SAMPLES_BINS; bin++) {
        uint64_t count = atomic_load_explicit(&samples->bins[bin], memory_order_relaxed);
        bool is_wide = bin == 0 || bin == SAMPLES_BINS - 1;
        double value = max;
        if (count > 0 && (is_wide ? pass_wide_bin : pass_bin)(&w, bin, count, &value))
            return value;
    }
    size_t left = w.next + (size_t)(w.rank - w.below);
    return left < w.exact_count ? w.exact[left] : max;
}
