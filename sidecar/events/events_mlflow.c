/* MLflow metric files (mlruns/EXPERIMENT/RUN/metrics/NAME): "milliseconds value step" a line. The metric's name is the file's, below metrics/. */
#include "container.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *name_in(const char *path)
{
    const char *name = NULL;
    for (const char *at = path; (at = strstr(at, "/metrics/")); at++) name = at + strlen("/metrics/");
    return name && *name ? name : NULL;
}

/* A time in milliseconds has 13 digits until the year 2286. */
static enum container_match probe(const unsigned char *head, size_t n, const char *path)
{
    if (!name_in(path)) return CONTAINER_NO;
    for (size_t i = 0; i < n && i < 13; i++)
        if (head[i] < '0' || head[i] > '9') return CONTAINER_NO;
    return n < 14 ? CONTAINER_MORE : head[13] == ' ' ? CONTAINER_YES : CONTAINER_NO;
}

static void line(struct sink *sink, const char *text)
{
    char *end, *after;
    const char *name = name_in(sink_source(sink));
    strtod(text, &end);
    if (*end != ' ') {
        sink_damaged(sink);
        return;
    }
    double value = strtod(end, &after), step = strtod(after, &end);
    if (after == end || (*end && *end != ' ')) sink_damaged(sink);
    else sink_value(sink, name, strlen(name), step, value);
}

static uint64_t take(struct container_state *state, struct sink *sink, const unsigned char *bytes, size_t n)
{
    char copy[256];
    const unsigned char *newline = memchr(bytes, '\n', n);
    (void)state;
    if (!newline) return n < CONTAINER_ROOM ? 0 : n;
    size_t length = (size_t)(newline - bytes);
    sink_record(sink);
    if (length < sizeof copy) {
        memcpy(copy, bytes, length);
        copy[length] = 0;
        line(sink, copy);
    } else {
        sink_damaged(sink);
    }
    return length + 1;
}

const struct container container_mlflow = {
    .card = {"mlflow", "MLflow metric files, one a metric", "mlruns/0/abc/metrics/loss: 1764000000000 2.31 10"},
    .probe = probe,
    .take = take,
    .text = true,
};
