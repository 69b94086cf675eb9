#ifndef FORECAST_LOG_H
#define FORECAST_LOG_H

#include "options/options.h"

/* Reads the log at path ("-": standard input) and prints the forecast of its primary metric. Returns the exit status; 1: nothing
 * to forecast, said on stderr. */
int forecast_log(const char *path, const struct options *options);

#endif
