/* Any lines to forecast --batch: no crash, no hang, no leak. */
#include "verbs/forecast_batch.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return freopen("/dev/null", "w", stdout) ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    FILE *in = fmemopen((void *)data, size, "r");
    if (!in) abort();
    forecast_batch(in);
    fclose(in);
    return 0;
}
