#include "../check.h"
#include "study/elders.h"

#include <unistd.h>

static char directory[] = "/tmp/foregone-test-XXXXXX";
static char error[STORE_ERROR];

static struct store *study_of(const char *name, int trials)
{
    struct store *s = store_open(directory, name, STORE_CREATE, error);
    for (int k = 0; k < trials; k++) {
        char trial[16];
        snprintf(trial, sizeof trial, "t%d", k);
        int64_t id = store_trial_begin(s, trial, "python t.py --lr 1", "/here", 1, 1, error);
        store_set_horizon(s, id, 50);
        for (int i = 1; i <= 50; i++) store_observe(s, id, "loss", i, 1 + k + 1.0 / i), store_observe(s, id, "eval_loss", i, 1 + k + 1.0 / i);
        store_end(s, id, k % 3 ? "complete" : "stopped", 0);
    }
    store_note_metric(s, "loss", "min");
    return s;
}

TEST(the_newest_of_those_that_finished_are_told)
{
    if (!mkdtemp(directory)) abort();
    struct store *old = study_of("old", 40), *few = study_of("few", 3), *own = study_of("own", 0);
    struct policy policy = policy_defaults();
    struct judge *j = judge_create(&policy);
    CHECK_INT(elders_tell(own, "none", j), 0);
    CHECK_INT(elders_tell(own, "", j), 0);
    CHECK_INT(elders_tell(own, "few", j), 2);
    CHECK_INT(elders_tell(own, "missing,few,old", j), ELDERS_MOST);
    enum metric_goal goal;
    CHECK(!judge_metric(j, &goal)); /* what they logged may never be logged here */
    judge_destroy(j);
    CHECK(elders_are_there(own, "few,old", error) && elders_are_there(own, "none", error));
    CHECK(!elders_are_there(own, "few,missing", error));
    CHECK(strstr(error, "missing") != NULL);
    store_close(old), store_close(few), store_close(own);
}

TEST(the_same_command_directory_and_metric_make_kin_newest_first)
{
    char list[64];
    struct store *own = study_of("own", 0);
    elders_choose(own, "loss", "python3 t.py --lr 2", "/here", list, sizeof list);
    CHECK_STR(list, "few,old");
    elders_choose(own, "", "python3 t.py --lr 2", "/here", list, sizeof list);
    CHECK_STR(list, "few,old");
    elders_choose(own, "accuracy", "python3 t.py --lr 2", "/here", list, sizeof list);
    CHECK_STR(list, "none");
    elders_choose(own, "loss", "python3 t.py --lr 2", "/there", list, sizeof list);
    CHECK_STR(list, "none");
    elders_choose(own, "loss", "python3 u.py --lr 2", "/here", list, sizeof list);
    CHECK_STR(list, "none");
    store_close(own);
}

CHECK_MAIN
