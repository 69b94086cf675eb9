#include "packed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define ROOM (1 << 16)

/* Of the two streams one is in use. */
struct packed {
    gzFile gzip;
    ZSTD_DStream *zstd;
    int fd;
    off_t at;
    bool within; /* a frame has begun that has not ended */
    ZSTD_inBuffer in;
    char bytes[ROOM];
};

static bool begin_gzip(struct packed *p)
{
    int fd = dup(p->fd);
    p->gzip = fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 ? gzdopen(fd, "rb") : NULL;
    if (!p->gzip && fd >= 0) close(fd);
    return p->gzip;
}

static bool begin(struct packed *p)
{
    unsigned char head[4] = {0};
    if (pread(p->fd, head, sizeof head, 0) != sizeof head) return false;
    if (head[0] == 0x1f && head[1] == 0x8b) return begin_gzip(p);
    if (memcmp(head, "\x28\xb5\x2f\xfd", sizeof head)) return false;
    return (p->zstd = ZSTD_createDStream()) && !ZSTD_isError(ZSTD_initDStream(p->zstd));
}

struct packed *packed_open(int fd)
{
    struct packed *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->fd = fd, p->in.src = p->bytes;
    if (begin(p)) return p;
    packed_close(p);
    return NULL;
}

void packed_close(struct packed *p)
{
    if (!p) return;
    if (p->gzip) gzclose(p->gzip);
    ZSTD_freeDStream(p->zstd);
    free(p);
}

static ssize_t damaged(void)
{
    errno = EBADMSG;
    return -1;
}

static ssize_t read_gzip(struct packed *p, char *bytes, size_t size)
{
    int fault, n = gzread(p->gzip, bytes, (unsigned)size);
    if (n > 0) return n;
    gzerror(p->gzip, &fault);
    return n < 0 || fault == Z_BUF_ERROR ? damaged() : 0; /* Z_BUF_ERROR: cut off */
}

/* False: there is no more. */
static bool refill(struct packed *p)
{
    ssize_t n = pread(p->fd, p->bytes, ROOM, p->at);
    p->in.size = n > 0 ? (size_t)n : 0, p->in.pos = 0;
    p->at += n > 0 ? n : 0;
    return n > 0;
}

/* A file may hold several frames, one behind the other. */
static ssize_t read_zstd(struct packed *p, char *bytes, size_t size)
{
    ZSTD_outBuffer out = {bytes, size, 0};
    while (!out.pos) {
        if (p->in.pos == p->in.size && !refill(p)) return p->within ? damaged() : 0;
        size_t left = ZSTD_decompressStream(p->zstd, &out, &p->in);
        if (ZSTD_isError(left)) return damaged();
        p->within = left > 0;
    }
    return (ssize_t)out.pos;
}

ssize_t packed_read(struct packed *p, char *bytes, size_t size) { return p->gzip ? read_gzip(p, bytes, size) : read_zstd(p, bytes, size); }
