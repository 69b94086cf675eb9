/* Any bytes, each read a second time with what the first taught: no crash, no leak; and whether the bytes come at once, with lines read as those of
 * their shape were, or three at a time, with each line looked at anew, the same values and the same end. */
#include "format/reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct seen { uint64_t values, hash; };

static void mix(struct seen *s, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) s->hash = (s->hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
}

static void look(void *context, const struct observation *o)
{
    struct seen *s = context;
    int what[2] = {(int)o->kind, (int)o->goal};
    double numbers[2] = {o->x == o->x ? o->x : 0, o->value == o->value ? o->value : 0};
    s->values++;
    mix(s, o->metric, strlen(o->metric)), mix(s, what, sizeof what), mix(s, numbers, sizeof numbers), mix(s, &o->line, sizeof o->line);
}

static struct seen run(const char *bytes, size_t n, size_t step)
{
    char error[160];
    struct seen seen = {0, 14695981039346656037u};
    struct reader *r = reader_create(NULL, look, &seen, error, sizeof error);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i += step) {
            reader_feed(r, bytes + i, n - i < step ? n - i : step);
            if (step < n) reader_forget_shapes(r);
        }
        reader_end(r);
        struct reader_facts facts = reader_facts(r);
        double ends[3] = {facts.total == facts.total ? facts.total : 0, facts.bar_total == facts.bar_total ? facts.bar_total : 0, facts.x == facts.x ? facts.x : 0};
        mix(&seen, facts.format, strlen(facts.format)), mix(&seen, ends, sizeof ends);
        if (!pass) reader_again(r);
    }
    reader_destroy(r);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    struct seen once = run((const char *)data, size, size), bits = run((const char *)data, size, 3);
    if (once.values != bits.values || once.hash != bits.hash) abort();
    return 0;
}
