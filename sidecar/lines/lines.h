/* lines: bytes in, whole lines out. Pure: no I/O, no clock.
 *
 * A line ends at \n, \r\n or a lone \r (a bar that redraws itself gives one line a refresh), and where an ANSI escape moves the
 * cursor to another. Other escapes are removed, backspaces applied. A line longer than LINES_MAX is cut there; its rest is skipped
 * and counted, never stored.
 * Any chunking of the same bytes gives the same lines.
 */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdint.h>

#define LINES_MAX 65536 /* bytes of a line that are looked at */

struct line {
    const char *text; /* not terminated by the log; a NUL stands at text[length]. Valid during the call */
    size_t length;
    uint64_t number;  /* 1-based count of \n-lines; the refreshes of a bar share one */
    char end;         /* '\n', '\r', or 0 at the end of input (a half line) */
};

typedef void (*line_fn)(void *context, const struct line *line);

struct lines; /* fixed memory */
struct lines *lines_create(line_fn fn, void *context); /* NULL: out of memory */
void lines_destroy(struct lines *lines);
void lines_feed(struct lines *lines, const char *bytes, size_t length);
void lines_end(struct lines *lines); /* hands over the half line, if any */
uint64_t lines_count(const struct lines *lines);
uint64_t lines_too_long(const struct lines *lines);

#endif
