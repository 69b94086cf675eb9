/* recording: what a training program recorded, in whatever container: lines of text (the format room), or a file of records of its own
 * (TensorBoard, W&B, MLflow). Recognised by its first bytes. Pure: no I/O, no clock. One row and one file a container.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include "format/reader.h"

struct recording;

/* options NULL: defaults. NULL with a message in error (a wrong regex, out of memory). */
struct recording *recording_create(const struct reader_options *options, observation_fn fn, void *context, char *error, size_t error_size);
void recording_destroy(struct recording *recording);
/* Where it comes from, before its first byte: some files say the name of their metric by their own. prefix: put before the names of all
 * series, "" for none. */
void recording_set_source(struct recording *recording, const char *path, const char *prefix);
/* A setting that stands in a file beside it; see reader_setting. */
void recording_setting(struct recording *recording, const char *name, double value);
void recording_feed(struct recording *recording, const char *bytes, size_t length); /* any chunking */
void recording_end(struct recording *recording);                                    /* flushes what waited for more */
void recording_rotated(struct recording *recording);                                /* another file follows, of the same kind or not */
/* It is about to be fed again from its start; see reader_again. */
void recording_again(struct recording *recording);

struct recording_facts {
    struct reader_facts facts; /* lines: records, of a file of records */
    uint64_t damaged;          /* records that were left out because their checksum or their shape was wrong */
};
struct recording_facts recording_facts(const struct recording *recording);

/* The table of containers, for `foregone formats`. */
size_t recording_container_count(void);
struct format_card recording_container(size_t i);

#endif
