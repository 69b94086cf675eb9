/* table: columns with a header above them (CSV, TSV, blanks, pipes). Internal to format. */
#ifndef FORMAT_TABLE_H
#define FORMAT_TABLE_H

#include "field.h"

#define TABLE_COLUMNS 96

struct table {
    char delimiter;  /* ',', '\t', ';', '|', ' '; 0: no table */
    size_t columns;
    char name[TABLE_COLUMNS][FIELD_NAME_MAX];
    unsigned rows;   /* since the header */
    struct { char delimiter; size_t columns; char name[TABLE_COLUMNS][FIELD_NAME_MAX]; } candidate; /* what may turn out to be a header */
};

void table_clear(struct table *table);
/* Is the line a row of the table (fills fields), or may it be a header of one (remembered)? True: a row. */
bool table_line(struct table *table, const char *text, size_t length, struct fields *fields);

#endif
