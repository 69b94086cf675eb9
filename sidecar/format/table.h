/* table: columns with a header above them (CSV, TSV, blanks, pipes). Internal to format. */
#ifndef FORMAT_TABLE_H
#define FORMAT_TABLE_H

#include "field.h"

#define TABLE_COLUMNS 96

struct table_header {
    char delimiter;  /* ',', '\t', ';', '|', ' ' or TABLE_WIDE; 0: none */
    bool spaced;     /* with wide gaps, or a delimiter that is no blank */
    size_t columns;
    char name[TABLE_COLUMNS][FIELD_NAME_MAX];
};

#define TABLE_WIDE '\v' /* two blanks or more between the cells: names may hold one */

/* Lines without numbers are only kept: what they are is asked when a line with numbers follows, of the last few. */
#define TABLE_HEARD 8
#define TABLE_LINE_MAX 4096

struct table {
    struct table_header now;       /* of the table we are in */
    struct table_header candidate; /* what may turn out to be a header */
    struct table_header wide;      /* the same line, cut at wide gaps */
    unsigned headers;              /* how often the table we are in has changed */
    size_t heard;                  /* lines since the last one with numbers */
    struct { size_t length; char text[TABLE_LINE_MAX]; } line[TABLE_HEARD]; /* the last of them, in a ring */
    size_t last;                   /* in the ring: the one that was heard last, until the next one is */
};

void table_clear(struct table *table);
/* A line without a number: it may be a header. */
void table_words(struct table *table, const char *text, size_t length);
bool table_is_settled(const struct table *table); /* no line that was heard waits to become a header */
/* Is this line, with numbers, a row of the table (fills fields)? prefix: how much of it the logger wrote. */
bool table_line(struct table *table, const char *text, size_t length, size_t prefix, struct fields *fields);

#endif
