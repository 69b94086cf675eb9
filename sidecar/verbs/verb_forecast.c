#include "forecast_batch.h"
#include "forecast_log.h"
#include "verbs.h"

#include <stdio.h>

/* The first fault is the exit status; the other files are answered all the same. */
int verb_forecast(int argc, char **argv)
{
    struct options options;
    int first = options_parse(&options, argc, argv), status = 0;
    if (first < 0) return -1 - first;
    if (options.batch) return forecast_batch(stdin) ? 0 : EXIT_SYSTEM;
    if (first == argc) {
        fprintf(stderr, "foregone forecast: give one log file or more (or - for standard input), or --batch. See: foregone forecast --help\n");
        return EXIT_MISUSE;
    }
    for (int i = first; i < argc; i++) {
        int one = forecast_log(argv[i], &options);
        if (status == 0) status = one;
    }
    return status;
}
