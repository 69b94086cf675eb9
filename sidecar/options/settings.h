/* settings: what holds for a whole study, between argv, the store and the judge's policy. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "options.h"
#include "store/store.h"

struct store_settings settings_given(const struct options *options); /* what stood in argv; the rest is open */
/* Overwrites what settings has an opinion on. policy->metric then points into settings. */
void settings_to_policy(const struct store_settings *settings, struct policy *policy);

#endif
