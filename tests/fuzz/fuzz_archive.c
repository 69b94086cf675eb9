/* Any bytes as a study archive: it ends, and every run that comes out can be walked to its last value. */
#include "archive/archive.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void walk(const struct archive_run *run)
{
    for (size_t i = 0; i < run->n; i++)
        for (size_t k = 0; k < run->series[i].n; k++)
            if (!isfinite(run->series[i].x[k]) || isinf(run->series[i].y[k])) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64], error[ARCHIVE_ERROR];
    struct archive_run run;
    enum archive_got got;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct archive *archive = archive_open(path, error);
    while (archive && ((got = archive_next(archive, &run, error)) == ARCHIVE_RUN || got == ARCHIVE_SKIPPED))
        if (got == ARCHIVE_RUN) walk(&run);
    archive_close(archive);
    close(fd);
    return 0;
}
