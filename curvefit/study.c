/* study: the siblings that may sharpen a forecast */
#include "siblings.h"

#include <stdlib.h>

struct cf_study {
    const cf_run **runs;
    size_t n, room;
};

cf_study *cf_study_create(void) { return calloc(1, sizeof(cf_study)); }

void cf_study_destroy(cf_study *study)
{
    if (study) free(study->runs);
    free(study);
}

void cf_study_clear(cf_study *study) { study->n = 0; }
size_t cf_study_count(const cf_study *study) { return study->n; }

const cf_run *cf__study_run(const cf_study *study, size_t i) { return study->runs[i]; }

cf_status cf_study_add(cf_study *study, const cf_run *run)
{
    if (!study || !run) return CF_EINVAL;
    if (study->n == study->room) {
        size_t room = study->room ? 2 * study->room : 16;
        const cf_run **runs = realloc(study->runs, room * sizeof *runs);
        if (!runs) return CF_ENOMEM;
        study->runs = runs;
        study->room = room;
    }
    study->runs[study->n++] = run;
    return CF_OK;
}
