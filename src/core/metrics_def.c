/// Definitions of metrics: which are allowed, which are equal, which collide. See metrics.h.
#include "metrics_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

/// Seconds; the lowest bound of the usual default, 5 ms, would hold every run of a fast program.
static const double default_bounds[] = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                        .025,  .05,    .1,    .25,  .5,    1,    5};

static const char *const kind_names[] = {
#define PG_METRIC_KIND_TEXT(symbol, name) name,
    PG_METRIC_KINDS(PG_METRIC_KIND_TEXT)
#undef PG_METRIC_KIND_TEXT
};

static const char *const mode_names[] = {
#define PG_GAUGE_MODE_TEXT(symbol, name) name,
    PG_GAUGE_MODES(PG_GAUGE_MODE_TEXT)
#undef PG_GAUGE_MODE_TEXT
};

/// What a metric of each kind appends to its family's name in some format; NULL ends a list.
static const char *const claimed_suffixes[PG_METRIC_KIND_COUNT][6] = {
    [PG_METRIC_COUNTER] = {"", "_total", "_created", NULL},
    [PG_METRIC_GAUGE] = {"", NULL},
    [PG_METRIC_HISTOGRAM] = {"", "_bucket", "_sum", "_count", "_created", NULL},
};

/// Endings that would make a gauge or histogram look like part of something else.
static const char *const reserved_suffixes[] = {"_total", "_created", "_bucket", "_sum", "_count"};

const char *pg_metric_kind_name(pg_metric_kind kind)
{
    return kind_names[kind];
}

const char *pg_gauge_mode_name(pg_gauge_mode mode)
{
    return mode_names[mode];
}

const double *pg_metric_default_bounds(size_t *count)
{
    *count = sizeof default_bounds / sizeof default_bounds[0];
    return default_bounds;
}

pg_str pg__metric_family(pg_metric_kind kind, pg_str name)
{
    if (kind == PG_METRIC_COUNTER && pg_str_ends_with(name, PG_STR("_total")))
        name.len -= sizeof "_total" - 1;
    return name;
}

void pg__metric_bounds(const pg_metric_def *def, const double **bounds, size_t *count)
{
    *bounds = NULL;
    *count = 0;
    if (def->kind != PG_METRIC_HISTOGRAM)
        return;
    *bounds = def->bounds;
    *count = def->bound_count;
    if (def->bounds == NULL)
        *bounds = pg_metric_default_bounds(count);
    else if (*count > 0 && def->bounds[*count - 1] == (double)INFINITY)
        (*count)--;
}

static bool is_name(pg_str name)
{
    if (name.len == 0 || name.len > PG_METRIC_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

static pg_status check_name(const pg_metric_def *def, pg_error *err)
{
    if (!is_name(def->name))
        return pg_error_set(err, PG_INVALID,
                            "a metric's name is [a-zA-Z_][a-zA-Z0-9_]*, at most "
                            "%d bytes",
                            PG_METRIC_NAME_MAX);
    bool total = pg_str_ends_with(def->name, PG_STR("_total"));
    if (def->kind == PG_METRIC_COUNTER && (!total || def->name.len == sizeof "_total" - 1))
        return pg_error_set(err, PG_INVALID, "the name of counter '%.*s' must end in _total",
                            (int)def->name.len, def->name.ptr);
    if (def->kind == PG_METRIC_COUNTER)
        return PG_OK;
    for (size_t i = 0; i < sizeof reserved_suffixes / sizeof reserved_suffixes[0]; i++)
        if (pg_str_ends_with(def->name, pg_str_from(reserved_suffixes[i])))
            return pg_error_set(err, PG_INVALID, "the name of %s '%.*s' must not end in %s",
                                pg_metric_kind_name(def->kind), (int)def->name.len, def->name.ptr,
                                reserved_suffixes[i]);
    return PG_OK;
}

static pg_status check_text(const pg_metric_def *def, pg_error *err)
{
    if (def->help.len == 0 || def->help.len > PG_METRIC_HELP_MAX)
        return pg_error_set(err, PG_INVALID, "a help text has 1 to %d bytes", PG_METRIC_HELP_MAX);
    if (pg_utf8_valid_prefix(def->help) != def->help.len)
        return pg_error_set(err, PG_INVALID, "the help text is not UTF-8");
    if (def->unit.len == 0)
        return PG_OK;
    pg_str family = pg__metric_family(def->kind, def->name);
    if (!is_name(def->unit) || family.len <= def->unit.len + 1 ||
        !pg_str_ends_with(family, def->unit) || family.ptr[family.len - def->unit.len - 1] != '_')
        return pg_error_set(err, PG_INVALID, "the name must end in _%.*s, its unit",
                            (int)(def->unit.len < 64 ? def->unit.len : 64), def->unit.ptr);
    return PG_OK;
}

static pg_status check_labels(const pg_metric_def *def, pg_error *err)
{
    if (def->label_count > PG_METRIC_LABELS_MAX)
        return pg_error_set(err, PG_INVALID, "a metric has at most %d labels",
                            PG_METRIC_LABELS_MAX);
    for (size_t i = 0; i < def->label_count; i++) {
        pg_str label = def->labels[i];
        if (!is_name(label))
            return pg_error_set(err, PG_INVALID, "label %d is not [a-zA-Z_][a-zA-Z0-9_]*",
                                (int)i + 1);
        if (pg_str_starts_with(label, PG_STR("__")) || pg_str_equal(label, PG_STR("le")) ||
            pg_str_equal(label, PG_STR("quantile")))
            return pg_error_set(err, PG_INVALID, "the label name '%.*s' is reserved",
                                (int)label.len, label.ptr);
        for (size_t j = 0; j < i; j++)
            if (pg_str_equal(label, def->labels[j]))
                return pg_error_set(err, PG_INVALID, "label '%.*s' appears twice", (int)label.len,
                                    label.ptr);
    }
    return PG_OK;
}

static pg_status check_bounds(const pg_metric_def *def, pg_error *err)
{
    if (def->kind != PG_METRIC_HISTOGRAM) {
        if (def->bounds != NULL || def->bound_count > 0)
            return pg_error_set(err, PG_INVALID, "only a histogram has buckets");
        return PG_OK;
    }
    const double *bounds;
    size_t count;
    pg__metric_bounds(def, &bounds, &count);
    if (count == 0 || count > PG_METRIC_BOUNDS_MAX)
        return pg_error_set(err, PG_INVALID, "a histogram has 1 to %d finite buckets",
                            PG_METRIC_BOUNDS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!(fabs(bounds[i]) <= DBL_MAX) || (i > 0 && !(bounds[i] > bounds[i - 1])))
            return pg_error_set(err, PG_INVALID,
                                "bucket %d is not a finite number above the one before",
                                (int)i + 1);
    return PG_OK;
}

pg_status pg__metric_check_def(const pg_metric_def *def, pg_error *err)
{
    pg_status status = check_name(def, err);
    if (status == PG_OK)
        status = check_text(def, err);
    if (status == PG_OK)
        status = check_labels(def, err);
    if (status == PG_OK)
        status = check_bounds(def, err);
    if (status == PG_OK && def->max_series > 1000000)
        status = pg_error_set(err, PG_INVALID, "a metric has at most 1000000 series");
    return status;
}

bool pg__metric_equals_def(const pg_metric *metric, const pg_metric_def *def)
{
    const double *bounds;
    size_t count;
    pg__metric_bounds(def, &bounds, &count);
    size_t max_series = def->max_series > 0 ? def->max_series : PG_METRIC_SERIES_MAX;
    if (metric->kind != def->kind || metric->mode != def->mode ||
        metric->max_series != max_series || metric->label_count != def->label_count ||
        metric->bound_count != count || !pg_str_equal(metric->name, def->name) ||
        !pg_str_equal(metric->help, def->help) || !pg_str_equal(metric->unit, def->unit))
        return false;
    for (size_t i = 0; i < def->label_count; i++)
        if (!pg_str_equal(metric->labels[i], def->labels[i]))
            return false;
    return count == 0 || memcmp(metric->bounds, bounds, count * sizeof *bounds) == 0;
}

/// `family` and `suffix` in one piece.
static pg_str joined(char *buffer, pg_str family, const char *suffix)
{
    pg_str end = pg_str_from(suffix);
    memcpy(buffer, family.ptr, family.len);
    memcpy(buffer + family.len, end.ptr, end.len);
    return (pg_str){buffer, family.len + end.len};
}

bool pg__metric_collides(const pg_metric *metric, pg_metric_kind kind, pg_str name)
{
    pg_str a = pg__metric_family(metric->kind, metric->name);
    pg_str b = pg__metric_family(kind, name);
    size_t common = a.len < b.len ? a.len : b.len;
    if (memcmp(a.ptr, b.ptr, common) != 0)
        return false; // every name of one begins with its family
    char left[PG_METRIC_NAME_MAX + 16], right[PG_METRIC_NAME_MAX + 16];
    for (const char *const *i = claimed_suffixes[metric->kind]; *i != NULL; i++)
        for (const char *const *j = claimed_suffixes[kind]; *j != NULL; j++)
            if (pg_str_equal(joined(left, a, *i), joined(right, b, *j)))
                return true;
    return false;
}

/// Checks the arguments that both bound helpers share.
static pg_status check_count(size_t count, pg_error *err)
{
    if (count == 0 || count > PG_METRIC_BOUNDS_MAX)
        return pg_error_set(err, PG_INVALID, "the number of buckets is 1 to %d",
                            PG_METRIC_BOUNDS_MAX);
    return PG_OK;
}

pg_status pg_metric_linear_bounds(double start, double width, size_t count, double *out,
                                  pg_error *err)
{
    pg_status status = check_count(count, err);
    if (status != PG_OK)
        return status;
    if (!(width > 0) || !(fabs(start) <= DBL_MAX) || !(start + width * (double)count <= DBL_MAX))
        return pg_error_set(err, PG_INVALID, "linear buckets need a finite start and a width > 0");
    for (size_t i = 0; i < count; i++)
        out[i] = start + width * (double)i;
    return PG_OK;
}

pg_status pg_metric_exponential_bounds(double start, double factor, size_t count, double *out,
                                       pg_error *err)
{
    pg_status status = check_count(count, err);
    if (status != PG_OK)
        return status;
    if (!(start > 0) || !(factor > 1))
        return pg_error_set(err, PG_INVALID, "exponential buckets need start > 0 and factor > 1");
    double last = start;
    for (size_t i = 1; i < count; i++)
        last *= factor;
    if (!(last <= DBL_MAX))
        return pg_error_set(err, PG_INVALID, "the last exponential bucket is not finite");
    for (size_t i = 0; i < count; i++, start *= factor)
        out[i] = start;
    return PG_OK;
}
