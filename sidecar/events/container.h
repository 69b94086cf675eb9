/* container: one kind of file of records. Internal to events. */
#ifndef EVENTS_CONTAINER_H
#define EVENTS_CONTAINER_H

#include "format/reader.h"

#include <stdbool.h>

enum container_match { CONTAINER_NO, CONTAINER_MORE, CONTAINER_YES }; /* more: too few bytes to say */

#define CONTAINER_HEAD 64         /* bytes after which every probe has made up its mind */
#define CONTAINER_ROOM (1u << 20) /* bytes of a record that are looked at; longer ones hold pictures and graphs, and are passed over */
#define CONTAINER_NAME_MAX 128

struct sink;
void sink_record(struct sink *sink); /* another record begins */
/* One value of a record; name need not be terminated. */
void sink_value(struct sink *sink, const char *name, size_t length, double x, double value);
/* A number that the run was started with; of most names nothing is kept. */
void sink_setting(struct sink *sink, const char *name, size_t length, double value);
void sink_damaged(struct sink *sink);
const char *sink_source(const struct sink *sink); /* the path that the bytes come from; "" */

struct container_state {
    uint64_t at;               /* bytes taken so far */
    unsigned char *whole;      /* CONTAINER_ROOM bytes, for a record in parts */
    size_t n_whole;
    bool in_parts;
};

struct container {
    struct format_card card;
    enum container_match (*probe)(const unsigned char *head, size_t n, const char *path);
    /* Takes one frame from the front of n bytes. How many bytes it takes; 0: it needs more. More than n: the rest is to be skipped. */
    uint64_t (*take)(struct container_state *state, struct sink *sink, const unsigned char *bytes, size_t n);
    bool text; /* its last line may lack its end */
};

#endif
