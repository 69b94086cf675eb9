/* channel: one output stream of a wrapped command, on its way to where our own output goes.
 *
 * Nothing of ours may stand between the trainer and its output: every process of ours may be killed at any time.
 *   FILE   our output is a regular file: the command writes into that very file, and we read it through a descriptor of our own.
 *   SPOOL  our output is a pipe or a device: the command appends to a spool file, from which whoever is alive copies on with
 *          sendfile. The place reached is the offset of one open file description that all of our processes share, so
 *          another one goes on at the exact byte. With all of them dead the command still writes, and the whole output is in the file.
 *   PTY    our output is a terminal: the command writes to a pseudo-terminal (output only: input, ^C and the foreground stay those of the
 *          real one). What it writes goes on by splice, through a pipe, into a spool in memory, and from there as above: at every
 *          moment each byte is in a place that all of our processes hold.
 */
#ifndef SOURCE_CHANNEL_H
#define SOURCE_CHANNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHANNEL_MARK 32

enum channel_kind { CHANNEL_FILE, CHANNEL_SPOOL, CHANNEL_PTY };

struct channel {
    enum channel_kind kind;
    int out;        /* where it goes in the end: our own stdout or stderr */
    int child;      /* what the command gets as its descriptor; -1 once it was handed over */
    int pump;       /* read side of the spool, whose offset is shared; FILE: -1 */
    int log;        /* for pread by the forecaster */
    int master;     /* PTY: its master side; else -1 */
    int tube[2];    /* PTY: the pipe from master to spool; else -1 */
    int spool;      /* PTY: write side of the spool, whose offset is shared; else -1 */
    off_t start;    /* where in log this command's output begins */
    bool out_gone;  /* nobody reads our output any more; the command never notices */
    off_t punched;  /* blocks before this offset were given back */
    off_t reserved; /* SPOOL on disk: blocks before this offset are set aside */
    char mark[CHANNEL_MARK]; /* SPOOL: the bytes before mark_at, the place that was reached */
    size_t mark_length;
    off_t mark_at;
    char path[512]; /* of a spool file on disk, "" for one in memory */
};

/* fd: STDOUT_FILENO or STDERR_FILENO. directory: for spool files; NULL, unwritable or nearly full: memory. False: errno. */
bool channel_open(struct channel *channel, int fd, const char *directory);
void channel_child_started(struct channel *channel); /* in the parent: the command has its side now */
/* Copies on what is there, without ever blocking the command. False: nothing moved. */
bool channel_pump(struct channel *channel);
bool channel_waits(const struct channel *channel); /* a spool holds bytes that our output does not take now */
struct pollfd channel_wants(const struct channel *channel); /* what to wait for when nothing moved; fd -1: nothing tells */
void channel_resize(const struct channel *channel); /* the terminal's size to the pseudo-terminal */
/* Gives back the disk blocks before offset done (read by all of us). */
void channel_forget(struct channel *channel, off_t done);
void channel_close(struct channel *channel, bool remove_file);

/* The two are one file, pipe or terminal: the order of what is written to both must hold. */
bool same_output(int a, int b);

#endif
