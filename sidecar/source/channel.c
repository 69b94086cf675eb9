#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <termios.h>
#include <unistd.h>

#define DISK_RESERVE (1ull << 30) /* with less free disk the spool stays in memory */
#define CHUNK 65536
#define PTY_AHEAD (1 << 20)
#define PUNCH_STEP (16 << 20)
/* sendfile puts pages of the spool into the pipe by reference, and giving a block back may blank the page it shares: what a pipe of the
 * largest size (1 MiB) may still hold is left alone. */
#define PUNCH_LAG (2 << 20)
#define ROOM_AHEAD (32 << 20) /* disk set aside for what comes next: a disk that fills up later does not fail the command's writes */

bool same_output(int a, int b)
{
    struct stat x, y;
    return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* ---- opening --------------------------------------------------------------------------------------------------------------- */

static int again(int fd, int flags)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, flags | O_CLOEXEC);
}

/* The command's output starts where the file's offset stands, or at its end when it is opened for appending. */
static bool open_file(struct channel *c)
{
    int flags = fcntl(c->out, F_GETFL);
    if ((c->log = again(c->out, O_RDONLY)) < 0) return false;
    c->kind = CHANNEL_FILE;
    c->start = flags >= 0 && flags & O_APPEND ? lseek(c->log, 0, SEEK_END) : lseek(c->out, 0, SEEK_CUR);
    if (c->start < 0) c->start = 0;
    return true;
}

static int spool_on_disk(struct channel *c, const char *directory)
{
    struct statvfs disk;
    if (!directory || statvfs(directory, &disk) || (unsigned long long)disk.f_bavail * disk.f_frsize < DISK_RESERVE) return -1;
    snprintf(c->path, sizeof c->path, "%s/%d-%d-XXXXXX.log", directory, (int)getpid(), c->out);
    int fd = mkostemps(c->path, 4, O_CLOEXEC);
    if (fd < 0) *c->path = 0;
    return fd;
}

static void set_room_aside(struct channel *c, off_t size)
{
    if (!*c->path || size + ROOM_AHEAD / 2 < c->reserved) return;
    if (!fallocate(c->pump, FALLOC_FL_KEEP_SIZE, size, ROOM_AHEAD)) c->reserved = size + ROOM_AHEAD;
}

static bool open_spool(struct channel *c, const char *directory)
{
    int fd = spool_on_disk(c, directory);
    if (fd < 0) fd = memfd_create("foregone-output", MFD_CLOEXEC);
    if (fd < 0) return false;
    c->kind = CHANNEL_SPOOL;
    c->pump = fd;
    c->child = again(fd, O_WRONLY | O_APPEND);
    c->log = again(fd, O_RDONLY);
    set_room_aside(c, 0);
    return c->child >= 0 && c->log >= 0;
}

static bool open_pty(struct channel *c)
{
    int slave;
    struct termios mode;
    struct winsize size;
    bool sized = !ioctl(c->out, TIOCGWINSZ, &size);
    if (openpty(&c->master, &slave, NULL, NULL, sized ? &size : NULL)) return false;
    fcntl(c->master, F_SETFD, FD_CLOEXEC);
    fcntl(c->master, F_SETFL, O_NONBLOCK);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    if (!tcgetattr(slave, &mode)) { /* bytes unchanged: the real terminal does the rest */
        cfmakeraw(&mode);
        tcsetattr(slave, TCSANOW, &mode);
    }
    c->kind = CHANNEL_PTY;
    c->child = slave;
    c->spool = memfd_create("foregone-terminal", MFD_CLOEXEC);
    if (c->spool < 0 || pipe2(c->tube, O_CLOEXEC)) return false;
    c->pump = again(c->spool, O_RDWR);
    c->log = again(c->spool, O_RDONLY);
    return c->pump >= 0 && c->log >= 0;
}

bool channel_open(struct channel *c, int fd, const char *directory)
{
    struct stat about;
    *c = (struct channel){.out = fd, .child = -1, .pump = -1, .log = -1, .master = -1, .tube = {-1, -1}, .spool = -1};
    if (!fstat(fd, &about) && S_ISREG(about.st_mode) && open_file(c)) return true;
    if (isatty(fd) && open_pty(c)) return true;
    return open_spool(c, directory);
}

void channel_child_started(struct channel *c)
{
    if (c->child >= 0) close(c->child);
    c->child = -1;
}

void channel_resize(const struct channel *c)
{
    struct winsize size;
    if (c->kind == CHANNEL_PTY && !ioctl(c->out, TIOCGWINSZ, &size)) ioctl(c->master, TIOCSWINSZ, &size);
}

/* ---- pumping --------------------------------------------------------------------------------------------------------------- */

static bool out_ready(struct channel *c)
{
    struct pollfd p = {c->out, POLLOUT, 0};
    if (c->out_gone) return true;
    if (poll(&p, 1, 0) <= 0) return false;
    if (p.revents & (POLLERR | POLLNVAL)) c->out_gone = true;
    return true;
}

/* What stands before the place we reached; where it has changed, the spool was cut. */
static void mark(struct channel *c)
{
    c->mark_at = lseek(c->pump, 0, SEEK_CUR);
    size_t want = c->mark_at < CHANNEL_MARK ? (size_t)c->mark_at : CHANNEL_MARK;
    ssize_t n = pread(c->pump, c->mark, want, c->mark_at - (off_t)want);
    c->mark_length = n > 0 ? (size_t)n : 0;
}

static bool was_cut(const struct channel *c, off_t at, off_t size)
{
    char now[CHANNEL_MARK];
    if (at > size) return true;
    if (at != c->mark_at) return false;
    return pread(c->pump, now, c->mark_length, at - (off_t)c->mark_length) != (ssize_t)c->mark_length || memcmp(now, c->mark, c->mark_length);
}

/* A command that opens /dev/stderr by name with ">" cuts the spool, as it would cut any log: what it writes then stands at the start. */
static off_t unread(struct channel *c)
{
    struct stat about;
    if (fstat(c->pump, &about)) return 0;
    set_room_aside(c, about.st_size);
    off_t at = lseek(c->pump, 0, SEEK_CUR);
    if (was_cut(c, at, about.st_size)) at = lseek(c->pump, 0, SEEK_SET), c->punched = c->reserved = 0;
    return about.st_size - at;
}

/* At most a pipe's guaranteed room at a time: a poll that says "ready" does not promise more, and we must not block. */
static bool pump_spool(struct channel *c)
{
    off_t left = unread(c);
    if (left <= 0 || !out_ready(c)) return false;
    if (c->out_gone) return lseek(c->pump, 0, SEEK_END) >= 0;
    ssize_t moved = sendfile(c->out, c->pump, NULL, left < 4096 ? (size_t)left : 4096);
    if (moved < 0 && errno == EINVAL) { /* a device that takes no sendfile */
        char bytes[4096];
        ssize_t n = read(c->pump, bytes, sizeof bytes);
        moved = n > 0 ? write(c->out, bytes, (size_t)n) : n;
    }
    if (moved > 0) mark(c);
    if (moved < 0 && (errno == EPIPE || errno == EIO || errno == EBADF)) c->out_gone = true;
    return moved > 0 || c->out_gone;
}

/* Nothing is ever held by this process alone: one that is killed between two of these steps leaves every byte to the others. */
static bool fill_spool(struct channel *c)
{
    char bytes[4096];
    ssize_t n = splice(c->master, NULL, c->tube[1], NULL, CHUNK, SPLICE_F_NONBLOCK);
    if (n < 0 && errno == EINVAL && (n = read(c->master, bytes, sizeof bytes)) > 0) n = write(c->tube[1], bytes, (size_t)n);
    ssize_t moved = splice(c->tube[0], NULL, c->spool, NULL, CHUNK, SPLICE_F_NONBLOCK);
    return n > 0 || moved > 0;
}

/* A terminal that was stopped (^S) stops the command, as it would without us. */
static bool has_room(const struct channel *c) { return lseek(c->spool, 0, SEEK_CUR) - lseek(c->pump, 0, SEEK_CUR) < PTY_AHEAD; }

static bool pump_pty(struct channel *c)
{
    bool filled = has_room(c) && fill_spool(c);
    return pump_spool(c) || filled;
}

bool channel_waits(const struct channel *c)
{
    return c->kind != CHANNEL_FILE && !c->out_gone && lseek(c->pump, 0, SEEK_CUR) < lseek(c->log, 0, SEEK_END);
}

struct pollfd channel_wants(const struct channel *c)
{
    if (channel_waits(c)) return (struct pollfd){c->out, POLLOUT, 0};
    return (struct pollfd){c->master, POLLIN, 0};
}

bool channel_pump(struct channel *c)
{
    if (c->kind == CHANNEL_FILE) return false;
    return c->kind == CHANNEL_PTY ? pump_pty(c) : pump_spool(c);
}

/* ---- giving back ----------------------------------------------------------------------------------------------------------- */

void channel_forget(struct channel *c, off_t done)
{
    if (c->kind == CHANNEL_FILE) return;
    off_t copied = lseek(c->pump, 0, SEEK_CUR);
    done = (done < copied ? done : copied) - PUNCH_LAG;
    if (done - c->punched < PUNCH_STEP) return;
    if (!fallocate(c->pump, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, c->punched, done - c->punched)) c->punched = done;
}

static void close_if(int fd)
{
    if (fd >= 0) close(fd);
}

void channel_close(struct channel *c, bool remove_file)
{
    close_if(c->child), close_if(c->pump), close_if(c->log), close_if(c->master), close_if(c->tube[0]), close_if(c->tube[1]), close_if(c->spool);
    if (remove_file && *c->path) unlink(c->path);
}
