#include "ensemble.h"

const struct cf__priors cf__priors = {
    .level_sd = 2, .gain_sd = 2, .gain_mean = 0, .least_noise = 1e-4, .shape = 3, .most_independent = 16, .temper = 1,
    .rate_sd = {0.01, 0.04, 0.15, 0.5}, .rate_prior = {0.2, 0.35, 0.3, 0.15}, .drop_mean = 0.8, .drop_sd = 0.3,
};
