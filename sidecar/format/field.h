/* field: the named numbers of a line. Internal to format.
 *
 * A name is what stands left of a number: a key of a dict ("loss": 0.3), a word before = or : (loss=0.3), or a phrase (train loss
 * 0.3). Keys of nested objects are joined with '/'. Numbers with a word behind them only (0.31 avg,) take that word.
 */
#ifndef FORMAT_FIELD_H
#define FORMAT_FIELD_H

#include "token.h"

#define FIELDS_MAX 160
#define FIELD_NAME_MAX 96

enum field_context { CONTEXT_NONE, CONTEXT_TRAIN, CONTEXT_EVAL };

struct field {
    char name[FIELD_NAME_MAX]; /* "" for a number without a name */
    double value;
    double total;   /* of "3/10"; NaN: none */
    char separator; /* '=', ':', ' ', '[', '|', '>' (name behind), 0 without a name */
    enum field_context context; /* of the last word before it that is no part of a name: "[valid] loss=0.3" */
    bool leads;     /* nothing but an opening bracket stands before it in the message */
    bool begins;    /* it is the first behind a bar: "3/10 [00:01, loss=0.5]epoch 1: loss 0.4" */
    size_t from;    /* offset in the line of its name, where that stands before it, or of the number */
    size_t at, total_at; /* offsets of its numbers; SIZE_MAX: no number of the line is its total */
};

struct fields {
    size_t n;
    void (*record)(void *owner); /* what has been found so far is a record of its own: more are on this line (a JSON array) */
    void *owner;
    enum field_context context; /* as the line says: "valid", mode: "val", Test ... */
    struct field field[FIELDS_MAX];
    char open[FIELD_NAME_MAX]; /* the name that the line ends with, "val_loss:", whose value may begin the next line; "" */
};

void fields_clear(struct fields *fields);
/* Appends the fields of one line. */
void fields_scan(struct fields *fields, const char *text, size_t length);
void fields_add(struct fields *fields, const char *name, size_t name_length, double value, double total, char separator, size_t from);
/* The last evaluation or training word of a text. */
enum field_context context_of(const char *text, size_t length);

#endif
