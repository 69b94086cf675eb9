#ifndef FORECAST_BATCH_H
#define FORECAST_BATCH_H

#include <stdbool.h>
#include <stdio.h>

/* Reads requests from in to its end, writes answers to stdout. False: out of memory, or stdout is gone. */
bool forecast_batch(FILE *in);

#endif
