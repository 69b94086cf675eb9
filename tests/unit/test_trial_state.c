#include "../check.h"
#include "stopper/stopper.h"
#include "study/trial_state.h"

#include <sys/wait.h>
#include <unistd.h>

static struct store_trial of(const char *status, pid_t pid, unsigned long long start)
{
    return (struct store_trial){.status = status, .pid = pid, .pid_start = (int64_t)start};
}

TEST(a_trial_runs_as_long_as_its_process)
{
    int hold[2];
    if (pipe(hold)) abort();
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(hold[1]);
        _exit(read(hold[0], &byte, 1) < 0);
    }
    struct store_trial t = of("running", child, stopper_start_of(child)), recycled = of("running", child, stopper_start_of(child) + 1);
    CHECK(t.pid_start > 0);
    CHECK_STR(trial_state(&t), "running");
    CHECK_STR(trial_state(&recycled), "lost");
    close(hold[1]);
    waitpid(child, NULL, 0);
    CHECK_STR(trial_state(&t), "lost");
}

TEST(what_has_ended_stays_what_it_is)
{
    struct store_trial done = of("complete", 1, 1), followed = of("running", 0, 0);
    CHECK_STR(trial_state(&done), "complete");
    CHECK_STR(trial_state(&followed), "running"); /* a log of others: nobody knows its process */
}

CHECK_MAIN
