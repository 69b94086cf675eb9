/* Files of records, in two chunkings, then once more after a rotation: no crash, no leak, the same number of values.
 *
 * Behind a 't' or a 'w' stands what is wrapped into the frames of TensorBoard or W&B, with right checksums, so that the messages in them are
 * reached: each record begins with a byte that is its length. Anything else is a file as it stands; one that begins with a digit is MLflow's.
 */
#include "events/recording.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define ROOM (1u << 16)

static unsigned char wrapped[ROOM];
static size_t n_wrapped;

static void put(const void *bytes, size_t n)
{
    if (n_wrapped + n > ROOM) return;
    memcpy(wrapped + n_wrapped, bytes, n);
    n_wrapped += n;
}

static void put_number(uint64_t v, size_t bytes)
{
    unsigned char b[8];
    for (size_t i = 0; i < bytes; i++) b[i] = (unsigned char)(v >> 8 * i);
    put(b, bytes);
}

static uint32_t masked(const unsigned char *bytes, size_t n)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void put_event(const unsigned char *data, size_t n)
{
    put_number(n, 8);
    put_number(masked(wrapped + n_wrapped - 8, 8), 4);
    put(data, n);
    put_number(masked(data, n), 4);
}

/* The type is the first byte's lowest bits: whole, first, middle, last. */
static void put_frame(const unsigned char *data, size_t n)
{
    unsigned char typed[256];
    if (n_wrapped % 32768 + 7 + n > 32768) return;
    typed[0] = n ? 1 + (data[0] & 3) : 1;
    memcpy(typed + 1, data, n);
    put_number(crc32(crc32(0, NULL, 0), typed, (unsigned)n + 1), 4);
    put_number(n, 2);
    put(typed, n + 1);
}

static void wrap(char kind, const unsigned char *data, size_t size)
{
    if (kind == 'w') put(":W&B\xe1\xbe", 7);
    for (size_t i = 0; i < size; i += 1 + data[i]) {
        size_t n = data[i] < size - i - 1 ? data[i] : size - i - 1;
        if (kind == 'w') put_frame(data + i + 1, n);
        else put_event(data + i + 1, n);
    }
}

static void count(void *context, const struct observation *o)
{
    (void)o;
    ++*(uint64_t *)context;
}

static void feed(struct recording *r, size_t step)
{
    for (size_t i = 0; i < n_wrapped; i += step) recording_feed(r, (const char *)wrapped + i, n_wrapped - i < step ? n_wrapped - i : step);
}

static uint64_t run(const char *path, size_t step)
{
    char error[160];
    uint64_t values = 0;
    struct recording *r = recording_create(NULL, count, &values, error, sizeof error);
    if (!r) abort();
    recording_set_source(r, path, "eval/");
    feed(r, step);
    recording_rotated(r);
    feed(r, step);
    recording_end(r);
    recording_destroy(r);
    return values;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    const char *path = *data >= '0' && *data <= '9' ? "/mlruns/0/a/metrics/loss" : "/runs/events.out.tfevents.1";
    n_wrapped = 0;
    if (*data == 't' || *data == 'w') wrap((char)*data, data + 1, size - 1);
    else put(data, size < ROOM ? size : ROOM);
    if (n_wrapped && run(path, ROOM) != run(path, 5)) abort();
    return 0;
}
