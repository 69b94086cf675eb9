#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const not_in_json[] = {"-Infinity", "Infinity", "-inf", "inf", "NaN", "nan"};

static size_t token_length(const char *text, size_t left)
{
    for (size_t i = 0; i < sizeof not_in_json / sizeof *not_in_json; i++) {
        size_t n = strlen(not_in_json[i]);
        if (left >= n && !memcmp(text, not_in_json[i], n)) return n;
    }
    return 0;
}

static char *without_nan(const char *text, size_t length, size_t *out_length)
{
    char *out = malloc(2 * length + 1), *to = out;
    bool in_string = false;
    for (size_t i = 0; out && i < length;) {
        size_t skip = in_string ? 0 : token_length(text + i, length - i);
        if (skip) {
            memcpy(to, "null", 4);
            to += 4, i += skip;
            continue;
        }
        if (in_string && text[i] == '\\' && i + 1 < length) *to++ = text[i++];
        else if (text[i] == '"') in_string = !in_string;
        *to++ = text[i++];
    }
    *out_length = out ? (size_t)(to - out) : 0;
    return out;
}

json_t *json_read_object(const char *text, size_t length, char *error, size_t error_size)
{
    json_error_t fault;
    json_t *object = json_loadb(text, length, JSON_DECODE_ANY, &fault);
    if (!object) {
        size_t n;
        char *copy = without_nan(text, length, &n);
        object = copy ? json_loadb(copy, n, JSON_DECODE_ANY, &fault) : NULL;
        free(copy);
    }
    if (object && json_is_object(object)) return object;
    snprintf(error, error_size, "%s", object ? "not a JSON object" : fault.text);
    json_decref(object);
    return NULL;
}

bool json_number_of(const json_t *value, double *out)
{
    if (json_is_number(value)) return *out = json_number_value(value), true;
    if (json_is_null(value)) return *out = NAN, true;
    if (!json_is_string(value)) return false;
    char *end;
    const char *text = json_string_value(value);
    *out = strtod(text, &end);
    return end != text && !*end;
}

bool json_number_at(const json_t *object, const char *key, double *value)
{
    const json_t *found = json_object_get(object, key);
    return found && json_number_of(found, value);
}

const char *json_text_at(const json_t *object, const char *key) { return json_string_value(json_object_get(object, key)); }
json_t *json_real_or_null(double value) { return isfinite(value) ? json_real(value) : json_null(); }

bool json_write_line(FILE *out, json_t *object)
{
    bool ok = object && !json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(10)) && fputc('\n', out) != EOF && !fflush(out);
    json_decref(object);
    return ok;
}
