/* bench_forecast: microseconds a push, a forecast, a forecast with six siblings, and adding a run, at several lengths.
 * Prints "name n microseconds" a line: the median over many repetitions on one core. */
#include "clock.h"
#include "curvefit.h"

#include <math.h>
#include <stdio.h>

#define SIBLINGS 6
#define REPEATS 301

static cf_series *curve(size_t n, size_t until, unsigned seed)
{
    cf_series *series = cf_series_create();
    for (size_t i = 1; i <= until; i++) cf_series_push(series, (double)i, 2 + pow((double)i / (double)n + 0.01, -0.4) + 0.05 * noise(&seed));
    return series;
}

static double median_us(cf_forecaster *forecaster, const cf_task *task)
{
    static double us[REPEATS];
    cf_forecast forecast;
    for (int i = 0; i < REPEATS; i++) {
        double start = now_us();
        if (cf_forecast_final(forecaster, task, &forecast)) exit(1);
        us[i] = now_us() - start;
    }
    return median(us, REPEATS);
}

static void bench(cf_forecaster *forecaster, size_t n)
{
    double start = now_us();
    cf_series *half = curve(n, n / 2, 1);
    printf("push %zu %.4f\n", n, (now_us() - start) / (double)(n / 2));
    cf_task task = {.series = half, .horizon = (double)n};
    printf("forecast %zu %.1f\n", n, median_us(forecaster, &task));
    cf_run *runs[SIBLINGS];
    cf_study *study = cf_study_create();
    double add = 0;
    for (unsigned i = 0; i < SIBLINGS; i++) {
        cf_series *whole = curve(n, n, i + 2);
        start = now_us();
        runs[i] = cf_run_create(whole, (double)n, CF_MINIMISE);
        add += (now_us() - start) / SIBLINGS;
        cf_study_add(study, runs[i]);
        cf_series_destroy(whole);
    }
    task.study = study;
    printf("forecast_siblings %zu %.1f\nadd_run %zu %.1f\n", n, median_us(forecaster, &task), n, add);
    start = now_us();
    cf_run *unfinished = cf_run_create(half, (double)n, CF_MINIMISE);
    cf_run_forecast_end(unfinished, forecaster, NULL);
    printf("add_unfinished %zu %.1f\n", n, now_us() - start);
    cf_run_destroy(unfinished);
    cf_study_destroy(study);
    for (unsigned i = 0; i < SIBLINGS; i++) cf_run_destroy(runs[i]);
    cf_series_destroy(half);
}

int main(void)
{
    cf_forecaster *forecaster = cf_forecaster_create();
    if (!forecaster) return 1;
    bench(forecaster, 100);
    bench(forecaster, 1000);
    bench(forecaster, 1000000);
    cf_forecaster_destroy(forecaster);
    return 0;
}
