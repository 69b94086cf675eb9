/* prefix: what a logger writes before the message: dates, levels, ranks, hosts, source files. Internal to format. */
#ifndef FORMAT_PREFIX_H
#define FORMAT_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#define PREFIX_KEPT 128

/* The last prefix that was found: most lines begin with the same one but for its digits, and nothing in it hangs on which digits they are.
 * All zero: none. */
struct prefix {
    size_t length;
    char text[PREFIX_KEPT];
    int items;              /* that it holds; 1 in maybe: the last is a module's name */
    unsigned maybe;
    bool syslog;            /* the name of a day or month is among them */
};

/* How many bytes of the line it takes; 0: there is none. No number in it is a value, and no word in it says what is measured. */
size_t prefix_length(struct prefix *last, const char *text, size_t length);

#endif
