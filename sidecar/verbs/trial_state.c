#include "trial_state.h"

#include "judge/judge.h"
#include "stopper/stopper.h"

#include <string.h>

/* A pid alone may be another's by now. */
static bool process_gone(const struct store_trial *t)
{
    unsigned long long start = t->pid > 0 ? stopper_start_of((pid_t)t->pid) : 0;
    return t->pid > 0 && (!start || (t->pid_start && start != (unsigned long long)t->pid_start));
}

const char *trial_state(const struct store_trial *t)
{
    return !strcmp(t->status, "running") && process_gone(t) ? "lost" : t->status;
}

bool trial_converged(const struct store_trial *t) { return !strcmp(t->status, "stopped") && !strcmp(t->reason, verdict_reason_word(REASON_CONVERGED)); }
