#include "study_choose.h"

#include "store/store.h"

#include <stdio.h>
#include <string.h>

static void note_study(void *context, const char *study)
{
    struct study_choice *c = context;
    size_t used = strlen(c->list);
    if (!c->n++) snprintf(c->first, sizeof c->first, "%s", study);
    snprintf(c->list + used, sizeof c->list - used, "%s%s", used ? ", " : "", study);
}

const char *study_choose(const struct options *options, const char *verb, struct study_choice *choice)
{
    *choice = (struct study_choice){0};
    if (options->study) return options->study;
    store_each_study(options->store, note_study, choice);
    if (choice->n == 1) return choice->first;
    if (choice->n) fprintf(stderr, "foregone %s: which study? --study NAME, of: %s\n", verb, choice->list);
    else fprintf(stderr, "foregone %s: no study yet. The first begins with: foregone run --study NAME -- COMMAND\n", verb);
    return NULL;
}
