#include "ensemble.h"

const struct cf__priors cf__priors = {
    .level_sd = 0.8, .gain_sd = 1, .gain_mean = 1, .least_noise = 5e-4, .shape = 2.5, .most_independent = 1.5, .temper = 0.7,
    .rate_sd = {0.005, 0.03, 0.15, 0.6}, .rate_prior = {0.3, 0.3, 0.25, 0.15}, .drop_share = 0.5, .drop_power = 0.75, .drop_sd = 0.7, .age = 0.4, .start = 0.5, .log_time = 200,
    .course = {.clock = 1, .lag = 0.04, .contradicted = 0.02, .hidden = 0.2},
    .family = {{"overfit", 0.3}},
};
