#include "name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t bytes_at(const char *at, size_t n)
{
    uint32_t four[2];
    uint64_t eight;
    if (n >= sizeof eight) {
        memcpy(&eight, at, sizeof eight);
        return eight;
    }
    if (n < sizeof *four) return n ? (uint64_t)(unsigned char)at[0] << 16 | (uint64_t)(unsigned char)at[n / 2] << 8 | (unsigned char)at[n - 1] : 0;
    memcpy(&four[0], at, sizeof *four);
    memcpy(&four[1], at + n - sizeof *four, sizeof *four);
    return (uint64_t)four[1] << 32 | four[0];
}

/* Eight bytes a step; the last eight may overlap those before. Of "" 0. */
static unsigned hash_of(const char *name)
{
    size_t n = strlen(name);
    uint64_t h = n * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i + 8 < n; i += 8) {
        h = (h ^ bytes_at(name + i, 8)) * 0x9fb21c651e98df25u;
        h ^= h >> 32;
    }
    h = (h ^ (n < 8 ? bytes_at(name, n) : bytes_at(name + n - 8, 8))) * 0x9fb21c651e98df25u;
    return (unsigned)(h >> 32);
}

const struct name_facts *name_facts_of(struct names *names, const char *name)
{
    unsigned hash = hash_of(name);
    struct name_facts *f = &names->facts[hash % NAMES_KEPT];
    if (f->hash == hash && !strcmp(f->name, name)) return f; /* that nothing is known of "" is what an empty place says */
    *f = (struct name_facts){.hash = hash, .loss = strcasestr(name, "loss") != NULL, .context = metric_is_evaluation(name) ? CONTEXT_EVAL : metric_is_training(name) ? CONTEXT_TRAIN : CONTEXT_NONE, .meaning = metric_meaning_of(name)};
    f->set = context_of(name, strlen(name)) && !strpbrk(name, " /.");
    f->phrase = strchr(name, ' ') ? context_of(name, strlen(name)) : CONTEXT_NONE;
    snprintf(f->name, sizeof f->name, "%s", name);
    f->counter = counter_word_of(name);
    return f;
}
