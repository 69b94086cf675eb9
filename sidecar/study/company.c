#include "company.h"

#include "elders.h"
#include "options/settings.h"
#include "recall.h"

#include <stdlib.h>

struct company {
    struct store_settings settings; /* the judge's policy borrows from it */
    struct store *store;
    struct judge *judge;
    struct recalled recalled;
    unsigned members, elders;
};

struct company *company_create(const struct options *options, const char *study, const struct store_settings *settings)
{
    char error[STORE_ERROR] = "";
    struct company *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->settings = *settings, c->members = 1;
    struct policy policy = options_policy(options);
    settings_to_policy(&c->settings, &policy);
    c->store = store_open(options->store, study, STORE_EXISTING, error);
    c->judge = c->store ? judge_create(&policy) : NULL;
    if (!c->judge) {
        company_leave(c);
        return NULL;
    }
    c->elders = elders_tell(c->store, c->settings.learn_from, c->judge);
    company_refresh(c);
    return c;
}

struct company *company_join(struct company *c, const struct store_settings *settings)
{
    if (!c || !store_same_settings(&c->settings, settings)) return NULL;
    c->members++;
    return c;
}

void company_leave(struct company *c)
{
    if (!c || --c->members) return;
    judge_destroy(c->judge);
    store_close(c->store);
    free(c);
}

struct judge *company_judge(struct company *c) { return c->judge; }
unsigned company_elders(const struct company *c) { return c->elders; }
void company_refresh(struct company *c) { recall_news(c->store, c->judge, &c->recalled, -1, -1); }
