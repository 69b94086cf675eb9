/* The table of families. A new one is a file family_NAME.c, which defines cf__NAME, and a row here. */
#include "family.h"

#define FAMILIES(X) \
    X(pow3) \
    X(pow4) \
    X(exponential) \
    X(stretched) \
    X(hill) \
    X(log_power) \
    X(ilog2) \
    X(bnsl) \
    X(m4) \
    X(vapor) \
    X(loglog) \
    X(late) \
    X(overfit) \
    X(linear) \
    X(constant)

#define X(name) extern const struct cf__family cf__##name;
FAMILIES(X)
#undef X

static const struct cf__family *const families[] = {
#define X(name) &cf__##name,
    FAMILIES(X)
#undef X
};

size_t cf_family_count(void) { return sizeof families / sizeof *families; }
const struct cf__family *cf__family(size_t i) { return i < cf_family_count() ? families[i] : NULL; }
cf_family_card cf_family_card_of(size_t i) { return i < cf_family_count() ? families[i]->card : (cf_family_card){"", "", ""}; }
