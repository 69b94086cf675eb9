#include "clock.h"

#include <stdlib.h>
#include <string.h>

#define THAWS_MOST 1000 /* as many as a whole sweep may have */

/* A running trial: its next value comes at now. Of two at the same time the one that was entered first is first. */
struct event {
    double now, began;
    unsigned long entered;
    struct track *track;
};

struct clock {
    const struct online *online;
    struct tracks *tracks;
    struct event *running; /* one for each worker, unordered: there are few */
    size_t n_running, next;
    unsigned long entered;
};

static void enter(struct clock *c, struct track *track, double began)
{
    c->running[c->n_running++] = (struct event){began + track->t[track->points], began, c->entered++, track};
}

static void launch(struct clock *c, double now)
{
    if (c->next == c->tracks->n) return;
    struct track *track = &c->tracks->of[c->next++];
    if (c->online->start) c->online->start(c->online->state, track);
    enter(c, track, now);
}

static struct event take_first(struct clock *c)
{
    size_t first = 0;
    for (size_t i = 1; i < c->n_running; i++) {
        const struct event *a = &c->running[i], *b = &c->running[first];
        if (a->now < b->now || (a->now == b->now && a->entered < b->entered)) first = i;
    }
    struct event event = c->running[first];
    c->running[first] = c->running[--c->n_running];
    return event;
}

/* Shows the trial's next value. True: it is over, finished or stopped. */
static bool log_next(struct clock *c, struct track *track)
{
    size_t k = track->points++;
    bool stop = c->online->log(c->online->state, track, k);
    track->run = track->t[k];
    track->finished = track->points == track->trial->n;
    if (!stop && !track->finished) return false;
    if (c->online->end) c->online->end(c->online->state, track, track->finished);
    return true;
}

static void thaw_some(struct clock *c)
{
    for (int i = 0; i < THAWS_MOST && c->online->idle; i++) {
        const char *name = c->online->idle(c->online->state);
        struct track *track = NULL;
        for (size_t k = 0; name && k < c->tracks->n; k++)
            if (!strcmp(c->tracks->of[k].trial->name, name)) track = &c->tracks->of[k];
        if (!track || track->finished) return;
        while (!log_next(c, track)) continue;
    }
}

cf_status clock_run(struct tracks *tracks, unsigned workers, bool thaw, const struct online *online)
{
    struct clock c = {.online = online, .tracks = tracks, .running = calloc(workers, sizeof *c.running)};
    if (!c.running) return CF_ENOMEM;
    for (unsigned i = 0; i < workers; i++) launch(&c, 0);
    while (c.n_running) {
        struct event event = take_first(&c);
        if (log_next(&c, event.track)) launch(&c, event.now);
        else enter(&c, event.track, event.began);
    }
    if (thaw) thaw_some(&c);
    free(c.running);
    return CF_OK;
}
