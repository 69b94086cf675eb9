#include "trial_state.h"

#include "judge/judge.h"
#include "stopper/stopper.h"

#include <string.h>

bool process_alive(int64_t pid, int64_t pid_start)
{
    unsigned long long start = pid > 0 ? stopper_start_of((pid_t)pid) : 0;
    return start && (!pid_start || start == (unsigned long long)pid_start);
}

const char *trial_state(const struct store_trial *t)
{
    return !strcmp(t->status, "running") && t->pid > 0 && !process_alive(t->pid, t->pid_start) ? "lost" : t->status;
}

bool trial_converged(const struct store_trial *t) { return !strcmp(t->status, "stopped") && !strcmp(t->reason, verdict_reason_word(REASON_CONVERGED)); }
