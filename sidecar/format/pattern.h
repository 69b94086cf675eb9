/* pattern: the user's own regular expressions (--metric-regex, --x-regex). Internal to format. */
#ifndef FORMAT_PATTERN_H
#define FORMAT_PATTERN_H

#include "field.h"

struct pattern;
struct pattern *pattern_create(const char *metric_regex, const char *x_regex, char *error, size_t error_size);
void pattern_destroy(struct pattern *pattern);
bool pattern_match(const struct pattern *pattern, const char *text, struct fields *fields); /* adds what it finds */
bool pattern_only(const struct pattern *pattern); /* the user named the metrics: nothing else is read */

#endif
