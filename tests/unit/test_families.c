/* every family keeps to its card: gradient, finiteness, range */
#include "../check.h"
#include "family.h"

static double on_range(const struct cf__range *r) { return exp(log(r->low) + check_random() * log(r->high / r->low)); }

TEST(gradients_agree_with_differences)
{
    for (size_t i = 0; i < cf_family_count(); i++) {
        const struct cf__family *f = cf__family(i);
        for (int k = 0; k < 200 && f->n_theta; k++) {
            double theta[CF__THETA_MAX] = {0}, by[CF__THETA_MAX], t = 0.01 + 0.99 * check_random();
            for (unsigned j = 0; j < f->n_theta; j++) theta[j] = on_range(&f->theta[j]);
            f->gradient(t, theta, by);
            for (unsigned j = 0; j < f->n_theta; j++) {
                double low[CF__THETA_MAX], high[CF__THETA_MAX], step = 1e-5 * theta[j];
                memcpy(low, theta, sizeof low), memcpy(high, theta, sizeof high);
                low[j] -= step, high[j] += step;
                double numeric = (f->value(t, high) - f->value(t, low)) / (2 * step);
                if (fabs(numeric - by[j]) > 1e-4 * (fabs(numeric) + fabs(f->value(t, theta)) / theta[j]) + 1e-9)
                    CHECK_FAIL("%s d/d%s at t=%g theta=%g,%g,%g: %.9g, differences say %.9g", f->card.name, f->theta[j].name, t, theta[0], theta[1], theta[2], by[j], numeric);
            }
        }
    }
}

TEST(values_are_finite_and_fall_unless_the_card_says_otherwise)
{
    for (size_t i = 0; i < cf_family_count(); i++) {
        const struct cf__family *f = cf__family(i);
        for (int k = 0; k < 200; k++) {
            double theta[CF__THETA_MAX] = {0}, last = INFINITY;
            bool rose = false;
            for (unsigned j = 0; j < f->n_theta; j++) theta[j] = on_range(&f->theta[j]);
            for (double t = 1e-4; t <= 1; t *= 1.3) {
                double v = f->value(t, theta);
                rose |= v > last + 1e-12 * fabs(last);
                if (!isfinite(v) || (rose && !f->rises)) CHECK_FAIL("%s rises or is not finite at t=%g: %g after %g", f->card.name, t, v, last);
                last = v;
            }
        }
    }
}

TEST(cards_are_filled)
{
    CHECK(cf_family_count() >= 15);
    for (size_t i = 0; i < cf_family_count(); i++) {
        cf_family_card card = cf_family_card_of(i);
        CHECK(*card.name && *card.formula && *card.source);
        for (size_t j = 0; j < i; j++) CHECK(strcmp(card.name, cf_family_card_of(j).name) != 0);
    }
}

CHECK_MAIN
