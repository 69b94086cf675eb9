#include "recording.h"

#include "container.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTAINERS(X) X(tensorboard) X(wandb) X(mlflow)

#define X(name) extern const struct container container_##name;
CONTAINERS(X)
#undef X

static const struct container *const containers[] = {
#define X(name) &container_##name,
    CONTAINERS(X)
#undef X
};
#define N_CONTAINERS (sizeof containers / sizeof *containers)

size_t recording_container_count(void) { return N_CONTAINERS; }
struct format_card recording_container(size_t i) { return containers[i]->card; }

#define MEANINGS 256 /* names whose meaning is remembered; one that is crowded out is judged again */

struct sink {
    observation_fn fn;
    void *context;
    char path[4096], prefix[64];
    struct meaning { char name[CONTAINER_NAME_MAX]; struct metric_meaning of; bool epoch; } meanings[MEANINGS];
    uint64_t records, values, damaged;
    double x, epoch, epoch_x;       /* the last ones, and the x at which that epoch was; NaN */
    double plan_steps, plan_epochs; /* as settings state them; NaN */
};

struct recording {
    struct reader *reader;
    struct sink sink;
    bool decided;
    unsigned char head[CONTAINER_HEAD]; /* until it is decided */
    size_t n_head;
    const struct container *container; /* NULL: text */
    struct container_state state;
    unsigned char *bytes; /* a frame that is not yet whole */
    size_t n;
    uint64_t skip;
};

/* ---- values ---------------------------------------------------------------------------------------------------------------- */

static const struct meaning *meaning_of(struct sink *sink, const char *name)
{
    unsigned hash = 2166136261u;
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    size_t i = hash % MEANINGS;
    if (strcmp(sink->meanings[i].name, name)) {
        snprintf(sink->meanings[i].name, sizeof sink->meanings[i].name, "%s", name);
        sink->meanings[i].of = metric_meaning_of(name), sink->meanings[i].epoch = reader_counts_epochs(name);
    }
    return &sink->meanings[i];
}

void sink_value(struct sink *sink, const char *name, size_t length, double x, double value)
{
    char whole[CONTAINER_NAME_MAX];
    snprintf(whole, sizeof whole, "%s%.*s", sink->prefix, (int)(length < CONTAINER_NAME_MAX ? length : CONTAINER_NAME_MAX), name);
    if (!*whole || !metric_name_is_text(whole)) return;
    const struct meaning *meaning = meaning_of(sink, whole);
    struct observation o = {whole, meaning->of.kind, meaning->of.goal, x, isnan(x) ? NULL : "step", value, sink->records};
    sink->values++;
    sink->x = x;
    if (meaning->epoch) sink->epoch = value, sink->epoch_x = x;
    sink->fn(sink->context, &o);
}

/* The longest plan counts, as in a log. */
void sink_setting(struct sink *sink, const char *name, size_t length, double value)
{
    char copy[CONTAINER_NAME_MAX];
    snprintf(copy, sizeof copy, "%.*s", (int)(length < CONTAINER_NAME_MAX ? length : CONTAINER_NAME_MAX), name);
    if (!(value > 0) || !isfinite(value)) return; /* max_steps: -1 */
    switch (reader_plan_of(copy)) {
    case READER_PLANS_STEPS: sink->plan_steps = fmax(sink->plan_steps, value); break;
    case READER_PLANS_EPOCHS: sink->plan_epochs = fmax(sink->plan_epochs, value); break;
    default: break;
    }
}

void sink_record(struct sink *sink) { sink->records++; }
void sink_damaged(struct sink *sink) { sink->damaged++; }
const char *sink_source(const struct sink *sink) { return sink->path; }

/* ---- frames ---------------------------------------------------------------------------------------------------------------- */

/* As many whole frames as there are; what is left begins the next. */
static size_t take_frames(struct recording *r, const unsigned char *bytes, size_t n)
{
    size_t at = 0;
    while (at < n) {
        uint64_t taken = r->container->take(&r->state, &r->sink, bytes + at, n - at);
        if (!taken) break;
        r->state.at += taken;
        if (taken > n - at) r->skip = taken - (n - at), taken = n - at;
        at += (size_t)taken;
    }
    return at;
}

static size_t skip(struct recording *r, size_t length)
{
    size_t n = r->skip < length ? (size_t)r->skip : length;
    r->skip -= n;
    return n;
}

static void feed_container(struct recording *r, const unsigned char *bytes, size_t length)
{
    while (length) {
        size_t n = skip(r, length), room = CONTAINER_ROOM - r->n;
        bytes += n, length -= n;
        n = length < room ? length : room;
        memcpy(r->bytes + r->n, bytes, n);
        r->n += n, bytes += n, length -= n;
        size_t taken = take_frames(r, r->bytes, r->n);
        if (!taken && r->n == CONTAINER_ROOM) taken = r->n; /* no container needs more than there is room for */
        memmove(r->bytes, r->bytes + taken, r->n - taken);
        r->n -= taken;
    }
}

/* ---- which one ------------------------------------------------------------------------------------------------------------- */

static bool make_room(struct recording *r)
{
    if (!r->bytes) r->bytes = malloc(CONTAINER_ROOM);
    if (!r->state.whole) r->state.whole = malloc(CONTAINER_ROOM);
    return r->bytes && r->state.whole;
}

/* Text, unless a container says that it is one. at_end: no more bytes will help. */
static bool decide(struct recording *r, bool at_end)
{
    bool more = false;
    for (size_t i = 0; i < N_CONTAINERS && !r->container; i++) {
        enum container_match match = containers[i]->probe(r->head, r->n_head, r->sink.path);
        more |= match == CONTAINER_MORE;
        if (match == CONTAINER_YES && make_room(r)) r->container = containers[i];
    }
    return r->container || !more || at_end || r->n_head == CONTAINER_HEAD;
}

static void pass_on(struct recording *r, const char *bytes, size_t length)
{
    if (r->container) feed_container(r, (const unsigned char *)bytes, length);
    else reader_feed(r->reader, bytes, length);
}

static void feed_head(struct recording *r, const char **bytes, size_t *length)
{
    size_t n = CONTAINER_HEAD - r->n_head < *length ? CONTAINER_HEAD - r->n_head : *length;
    memcpy(r->head + r->n_head, *bytes, n);
    r->n_head += n, *bytes += n, *length -= n;
    r->decided = decide(r, false);
    if (r->decided) pass_on(r, (const char *)r->head, r->n_head);
}

void recording_feed(struct recording *r, const char *bytes, size_t length)
{
    if (!r->decided && length) feed_head(r, &bytes, &length);
    if (length) pass_on(r, bytes, length);
}

void recording_end(struct recording *r)
{
    if (!r->decided && r->n_head) {
        r->decided = decide(r, true);
        pass_on(r, (const char *)r->head, r->n_head);
    }
    if (!r->container) reader_end(r->reader);
    else if (r->container->text && r->n && r->n < CONTAINER_ROOM) pass_on(r, "\n", 1);
}

/* ---- life ------------------------------------------------------------------------------------------------------------------ */

struct recording *recording_create(const struct reader_options *options, observation_fn fn, void *context, char *error, size_t error_size)
{
    struct recording *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    r->sink.fn = fn, r->sink.context = context, r->sink.x = r->sink.epoch = r->sink.epoch_x = r->sink.plan_steps = r->sink.plan_epochs = NAN;
    r->reader = reader_create(options, fn, context, error, error_size);
    if (r->reader) return r;
    recording_destroy(r);
    return NULL;
}

void recording_destroy(struct recording *r)
{
    if (!r) return;
    reader_destroy(r->reader);
    free(r->bytes);
    free(r->state.whole);
    free(r);
}

void recording_set_source(struct recording *r, const char *path, const char *prefix)
{
    snprintf(r->sink.path, sizeof r->sink.path, "%s", path);
    snprintf(r->sink.prefix, sizeof r->sink.prefix, "%s", prefix);
}

void recording_setting(struct recording *r, const char *name, double value)
{
    sink_setting(&r->sink, name, strlen(name), value);
    reader_setting(r->reader, name, value);
}

static void back_to_head(struct recording *r)
{
    unsigned char *whole = r->state.whole;
    r->state = (struct container_state){.whole = whole};
    r->decided = false, r->container = NULL;
    r->n_head = r->n = 0, r->skip = 0;
}

void recording_rotated(struct recording *r)
{
    recording_end(r);
    if (r->container) back_to_head(r);
}

void recording_again(struct recording *r)
{
    reader_again(r->reader);
    back_to_head(r);
    r->sink.records = r->sink.values = r->sink.damaged = 0;
    r->sink.x = r->sink.epoch = r->sink.epoch_x = NAN;
}

/* The epoch at the last x, which may be further than the last one that was told. */
static double epoch_now(const struct sink *sink) { return sink->epoch_x > 0 ? sink->epoch * (sink->x / sink->epoch_x) : sink->epoch; }

struct recording_facts recording_facts(const struct recording *r)
{
    if (!r->container) return (struct recording_facts){reader_facts(r->reader), 0};
    struct reader_facts facts = {.format = r->container->card.name, .total = r->sink.plan_steps, .total_unit = isnan(r->sink.x) ? NULL : "step", .x = r->sink.x, .bar_done = epoch_now(&r->sink),
                                 .bar_total = r->sink.plan_epochs, .values = r->sink.values, .lines = r->sink.records};
    return (struct recording_facts){facts, r->sink.damaged};
}
