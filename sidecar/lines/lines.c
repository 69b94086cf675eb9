#include "lines.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum escape { PLAIN, ESCAPE, CSI, OSC };

struct lines {
    line_fn fn;
    void *context;
    char text[LINES_MAX + 1];
    size_t n;
    uint64_t number, too_long;
    enum escape escape;
    bool after_return, over;
};

struct lines *lines_create(line_fn fn, void *context)
{
    struct lines *l = malloc(sizeof *l);
    if (!l) return NULL;
    l->fn = fn, l->context = context;
    l->n = 0, l->number = 1, l->too_long = 0;
    l->escape = PLAIN, l->after_return = l->over = false;
    return l;
}

void lines_destroy(struct lines *l) { free(l); }
uint64_t lines_count(const struct lines *l) { return l->number - 1 + (l->n > 0); }
uint64_t lines_too_long(const struct lines *l) { return l->too_long; }

static void hand_over(struct lines *l, char end)
{
    struct line line = {l->text, l->n, l->number, end};
    l->text[l->n] = 0;
    if (l->over) l->too_long++;
    if (l->n) l->fn(l->context, &line);
    l->n = 0;
    l->over = false;
}

/* ESC [ ... letter (colours) and ESC ] ... BEL (titles) vanish; where the cursor leaves the line, what stood there is a line of its own. */
static void in_escape(struct lines *l, unsigned char c)
{
    switch (l->escape) {
    case ESCAPE: l->escape = c == '[' ? CSI : c == ']' ? OSC : PLAIN; break;
    case CSI:
        if (c >= 0x40 && c <= 0x7e) l->escape = PLAIN;
        if (strchr("ABEFHf", c)) hand_over(l, '\r');
        break;
    default: if (c == 7 || c == '\\') l->escape = PLAIN; break;
    }
}

static void special(struct lines *l, unsigned char c)
{
    if (c == 0x1b) l->escape = ESCAPE;
    else if (c == '\b' && l->n) l->n--;
    else if (c == '\t' && l->n < LINES_MAX) l->text[l->n++] = '\t';
}

/* A \r is held back until the next byte shows whether it ends a line by itself or with \n. */
static void end_of_line(struct lines *l, unsigned char c)
{
    l->escape = PLAIN;
    if (c == '\r') {
        if (l->after_return) hand_over(l, '\r');
        l->after_return = true;
        return;
    }
    hand_over(l, '\n');
    l->after_return = false;
    l->number++;
}

static void take(struct lines *l, unsigned char c)
{
    if (l->after_return) hand_over(l, '\r'), l->after_return = false;
    if (l->escape != PLAIN) in_escape(l, c);
    else if (c < 0x20) special(l, c);
    else if (l->n < LINES_MAX) l->text[l->n++] = (char)c;
    else l->over = true;
}

/* How many bytes from at on are no control characters: printable ASCII and UTF-8. Eight at a time, of which the first that is one shows itself. */
static size_t plain_length(const unsigned char *at, size_t length)
{
    size_t i = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    static const uint64_t high = 0x8080808080808080u, controls = 0x2020202020202020u;
    for (uint64_t word; i + sizeof word <= length; i += sizeof word) {
        memcpy(&word, at + i, sizeof word);
        uint64_t found = (word - controls) & ~word & high;
        if (found) return i + (size_t)__builtin_ctzll(found) / 8;
    }
#endif
    while (i < length && at[i] >= 0x20) i++;
    return i;
}

/* Bytes that need no thought, in one copy. */
static size_t plain_run(const struct lines *l, const unsigned char *bytes, size_t length)
{
    size_t room = LINES_MAX - l->n;
    if (l->escape != PLAIN || l->after_return) return 0;
    return plain_length(bytes, length < room ? length : room);
}

void lines_feed(struct lines *l, const char *bytes, size_t length)
{
    const unsigned char *b = (const unsigned char *)bytes;
    for (size_t i = 0; i < length;) {
        size_t run = plain_run(l, b + i, length - i);
        memcpy(l->text + l->n, b + i, run);
        l->n += run;
        i += run;
        if (i == length) break;
        if (b[i] == '\n' || b[i] == '\r') end_of_line(l, b[i]);
        else take(l, b[i]);
        i++;
    }
}

void lines_end(struct lines *l)
{
    if (l->n) hand_over(l, l->after_return ? '\r' : 0);
    l->after_return = false;
}
