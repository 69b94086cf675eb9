#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum kind { NOT_YET, REGULAR, FIFO, STDIN, PACKED };

struct follow {
    char path[4096];
    enum kind kind;
    int fd, writer, notify; /* writer: our own end of a fifo, so that it never ends by accident */
    struct follow_place place; /* the bytes before our offset must still be there: a file cut and grown again shows itself by them */
    gzFile gzip;
    char *unpacked; /* of a zstd file, whole */
    size_t unpacked_length, unpacked_at;
};

/* ---- opening ----------------------------------------------------------------------------------------------------------------- */

/* The directory is watched, so that a file that appears or is replaced is noticed. Without inotify (NFS) the timer does. */
static void watch(struct follow *f)
{
    char copy[4096];
    f->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    snprintf(copy, sizeof copy, "%s", f->path);
    if (f->notify >= 0) inotify_add_watch(f->notify, dirname(copy), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE);
}

static bool unpack_zstd(struct follow *f)
{
    struct stat about;
    if (fstat(f->fd, &about)) return false;
    char *packed = malloc((size_t)about.st_size + 1);
    ssize_t n = packed ? pread(f->fd, packed, (size_t)about.st_size, 0) : -1;
    unsigned long long size = n > 0 ? ZSTD_getFrameContentSize(packed, (size_t)n) : 0;
    if (size == ZSTD_CONTENTSIZE_UNKNOWN) size = 64ull * (unsigned long long)n;
    f->unpacked = n > 0 && size < (1ull << 32) ? malloc(size + 1) : NULL;
    size_t got = f->unpacked ? ZSTD_decompress(f->unpacked, size, packed, (size_t)n) : 0;
    free(packed);
    f->unpacked_length = f->unpacked && !ZSTD_isError(got) ? got : 0;
    return f->unpacked_length > 0;
}

static bool is_packed(struct follow *f)
{
    unsigned char head[4] = {0};
    if (pread(f->fd, head, sizeof head, 0) != sizeof head) return false;
    if (head[0] == 0x1f && head[1] == 0x8b) return (f->gzip = gzdopen(dup(f->fd), "rb")) != NULL;
    return head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd && unpack_zstd(f);
}

/* A fifo is opened without waiting for its writer, and we hold a writer of our own: EOF then only means that we closed it. */
static bool open_path(struct follow *f)
{
    struct stat about;
    f->fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (f->fd < 0) return errno == ENOENT;
    if (fstat(f->fd, &about) || S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        return false;
    }
    f->kind = S_ISFIFO(about.st_mode) ? FIFO : is_packed(f) ? PACKED : REGULAR;
    if (f->kind == FIFO) f->writer = open(f->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    f->place = (struct follow_place){0};
    return true;
}

struct follow *follow_open(const char *path)
{
    struct follow *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->fd = f->writer = f->notify = -1;
    snprintf(f->path, sizeof f->path, "%s", path);
    if (!strcmp(path, "-")) {
        f->kind = STDIN, f->fd = STDIN_FILENO;
        return f;
    }
    if (!open_path(f)) {
        int why = errno;
        follow_close(f);
        errno = why;
        return NULL;
    }
    watch(f);
    return f;
}

static void close_log(struct follow *f)
{
    if (f->gzip) gzclose(f->gzip);
    if (f->fd > STDIN_FILENO) close(f->fd);
    if (f->writer >= 0) close(f->writer);
    free(f->unpacked);
    f->gzip = NULL, f->unpacked = NULL, f->fd = f->writer = -1;
}

void follow_close(struct follow *f)
{
    if (!f) return;
    close_log(f);
    if (f->notify >= 0) close(f->notify);
    free(f);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------------- */

static void remember(struct follow_place *p, const char *bytes, size_t n)
{
    size_t keep = n < FOLLOW_MARK ? n : FOLLOW_MARK, old = FOLLOW_MARK - keep < p->mark_length ? FOLLOW_MARK - keep : p->mark_length;
    memmove(p->mark, p->mark + p->mark_length - old, old);
    memcpy(p->mark + old, bytes + n - keep, keep);
    p->mark_length = old + keep;
    p->offset += (off_t)n;
}

struct follow_place follow_place(const struct follow *f) { return f->kind == REGULAR ? f->place : (struct follow_place){0}; }

bool follow_stands(const struct follow *f, const struct follow_place *p)
{
    char now[FOLLOW_MARK];
    if (f->kind != REGULAR) return false;
    ssize_t n = pread(f->fd, now, p->mark_length, p->offset - (off_t)p->mark_length);
    return n == (ssize_t)p->mark_length && !memcmp(now, p->mark, p->mark_length);
}

/* Cut (copytruncate), or another file under our name (rotation by rename)? The old one was read to its end before. */
static bool was_replaced(const struct follow *f)
{
    struct stat mine, named;
    if (fstat(f->fd, &mine)) return false;
    if (mine.st_size < f->place.offset || !follow_stands(f, &f->place)) return true;
    return !stat(f->path, &named) && (named.st_ino != mine.st_ino || named.st_dev != mine.st_dev);
}

static enum follow_event at_end(struct follow *f)
{
    if (!was_replaced(f)) return FOLLOW_WAIT;
    close_log(f);
    f->kind = NOT_YET;
    open_path(f);
    return FOLLOW_ROTATED;
}

static enum follow_event read_regular(struct follow *f, char *bytes, size_t size, size_t *n)
{
    struct stat about;
    if (!fstat(f->fd, &about) && about.st_size < f->place.offset) return at_end(f);
    ssize_t got = pread(f->fd, bytes, size, f->place.offset);
    if (got < 0) return FOLLOW_FAILED;
    if (got == 0) return at_end(f);
    if (!follow_stands(f, &f->place)) return at_end(f);
    *n = (size_t)got;
    remember(&f->place, bytes, *n);
    return FOLLOW_BYTES;
}

static enum follow_event read_stream(struct follow *f, char *bytes, size_t size, size_t *n)
{
    ssize_t got = read(f->fd, bytes, size);
    if (got > 0) return *n = (size_t)got, FOLLOW_BYTES;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return FOLLOW_WAIT;
    if (got == 0) return f->kind == STDIN ? FOLLOW_END : FOLLOW_WAIT;
    return FOLLOW_FAILED;
}

static enum follow_event read_packed(struct follow *f, char *bytes, size_t size, size_t *n)
{
    int got = f->gzip ? gzread(f->gzip, bytes, (unsigned)size) : 0;
    if (f->gzip) return got > 0 ? (*n = (size_t)got, FOLLOW_BYTES) : got == 0 ? FOLLOW_END : FOLLOW_FAILED;
    *n = f->unpacked_length - f->unpacked_at < size ? f->unpacked_length - f->unpacked_at : size;
    memcpy(bytes, f->unpacked + f->unpacked_at, *n);
    f->unpacked_at += *n;
    return *n ? FOLLOW_BYTES : FOLLOW_END;
}

enum follow_event follow_read(struct follow *f, char *bytes, size_t size, size_t *n)
{
    *n = 0;
    if (f->kind == NOT_YET && (!open_path(f) || f->fd < 0)) return FOLLOW_WAIT;
    switch (f->kind) {
    case REGULAR: return read_regular(f, bytes, size, n);
    case PACKED: return read_packed(f, bytes, size, n);
    default: return read_stream(f, bytes, size, n);
    }
}

void follow_wait(struct follow *const *follows, size_t n, int ms)
{
    struct pollfd p[64];
    char events[4096];
    nfds_t k = 0;
    for (size_t i = 0; i < n && k < 64; i++) {
        int fd = follows[i]->kind == FIFO || follows[i]->kind == STDIN ? follows[i]->fd : follows[i]->notify;
        if (fd >= 0) p[k++] = (struct pollfd){fd, POLLIN, 0};
    }
    poll(p, k, ms);
    for (size_t i = 0; i < n; i++)
        while (follows[i]->notify >= 0 && read(follows[i]->notify, events, sizeof events) > 0) {}
}
