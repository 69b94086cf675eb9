/* trial_text: a stored trial's place and cost, as numbers and as text for people. */
#ifndef TRIAL_TEXT_H
#define TRIAL_TEXT_H

#include "store/store.h"

double trial_seconds_saved(const struct store_trial *trial); /* what the rest of a stopped trial would have taken; NaN: unknown, or not stopped */
double trial_reached(const struct store_trial *trial);      /* the last x that it got to */
double trial_seconds_left(const struct store_trial *trial); /* from there to its horizon at its own speed; NaN: unknown, or nothing is left */
const char *trial_place(const struct store_trial *trial, double x, char *text, size_t size); /* "step 220 of 300"; text */
const char *duration_text(double seconds, char *text, size_t size);                          /* "12 s", "7 min"; text */
/* "stopped at step 40 of 300: under 0.1 % chance to beat ..."; state as trial_state says. */
const char *trial_sentence(const struct store_trial *trial, const char *state, char *text, size_t size);

#endif
