/* series: a name in one kind of record. "loss" of a step and "loss" of an epoch's summary are two. Internal to format. */
#ifndef FORMAT_SERIES_H
#define FORMAT_SERIES_H

#include "field.h"
#include "metric/metric.h"

#define SERIES_MAX 1024 /* in one log; more are not read */

struct series {
    char name[FIELD_NAME_MAX];
    unsigned signature; /* of its place */
    char shown[FIELD_NAME_MAX + 16];
    struct metric_meaning meaning;
};

struct series_set {
    size_t n;
    unsigned short slot[4096]; /* hash table: index + 1 into series */
    struct series series[SERIES_MAX];
};

/* What tells the record apart that a name stands in. The first five belong to the series; the others only say what it is when it is new. */
struct series_place {
    enum field_context context;
    unsigned counter_kinds; /* which ranks of counters stand in the record */
    char separator;
    unsigned again;         /* how many fields of this name stand before it in the record */
    unsigned opening;       /* of the words that the record begins with */
    bool beside_loss;       /* a name in the record holds the word */
    unsigned sets;          /* how many names in the record are nothing but a word for data: "train", "val" */
    bool second;            /* an evaluation was announced after losses had been read, and this record holds one of them again */
};

void series_clear(struct series_set *set);
bool series_is_named(const struct series_set *set, const char *name);
/* hash: of the name; *new: it was not there before. NULL: there are too many, or it is no name but binary garbage. */
struct series *series_of(struct series_set *set, const char *name, unsigned hash, const struct series_place *place, bool *new);

#endif
