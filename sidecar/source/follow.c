#include "follow.h"

#include "mlflow_db.h"
#include "packed.h"

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

#define PIPE_ROOM (1 << 20) /* so that its writer need not wait when we are late */

enum kind { NOT_YET, REGULAR, FIFO, STDIN, PACKED, ROWS };

struct follow {
    char path[4096];
    enum kind kind;
    int fd, writer; /* writer: our own end of a fifo, so that it never ends by accident */
    bool watched;   /* its directory is */
    int trouble;    /* errno of the last try to open it again */
    struct follow_place place; /* the bytes before our offset must still be there: a file cut and grown again shows itself by them */
    struct packed *packed;
    struct mlflow_rows *rows;
};

/* ---- opening ----------------------------------------------------------------------------------------------------------------- */

/* A fifo is opened without waiting for its writer, and we hold a writer of our own: EOF then only means that we closed it. */
static bool open_path(struct follow *f)
{
    struct stat about;
    f->fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (f->fd < 0 && errno == ENOTDIR && (f->rows = mlflow_rows_open(f->path))) return f->kind = ROWS, true;
    if (f->fd < 0) return errno == ENOENT;
    if (fstat(f->fd, &about) || S_ISDIR(about.st_mode)) {
        close(f->fd), f->fd = -1;
        errno = EISDIR;
        return false;
    }
    if (S_ISREG(about.st_mode)) f->packed = packed_open(f->fd);
    f->kind = S_ISFIFO(about.st_mode) ? FIFO : f->packed ? PACKED : REGULAR;
    if (f->kind == FIFO) f->writer = open(f->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), fcntl(f->fd, F_SETPIPE_SZ, PIPE_ROOM);
    f->place = (struct follow_place){0};
    return true;
}

bool follow_is_file(const char *path)
{
    struct stat about;
    if (!strcmp(path, "-")) return false;
    if (!stat(path, &about)) return S_ISREG(about.st_mode);
    struct mlflow_rows *rows = errno == ENOTDIR ? mlflow_rows_open(path) : NULL;
    mlflow_rows_close(rows);
    return rows;
}

struct follow *follow_open(const char *path)
{
    struct follow *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->fd = f->writer = -1;
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
    return f;
}

static void close_log(struct follow *f)
{
    packed_close(f->packed);
    mlflow_rows_close(f->rows);
    if (f->fd > STDIN_FILENO) close(f->fd);
    if (f->writer >= 0) close(f->writer);
    f->packed = NULL, f->rows = NULL, f->fd = f->writer = -1;
}

void follow_close(struct follow *f)
{
    if (!f) return;
    close_log(f);
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

struct follow_place follow_place(const struct follow *f) { return f->kind == REGULAR || f->kind == ROWS ? f->place : (struct follow_place){0}; }

/* Of rows the lines before that place are made again. */
static bool rows_stand(const struct follow *f, const struct follow_place *p)
{
    char bytes[FOLLOW_MARK + 4096];
    struct follow_place now = {0};
    struct mlflow_rows *rows = mlflow_rows_open(f->path);
    for (ssize_t n; rows && now.offset < p->offset && (n = mlflow_rows_read(rows, bytes, sizeof bytes)) > 0;) remember(&now, bytes, p->offset - now.offset < n ? (size_t)(p->offset - now.offset) : (size_t)n);
    mlflow_rows_close(rows);
    return now.offset == p->offset && now.mark_length == p->mark_length && !memcmp(now.mark, p->mark, p->mark_length);
}

bool follow_stands(const struct follow *f, const struct follow_place *p)
{
    char now[FOLLOW_MARK];
    if (f->kind == ROWS) return rows_stand(f, p);
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

/* Not readable is what may become so. */
static bool open_again(struct follow *f)
{
    bool opened = open_path(f) && f->kind != NOT_YET;
    f->trouble = opened || errno == ENOENT || errno == ENOTDIR ? 0 : errno;
    return opened;
}

static enum follow_event begin_anew(struct follow *f)
{
    close_log(f);
    f->kind = NOT_YET;
    open_again(f);
    return FOLLOW_ROTATED;
}

static enum follow_event at_end(struct follow *f) { return was_replaced(f) ? begin_anew(f) : FOLLOW_WAIT; }

static enum follow_event read_regular(struct follow *f, char *bytes, size_t size, size_t *n)
{
    struct stat about;
    if (!fstat(f->fd, &about) && about.st_size < f->place.offset) return at_end(f);
    ssize_t got = pread(f->fd, bytes, size, f->place.offset);
    if (got < 0) return errno == ESTALE ? begin_anew(f) : FOLLOW_FAILED; /* NFS: it was replaced elsewhere */
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
    ssize_t got = packed_read(f->packed, bytes, size);
    if (got > 0) return *n = (size_t)got, FOLLOW_BYTES;
    return got ? FOLLOW_FAILED : FOLLOW_END;
}

static enum follow_event read_rows(struct follow *f, char *bytes, size_t size, size_t *n)
{
    *n = (size_t)mlflow_rows_read(f->rows, bytes, size);
    remember(&f->place, bytes, *n);
    return *n ? FOLLOW_BYTES : FOLLOW_WAIT;
}

int follow_trouble(const struct follow *f) { return f->trouble; }

enum follow_event follow_read(struct follow *f, char *bytes, size_t size, size_t *n)
{
    *n = 0;
    if (f->kind == NOT_YET && !open_again(f)) return FOLLOW_WAIT;
    switch (f->kind) {
    case REGULAR: return read_regular(f, bytes, size, n);
    case PACKED: return read_packed(f, bytes, size, n);
    case ROWS: return read_rows(f, bytes, size, n);
    default: return read_stream(f, bytes, size, n);
    }
}

/* ---- waiting ----------------------------------------------------------------------------------------------------------------- */

/* One for all logs: a user has few of them. -1: there is none (NFS), the timer does. */
static int notices(void)
{
    static int fd = -2;
    if (fd == -2) fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return fd;
}

/* The directory is watched, so that a file that appears or is replaced is noticed, too. True: it was not before. */
static bool watch(struct follow *f, int fd)
{
    char copy[4096];
    if (f->watched || f->kind == FIFO || f->kind == STDIN || fd < 0) return false;
    snprintf(copy, sizeof copy, "%s", f->path);
    f->watched = inotify_add_watch(fd, dirname(copy), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) >= 0;
    return f->watched;
}

void follow_wait(struct follow *const *follows, size_t n, int ms)
{
    struct pollfd p[FOLLOWS_MOST + 1] = {{notices(), POLLIN, 0}};
    char events[4096];
    nfds_t k = 1;
    bool fresh = false;
    for (size_t i = 0; i < n; i++) {
        fresh = watch(follows[i], p[0].fd) || fresh;
        bool stream = follows[i]->kind == FIFO || follows[i]->kind == STDIN;
        if (stream && k <= FOLLOWS_MOST) p[k++] = (struct pollfd){follows[i]->fd, POLLIN, 0};
    }
    poll(p, k, fresh ? 0 : ms); /* what happened before it was watched was not noticed */
    while (p[0].fd >= 0 && read(p[0].fd, events, sizeof events) > 0) {}
}
