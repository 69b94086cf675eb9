/* table: columns with a header above them (CSV, TSV, blanks, pipes). Internal to format. */
#ifndef FORMAT_TABLE_H
#define FORMAT_TABLE_H

#include "field.h"

#define TABLE_COLUMNS 96

struct table_header {
    char delimiter;  /* ',', '\t', ';', '|', ' ' or TABLE_WIDE; 0: none */
    size_t columns;
    char name[TABLE_COLUMNS][FIELD_NAME_MAX];
};

#define TABLE_WIDE '\v' /* two blanks or more between the cells: names may hold one */

struct table {
    struct table_header now;       /* of the table we are in */
    struct table_header candidate; /* what may turn out to be a header */
    struct table_header wide;      /* the same line, cut at wide gaps */
    unsigned rows;                 /* since the header */
};

void table_clear(struct table *table);
/* Is the line a row of the table (fills fields), or may it be a header of one (remembered)? True: a row. */
bool table_line(struct table *table, const char *text, size_t length, struct fields *fields);

#endif
