/// Numbers of the exposition formats, independent of the locale.
///
/// The C library finds the digits, since its conversions are correctly rounded; its decimal point
/// is the locale's, so only digits and the exponent are taken from its output. The shortest of 15,
/// 16 and 17 digits that reads back as the same double is used (fewer for subnormal numbers, whose
/// precision is less).
#include "metrics_internal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/// Below this, doubles hold every integer.
#define EXACT_MAX 9007199254740992.0

/// A positive, finite double as 0.d1d2d3... * 10^(exponent + 1); no trailing zeros.
typedef struct decimal {
    char digits[24];
    int count;    ///< at least 1
    int exponent; ///< of the first digit
} decimal;

/// Reads the output of "%.*e", whose decimal point may be any bytes but a digit or 'e'.
static void read_scientific(const char *text, decimal *out)
{
    out->count = 0;
    const char *p = text;
    for (; *p != '\0' && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9' && out->count < (int)sizeof out->digits)
            out->digits[out->count++] = *p;
    out->exponent = *p == 'e' ? (int)strtol(p + 1, NULL, 10) : 0;
    while (out->count > 1 && out->digits[out->count - 1] == '0')
        out->count--;
}

/// Writes a whole number; returns the number of digits.
static int write_digits(uint64_t value, char digits[static 20])
{
    char reversed[20];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (int i = 0; i < count; i++)
        digits[i] = reversed[count - 1 - i];
    return count;
}

/// Numbers with few decimals, as bounds and most sums are, without the C library: n / 10^k is
/// correctly rounded when both are exact (n < 2^53, k <= 22), so that it equals what reading the
/// decimal gives. The least k has the fewest digits.
static bool few_decimals(double value, decimal *out)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    for (int k = 0; k < (int)(sizeof powers / sizeof powers[0]); k++) {
        double scaled = value * powers[k];
        if (scaled >= EXACT_MAX)
            return false;
        uint64_t whole = (uint64_t)(scaled + 0.5);
        if (whole == 0 || (double)whole / powers[k] != value)
            continue;
        out->count = write_digits(whole, out->digits);
        out->exponent = out->count - 1 - k;
        while (out->count > 1 && out->digits[out->count - 1] == '0')
            out->count--;
        return true;
    }
    return false;
}

/// `value` is positive and finite.
static void shortest(double value, decimal *out)
{
    if (few_decimals(value, out))
        return;
    char text[64];
    int precision = value < DBL_MIN ? 1 : DBL_DIG;
    for (; precision <= DBL_DECIMAL_DIG; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision - 1, value);
        // The same locale wrote the text, so this reads it back.
        if (precision == DBL_DECIMAL_DIG || strtod(text, NULL) == value)
            break;
    }
    read_scientific(text, out);
}

static void put_zeros(pg_buf *out, int count)
{
    for (int i = 0; i < count; i++)
        pg_buf_put_char(out, '0');
}

/// Lays the digits out: positional for exponents from -4 to below `limit`, else with an exponent of
/// at least two digits. Integers get ".0" on request.
static void put_decimal(pg_buf *out, const decimal *d, int limit, bool point_zero)
{
    if (d->exponent < -4 || d->exponent >= limit) {
        pg_buf_put_char(out, d->digits[0]);
        if (d->count > 1) {
            pg_buf_put_char(out, '.');
            pg_buf_put(out, d->digits + 1, (size_t)d->count - 1);
        }
        int magnitude = d->exponent < 0 ? -d->exponent : d->exponent;
        pg_buf_printf(out, "e%c%02d", d->exponent < 0 ? '-' : '+', magnitude);
    } else if (d->exponent < 0) {
        pg_buf_put(out, "0.", 2);
        put_zeros(out, -d->exponent - 1);
        pg_buf_put(out, d->digits, (size_t)d->count);
    } else {
        int whole = d->exponent + 1 < d->count ? d->exponent + 1 : d->count;
        pg_buf_put(out, d->digits, (size_t)whole);
        put_zeros(out, d->exponent + 1 - whole);
        if (whole < d->count) {
            pg_buf_put_char(out, '.');
            pg_buf_put(out, d->digits + whole, (size_t)(d->count - whole));
        } else if (point_zero) {
            pg_buf_put(out, ".0", 2);
        }
    }
}

/// Writes what is no finite number; false for a finite one.
static bool put_special(pg_buf *out, double value)
{
    if (isnan(value))
        pg_buf_put(out, "NaN", 3);
    else if (isinf(value))
        pg_buf_put(out, value > 0 ? "+Inf" : "-Inf", 4);
    else
        return false;
    return true;
}

void pg__number_put(pg_buf *out, double value)
{
    if (put_special(out, value))
        return;
    if (signbit(value)) {
        pg_buf_put_char(out, '-');
        value = -value;
    }
    if (value < EXACT_MAX && value == (double)(uint64_t)value) {
        char digits[20];
        int count = write_digits((uint64_t)value, digits);
        pg_buf_put(out, digits, (size_t)count);
        return;
    }
    decimal d;
    shortest(value, &d);
    put_decimal(out, &d, 17, false);
}

void pg__number_put_bound(pg_buf *out, double value)
{
    if (put_special(out, value))
        return;
    if (value < 0)
        pg_buf_put_char(out, '-');
    decimal d = {.digits = "0", .count = 1};
    if (value != 0)
        shortest(fabs(value), &d);
    put_decimal(out, &d, 6, true);
}
