#include "number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 10
#define SCALE_MAX 22 /* the powers of ten below are exact */
#define UNSURE 1e-4  /* of the last digit: so near to a tie the exact value is asked for; one rounding of a number below 1e10 is a hundred times less */

static const double tens[SCALE_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* magnitude = digits * 10^(exponent - 9), rounded to ten digits; false: only exact arithmetic can tell. */
static bool scale(double magnitude, uint64_t *digits, int *exponent)
{
    int two;
    frexp(magnitude, &two);
    *exponent = (two - 1) * 1233 >> 12; /* log10(2), from below */
    for (int tries = 0; tries < 3; tries++, ++*exponent) {
        int shift = DIGITS - 1 - *exponent;
        if (shift > SCALE_MAX || shift < -SCALE_MAX) return false;
        double scaled = shift < 0 ? magnitude / tens[-shift] : magnitude * tens[shift];
        if (scaled >= 1e10) continue;
        *digits = (uint64_t)(int64_t)scaled;
        double rest = scaled - (double)*digits;
        if (*digits < 999999999u || (rest > 0.5 - UNSURE && rest < 0.5 + UNSURE)) return false;
        *digits += rest > 0.5;
        if (*digits == 10000000000u) *digits = 1000000000u, ++*exponent; /* 9.99999999999 */
        return *digits >= 1000000000u;
    }
    return false;
}

/* Two digits a step. */
static void put_digits(char *end, uint64_t v, int n)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    for (; n > 1; n -= 2, v /= 100) memcpy(end -= 2, pairs + 2 * (v % 100), 2);
    if (n) *--end = (char)('0' + v % 10);
}

static char *put_exponent(char *at, int exponent)
{
    unsigned e = (unsigned)(exponent < 0 ? -exponent : exponent);
    *at++ = 'e', *at++ = exponent < 0 ? '-' : '+';
    *at++ = (char)('0' + e / 10), *at++ = (char)('0' + e % 10); /* below 100: SCALE_MAX */
    return at;
}

/* n digits, the first of which stands for 10^exponent. */
static char *put_plain(char *at, const char *digits, int n, int exponent)
{
    if (exponent < 0) {
        *at++ = '0', *at++ = '.';
        for (int i = exponent + 1; i < 0; i++) *at++ = '0';
        memcpy(at, digits, (size_t)n);
        return at + n;
    }
    int whole = exponent + 1 < n ? exponent + 1 : n;
    memcpy(at, digits, (size_t)whole), at += whole;
    for (int i = n; i <= exponent; i++) *at++ = '0';
    if (n == whole) return at;
    *at++ = '.';
    memcpy(at, digits + whole, (size_t)(n - whole));
    return at + n - whole;
}

static char *put_scientific(char *at, const char *digits, int n, int exponent)
{
    *at++ = *digits;
    if (n > 1) *at++ = '.';
    memcpy(at, digits + 1, (size_t)n - 1);
    return put_exponent(at + n - 1, exponent);
}

static char *put_whole(char *at, int64_t v)
{
    int n = 1;
    for (int64_t beyond = 10; v >= beyond; beyond *= 10) n++;
    put_digits(at + n, (uint64_t)v, n);
    return at + n;
}

/* A number of a few decimals, which is the double nearest to them: most of them. False: it is another. */
static bool put_short(char **at, double magnitude)
{
    if (!(magnitude < 1e4) || magnitude < 1e-4) return false;
    int64_t millionths = (int64_t)(magnitude * 1e6 + 0.5);
    uint32_t part = (uint32_t)(millionths % 1000000);
    int n = 6;
    if ((double)millionths / 1e6 != magnitude) return false;
    *at = put_whole(*at, millionths / 1000000);
    *(*at)++ = '.';
    for (; part % 10 == 0; part /= 10) n--;
    put_digits(*at + n, part, n);
    *at += n;
    return true;
}

size_t number_write(double value, char out[NUMBER_TEXT])
{
    char digits[DIGITS] = "", *at = out;
    double magnitude = fabs(value);
    uint64_t v;
    int exponent, n = DIGITS;
    if (signbit(value)) *at++ = '-';
    if (magnitude < 1e10 && magnitude == (double)(int64_t)magnitude) return (size_t)(put_whole(at, (int64_t)magnitude) - out);
    if (put_short(&at, magnitude)) return (size_t)(at - out);
    if (!scale(magnitude, &v, &exponent)) return (size_t)snprintf(out, NUMBER_TEXT, "%.10g", value);
    if (v % 100000 == 0) v /= 100000, n -= 5;
    while (v % 10 == 0) v /= 10, n--;
    put_digits(digits + n, v, n);
    at = exponent < -4 || exponent >= DIGITS ? put_scientific(at, digits, n, exponent) : put_plain(at, digits, n, exponent);
    return (size_t)(at - out);
}
