#include "forecast_batch.h"
#include "verbs.h"

#include <string.h>

int verb_forecast(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "--batch")) return forecast_batch(stdin) ? 0 : EXIT_SYSTEM;
    return EXIT_MISUSE;
}
