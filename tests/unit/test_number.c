#include "../check.h"
#include "protocol/number.h"

#include <math.h>
#include <stdint.h>

static bool as_printf(double v)
{
    char text[NUMBER_TEXT], wanted[64];
    size_t n = number_write(v, text);
    snprintf(wanted, sizeof wanted, "%.10g", v);
    if (n == strlen(wanted) && !memcmp(text, wanted, n)) return true;
    printf("# %.*s is not %s\n", (int)n, text, wanted);
    return false;
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

TEST(edges_are_written_as_printf_writes_them)
{
    static const double edges[] = {0, -0.0, 1, -1, 9999999999, 10000000000, 9999999999.5, 999999999.95, 0.1, 0.0001, 0.00009999999999999, 1e-5, 1e-18, 1e-19, 1e27, 1e36, 1e37, 1e100, 1e308, 4.9e-324,
                                   2.2250738585072014e-308, 0.5, 1.00000000005, 1.000000000050001, 0.12345678905, 12345678901234, 5e-5, 123.456, 2.5, 1e9 + 0.25, 99999999995e-1, 4294967296.5};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) CHECK(as_printf(edges[i]) && as_printf(-edges[i]));
}

TEST(any_double_is_written_as_printf_writes_it)
{
    uint64_t state = 88172645463325252u, bits;
    for (int i = 0; i < 100000; i++) {
        double v;
        bits = next(&state);
        memcpy(&v, &bits, sizeof v);
        if (isfinite(v) && !as_printf(v)) CHECK(false);
    }
}

TEST(numbers_as_logs_have_them_are_written_as_printf_writes_them)
{
    uint64_t state = 88172645463325252u;
    bool all = true;
    for (int i = 0; i < 100000; i++) {
        double whole = (double)(next(&state) % 2000000), share = (double)(next(&state) % 1000000007) / 1000000007;
        all &= as_printf(whole / 1e4) && as_printf(whole * 1e-9) && as_printf(share) && as_printf(share * 1e6) && as_printf((whole + 0.5) / 1e10) && as_printf(whole * 1e6 + 0.5);
    }
    CHECK(all);
}

CHECK_MAIN
