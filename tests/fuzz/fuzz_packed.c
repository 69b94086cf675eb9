/* Any bytes behind the first ones of a compressed log, unpacked and read as one: it ends, in fixed memory, and the same again. */
#include "events/recording.h"
#include "source/follow.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define READS_MAX 64 /* of a block: what unpacks to more is left there */

static void ignore(void *context, const struct observation *o) { (void)context, (void)o; }

static uint64_t run(const char *path)
{
    static char bytes[1 << 16];
    char error[160];
    uint64_t sum = 14695981039346656037u;
    size_t n;
    struct follow *follow = follow_open(path);
    struct recording *recording = recording_create(NULL, ignore, NULL, error, sizeof error);
    if (!follow || !recording) abort();
    for (int reads = 0; reads < READS_MAX && follow_read(follow, bytes, sizeof bytes, &n) == FOLLOW_BYTES; reads++) {
        if (!n || n > sizeof bytes) abort();
        for (size_t i = 0; i < n; i++) sum = (sum ^ (unsigned char)bytes[i]) * 1099511628211u;
        recording_feed(recording, bytes, n);
    }
    recording_end(recording);
    recording_destroy(recording);
    follow_close(follow);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    if (size < 4 || (memcmp(data, "\x1f\x8b", 2) && memcmp(data, "\x28\xb5\x2f\xfd", 4))) return -1; /* the reader's fuzzer has the others */
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (run(path) != run(path)) abort();
    close(fd);
    return 0;
}
