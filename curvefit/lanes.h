/* lanes: two numbers side by side, as every 64-bit processor has them (vectors of gcc and clang). Internal to curvefit. */
#ifndef CF_LANES_H
#define CF_LANES_H

#include <stdint.h>

#define CF__LANES 2

typedef double cf__lanes __attribute__((vector_size(8 * CF__LANES)));
typedef uint64_t cf__lane_bits __attribute__((vector_size(8 * CF__LANES)));

/* Where v is not above low (NaN included), low. */
static inline cf__lanes cf__lanes_floor(cf__lanes v, double low)
{
    cf__lanes floor = {low, low};
    cf__lane_bits keep = (cf__lane_bits)(v > floor);
    return (cf__lanes)(((cf__lane_bits)v & keep) | ((cf__lane_bits)floor & ~keep));
}

/* Natural logarithm of positive, normal numbers: exponent, and a series in (m - 1) / (m + 1) with m in [.7, 1.42); error below 1e-13. */
static inline cf__lanes cf__lanes_log(cf__lanes v)
{
    const uint64_t two52 = 0x4330000000000000, sqrt_half = 0x3fe6a09e667f3bcd, mantissa = 0x000fffffffffffff, bias = (uint64_t)1023 << 52;
    cf__lane_bits shifted = (cf__lane_bits)v - sqrt_half + bias; /* the upper bits count how often 2 divides, + 1023 */
    cf__lanes e = (cf__lanes)((shifted >> 52) | two52) - (4503599627370496.0 + 1023.0);
    cf__lanes m = (cf__lanes)((shifted & mantissa) + sqrt_half), s = (m - 1.0) / (m + 1.0), z = s * s;
    cf__lanes series = z * (1.0 / 11 + z * (1.0 / 13 + z * (1.0 / 15 + z * (1.0 / 17))));
    series = z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + series))));
    return e * 0.69314718055994530942 + 2.0 * (s + s * series);
}

#endif
