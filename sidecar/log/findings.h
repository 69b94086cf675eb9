/* findings: what was found in a log, as a table for people. */
#ifndef VERBS_FINDINGS_H
#define VERBS_FINDINGS_H

#include "format/reader.h"

struct findings;
struct findings *findings_create(void); /* NULL: out of memory; the others take that, too */
void findings_destroy(struct findings *findings);
void findings_add(struct findings *findings, const struct observation *observation);
/* To standard output: which metric would be forecast, and a row each with a sparkline. Colours and signs as the terminal has them. */
void findings_print(const struct findings *findings, const struct reader_facts *facts, const char *path);
/* To standard error, of a log without metrics: what was looked for, its lines that look most like numbers, the option to use. */
void findings_none(const char *path, uint64_t lines);

#endif
