#include "name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Eight bytes a step. */
static unsigned hash_of(const char *name)
{
    size_t n = strlen(name);
    uint64_t h = n * 0x9e3779b97f4a7c15u, part;
    for (; n > 8; n -= 8, name += 8) {
        memcpy(&part, name, 8);
        h = (h ^ part) * 0x9fb21c651e98df25u;
        h ^= h >> 32;
    }
    part = 0;
    memcpy(&part, name, n);
    h = (h ^ part) * 0x9fb21c651e98df25u;
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
