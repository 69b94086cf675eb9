/* parts: what the reader holds, shared by reader.c, which makes something of each line, and known.c, which does it again for lines of the same shape. Internal
 * to format. */
#ifndef FORMAT_PARTS_H
#define FORMAT_PARTS_H

#include "counter.h"
#include "format.h"
#include "name.h"
#include "pattern.h"
#include "prefix.h"
#include "series.h"
#include "shape.h"
#include "table.h"

#define HEADING_MAX 80       /* bytes of a line that may be a heading */
#define HEADING_BESIDE 60    /* of one that has numbers, too */
#define RULE_MARKS 3         /* on each side of a number that a rule counts */
#define LOOKED_AT 256        /* lines whose format is looked for; from there on one in so many */
#define LOOK_EVERY 16

#define KNOWN 32       /* shapes of lines that are remembered */
#define KNOWN_FIELDS (SHAPE_NUMBERS / 2)

enum block { BLOCK_NONE, BLOCK_JSON, BLOCK_BOX, BLOCK_KEYS };

/* What was made of one field of a record. */
struct taken {
    unsigned hash;             /* of its name */
    bool value, loss, train_loss, says, rate, by_name;
    bool whole;                /* its number was; of a known line */
    bool odd;                  /* it may be made something else of the next time, by its number alone */
    enum field_context context;
    size_t counter;            /* that it was noted as; SIZE_MAX: none */
};

/* One record, from field `from` to field `to`: which of its fields are counters, and what its names say together. */
struct record {
    size_t from, to;
    unsigned counters, counter_kinds; /* bits: of the counters that stand in it, and of their ranks */
    bool values;
    bool second;                      /* after an evaluation was announced, a loss that had been read before comes again */
    bool evaluation, loss, both;      /* a name says so; it holds losses of both sorts by their names */
    bool seen_loss[2];                /* by name: of training, of an evaluation */
    const struct counter *x;
    unsigned sets;                    /* names that are nothing but a word for data */
    unsigned opening;                 /* of the words before the first value */
    struct taken *field;              /* from .. to - 1; the others hold nothing */
};

/* What was made of a line, for those of its shape. */
struct known {
    struct shape shape;
    size_t n, next;                   /* next: the place of the shape that followed the last time */
    struct { char name[FIELD_NAME_MAX], separator; bool leads; double total; } field[KNOWN_FIELDS]; /* total: where it is no number of the line */
    struct taken taken[KNOWN_FIELDS];
    struct record record;
    struct series *series[KNOWN_FIELDS][3]; /* by the context above; NULL: not asked yet */
    bool trained;                     /* what the reader knew when they were asked for */
    bool row;                         /* of the table that had been found after so many headers */
    unsigned headers;
    enum field_context heading;       /* that the line is, if it is short */
    bool ends;                        /* as part_ends_section says */
    size_t format;                    /* SIZE_MAX: not asked yet, and so the others */
    uint64_t asked, agreed;           /* bits: formats whose probes were asked, and said yes */
};

struct reader {
    observation_fn fn;
    void *context;
    struct lines *lines;
    struct pattern *pattern;
    struct table table;
    struct counters counters;
    struct names names;
    struct fields fields;
    enum block block;
    bool headed;                /* the line before ended with a colon: indented keys may follow */
    char list[FIELD_NAME_MAX];  /* the name of a list whose numbers stand a line each; "": none */
    unsigned listed;            /* how many have come */
    uint64_t words_line;        /* the number of the last line without a number that the table heard */
    struct { double first; unsigned n; uint64_t line; } column; /* lines in a row that are one number each: the first number, how many, the last line */
    struct fields bare;         /* the last line that held nothing but numbers, or a list of them */
    uint64_t bare_line;         /* its number; 0: it has been told */
    char open[FIELD_NAME_MAX];  /* a name at the end of the line before, without its value */
    bool wrapped, continues;    /* that line held values; the number of this one belongs to their record */
    enum field_context section; /* set by a heading line ("EVALUATION") */
    uint64_t section_line;      /* the number of the last such line without a number in it */
    double x;                   /* of the last record; NaN: it had none */
    struct series_set series;
    bool losses, announced;     /* losses were read; they were when that heading came */
    bool evaluated, trained;    /* evaluations have headings; training had one before the first of them */
    char plain[LINES_MAX + 1];  /* a line whose boxes are drawn with other signs than | */
    uint64_t values, by_format[64], scanned;
    struct line whole;          /* the one that is being read, prefix and all */
    struct prefix prefix;       /* of the last line that had one */
    size_t format;
    struct taken taken[FIELDS_MAX];
    struct record record;       /* the last of the line */
    unsigned records;           /* of the line */
    struct known known[KNOWN];
    char first[KNOWN];          /* the byte that lines of the shape begin with; 0: a digit, or a blank */
    size_t n_known, last;
    uint64_t met, missed;       /* lines whose shape was known, and was not */
};

/* ---- reader.c -------------------------------------------------------------------------------------------------------------- */

/* A log rarely changes its mind: after a while a look at some of its lines will do. */
bool part_looks_for_format(const struct reader *reader);
void part_find_format(struct reader *reader);
void part_take_heading(struct reader *reader, enum field_context context);
/* What the record is about by the heading above it. */
enum field_context part_context_above(const struct reader *reader, const struct record *record, uint64_t line);
/* The series of value i of the record, whose name and separator are given; NULL: see series_of. */
struct series *part_series_at(struct reader *reader, const struct record *record, size_t i, const char *name, char separator, enum field_context above, double value);
/* "Epoch 4/20", of a record without values: what was evaluated is over. "0%| | 0/8" is how far it is, "[2, 15, ..., 7]" what was put into it. */
bool part_ends_section(const struct record *record, const char *text);
void part_emit(struct reader *reader, double value, const struct series *series, const struct counter *x, uint64_t line);

/* ---- known.c --------------------------------------------------------------------------------------------------------------- */

/* Reads a line as one of its shape was. False: it has to be looked at. */
bool known_line(struct reader *reader, const struct line *line);
/* What was just made of the line, a row of the table or not, is kept for those of its shape, where nothing but the digits of their numbers can differ. */
void known_remember(struct reader *reader, const struct line *line, bool row);
void known_forget(struct reader *reader);

#endif
