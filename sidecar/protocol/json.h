/* json: Jansson met half-way. Python writes NaN and Infinity, which JSON has not; on input they become null, strings are left alone. */
#ifndef PROTOCOL_JSON_H
#define PROTOCOL_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* An object from one line of text. NULL with the fault in error. The caller owns the object. */
json_t *json_read_object(const char *text, size_t length, char *error, size_t error_size);

/* The number under key: a number, a numeric string ("0.5", "nan"), or NaN for null. False: absent or something else. */
bool json_number_at(const json_t *object, const char *key, double *value);
bool json_number_of(const json_t *value, double *out);
const char *json_text_at(const json_t *object, const char *key); /* NULL: absent or no string; borrowed */

json_t *json_real_or_null(double value); /* null where JSON has no number */
/* One line, strict JSON, flushed. Takes object (steals the reference). False: the output is gone. */
bool json_write_line(FILE *out, json_t *object);

#endif
