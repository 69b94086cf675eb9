/* bench_verdict: microseconds a verdict, forecast included, of a trial among 20 finished siblings, at several lengths.
 * Prints "name n microseconds" a line: the median over many looks on one core. */
#include "clock.h"
#include "judge/judge.h"

#include <math.h>
#include <stdio.h>

#define SIBLINGS 20
#define REPEATS 301

static void log_value(struct judge *judge, const char *trial, size_t i, size_t n, double end, unsigned *seed, struct verdict *verdict)
{
    struct judge_value value = {"eval_loss", {METRIC_EVAL_LOSS, GOAL_MIN}, end + pow((double)i / (double)n + 0.01, -0.4) + 0.05 * noise(seed)};
    judge_log(judge, trial, (double)i, &value, 1, verdict);
}

static void bench(size_t n)
{
    static double us[REPEATS];
    struct policy policy = policy_defaults();
    struct judge *judge = judge_create(&policy);
    struct verdict verdict;
    unsigned seed = 1;
    for (int s = 0; s < SIBLINGS; s++) {
        char name[16];
        snprintf(name, sizeof name, "sibling-%d", s);
        judge_start(judge, name, (double)n);
        for (size_t i = 1; i <= n; i++) log_value(judge, name, i, n, 2 + 0.1 * s, &seed, NULL);
        judge_end(judge, name, TRIAL_COMPLETE);
    }
    judge_start(judge, "judged", (double)n);
    for (size_t i = 1; i <= n / 2; i++) log_value(judge, "judged", i, n, 1.5, &seed, NULL); /* better than all: it goes on */
    log_value(judge, "judged", n / 2 + 1, n, 1.5, &seed, &verdict); /* analyses the siblings, once */
    for (size_t i = 0; i < REPEATS; i++) {
        double start = now_us();
        log_value(judge, "judged", n / 2 + 2 + i * n / (4 * REPEATS), n, 1.5, &seed, &verdict);
        us[i] = now_us() - start;
    }
    printf("verdict_20_siblings %zu %.1f\n", n, median(us, REPEATS));
    judge_destroy(judge);
}

int main(void)
{
    bench(1000);
    bench(100000);
    return 0;
}
