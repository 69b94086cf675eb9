/* The median rule (Golovin et al. 2017, Vizier): best so far against the median of the running means of finished trials. */
#include "clock.h"
#include "policies.h"

#include <math.h>
#include <stdlib.h>

#define FEWEST 3      /* finished trials before it stops any */
#define WORST 1e300   /* a mean with a value that was not finite */

struct median_rule {
    double grace;
    const struct track **finished;
    double *means; /* scratch */
    size_t n;
};

static double mean_until(const struct track *track, double progress)
{
    size_t seen = track_seen(track, progress);
    double sum = 0;
    if (!seen) seen = 1;
    for (size_t k = 0; k < seen; k++) sum += track->v[k];
    return fmin(sum / (double)seen, WORST);
}

static bool worse_than_median(void *state, const struct track *track, size_t k)
{
    struct median_rule *m = state;
    if (track->t[k] < m->grace || m->n < FEWEST) return false;
    double best = INFINITY;
    for (size_t i = 0; i <= k; i++) best = fmin(best, track->v[i]);
    for (size_t i = 0; i < m->n; i++) m->means[i] = mean_until(m->finished[i], track->t[k]);
    return best > median_of(m->means, m->n);
}

static void remember(void *state, const struct track *track, bool finished)
{
    struct median_rule *m = state;
    if (finished) m->finished[m->n++] = track;
}

cf_status run_median(const struct run_request *r)
{
    struct median_rule m = {r->settings[0], calloc(r->tracks->n, sizeof *m.finished), calloc(r->tracks->n, sizeof *m.means), 0};
    cf_status status = CF_ENOMEM;
    if (m.finished && m.means)
        status = clock_run(r->tracks, r->sweep->workers, false, &(struct online){.state = &m, .log = worse_than_median, .end = remember});
    free(m.finished);
    free(m.means);
    return status;
}
