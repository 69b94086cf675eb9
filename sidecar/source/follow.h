/* follow: a log that someone else writes: a file (rotated, truncated, replaced, not there yet), a named pipe, standard input, or a
 * finished file that was compressed (gzip, zstd by content), or a metric in MLflow's database.
 */
#ifndef SOURCE_FOLLOW_H
#define SOURCE_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum follow_event {
    FOLLOW_BYTES,   /* some were read */
    FOLLOW_WAIT,    /* nothing new now; ask again when follow_wait returns */
    FOLLOW_ROTATED, /* the file was replaced or cut: what comes next is a new log of the same name */
    FOLLOW_END,     /* no more will come: standard input or a compressed file ended */
    FOLLOW_FAILED,  /* errno */
};

struct follow;
bool follow_is_file(const char *path); /* it can be read again from its start */
/* path "-": standard input. A path that is not there yet is waited for. NULL: errno (a directory, out of memory). */
struct follow *follow_open(const char *path);
void follow_close(struct follow *follow);
/* errno of what keeps us from opening the log again, once it was replaced; 0: nothing does. */
int follow_trouble(const struct follow *follow);
enum follow_event follow_read(struct follow *follow, char *bytes, size_t size, size_t *n);

/* How far a file was read, and what stood before that place: enough to go on there later, if it still is the same file. */
#define FOLLOW_MARK 64
struct follow_place { off_t offset; size_t mark_length; char mark[FOLLOW_MARK]; };
struct follow_place follow_place(const struct follow *follow); /* offset 0: of what cannot be read again (a pipe, a compressed file) */
bool follow_stands(const struct follow *follow, const struct follow_place *place);
#define FOLLOWS_MOST 512 /* logs that can be waited for at once */
/* Returns at once when something happened to one of the logs, else after ms. */
void follow_wait(struct follow *const *follows, size_t n, int ms);

#endif
