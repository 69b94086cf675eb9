/* log_input: a log from its start to its end: a file (compressed or not), standard input, or the newest run of a directory. */
#ifndef LOG_INPUT_H
#define LOG_INPUT_H

#include "events/recording.h"

struct log_input {
    observation_fn fn;                                            /* for every value */
    void (*bytes)(void *context, const char *bytes, size_t length); /* for the bytes as they are read; NULL: nobody wants them */
    void *context;
};

/* What can be read twice is, the first time only to learn which counter is x: nothing is called then. path "-": standard input.
 * False with a message in error: it cannot be read, there is no run in the directory, or a wrong regex. */
bool log_input_read(const char *path, const struct reader_options *how, const struct log_input *to, struct recording_facts *facts, char error[320]);

#endif
